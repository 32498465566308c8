"""The rules of the house that no linter knows: sizes, names, floors, and what may be written where."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import app

ROOT = Path(__file__).resolve().parent.parent
SOURCES = sorted(path for path in (ROOT / "app").rglob("*.py"))
MOST_LINES = 400
FORBIDDEN_NAMES = {"util", "utils", "helper", "helpers", "manager", "handler", "handlers", "misc", "common"}
TEXT = {".py", ".md", ".toml", ".sh", ".txt", ".json", ".lock", ".cfg", ".yml", ".yaml", ""}


def named(path: Path) -> str:
    """A file as people name it, for a test's id and its message."""
    return path.relative_to(ROOT).as_posix()


def kept_files() -> list[Path]:
    """Every file that the repository keeps or is about to."""
    if not (ROOT / ".git").exists():
        pytest.fail("this is no checkout: the files that are kept can't be told from those that are made")
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def kept_texts() -> list[tuple[Path, str]]:
    return [(path, path.read_text(errors="replace")) for path in kept_files() if path.suffix in TEXT]


def imports(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Each import as the module and the name that is taken from it ("" for the module itself)."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.module or "", alias.name) for alias in node.names)


def top(module: str) -> str:
    return module.partition(".")[0]


# --- Files -------------------------------------------------------------------------------------


def test_no_file_is_long() -> None:
    """A long file hides a second noun; let it out."""
    lengths = {named(path): len(path.read_text().splitlines()) for path in [*SOURCES, *(ROOT / "tests").rglob("*.py")]}
    assert {name: lines for name, lines in lengths.items() if lines > MOST_LINES} == {}


def test_no_file_is_a_drawer() -> None:
    """A name that fits everything says nothing."""
    parts = {named(path): {*path.relative_to(ROOT).with_suffix("").parts} for path in SOURCES}
    words = {name: {word for part in found for word in part.split("_")} for name, found in parts.items()}
    assert {name: found & FORBIDDEN_NAMES for name, found in words.items() if found & FORBIDDEN_NAMES} == {}


@pytest.mark.parametrize("path", SOURCES, ids=named)
def test_a_module_begins_with_one_sentence(path: Path) -> None:
    docstring = ast.get_docstring(ast.parse(path.read_text()))
    assert docstring, "the first line of a module says what it knows"
    first = docstring.splitlines()[0]
    assert first.endswith("."), f"not one sentence on one line: {first!r}"
    assert not re.search(r"\. [A-Z]", first), f"more than one sentence: {first!r}"


# --- Floors ------------------------------------------------------------------------------------


def test_the_import_contracts_hold() -> None:
    """Those of pyproject.toml; `lint-imports` shows a broken one in full."""
    linter = Path(sys.executable).with_name("lint-imports")
    command = [str(linter), "--config", str(ROOT / "pyproject.toml"), "--no-cache"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def test_the_core_stands_on_the_standard_library_and_msgspec() -> None:
    allowed = sys.stdlib_module_names | {"msgspec"}
    in_languages = {"snowballstemmer", "text_to_num", "dateparser"}  # for the tables of languages alone
    strange = {
        (named(path), module)
        for path in (ROOT / "app" / "core").rglob("*.py")
        for module, _ in imports(ast.parse(path.read_text()))
        if top(module) not in allowed | (in_languages if path.parent.name == "languages" else set())
        and not module.startswith("app.core")
    }
    assert strange == set()


def test_what_launches_loads_nothing_that_connects() -> None:
    """The launcher and its download broker stay unfiltered; so what could connect must not even be in their process."""
    connecting = {"socket", "_socket", "ssl", "_ssl", "http.client", "urllib.request", "asyncio", "ctypes", "ftplib"}
    code = "import app.launcher, app.__main__, sys; print(*sys.modules)"
    listed = subprocess.run([sys.executable, "-I", "-c", code], cwd=ROOT, check=True, capture_output=True, text=True)
    loaded = set(listed.stdout.split())
    assert "app.download_broker" in loaded
    assert loaded & connecting == set()
    assert {name for name in loaded if name.startswith("app.")} == {
        "app.launcher",
        "app.download_broker",
        "app.__main__",
        "app.options",
        "app.core",
        "app.core.exit_status",
        "app.core.own_program",
    }


@pytest.mark.parametrize(
    "name",
    ["__main__.py", "launcher.py", "download_broker.py", "options.py", "core/exit_status.py", "core/own_program.py"],
)
def test_the_entry_loads_the_standard_library_alone(name: str) -> None:
    """What picks a head or a worker must be quick and hold nothing; the rest is imported where it is used."""
    tree = ast.parse((ROOT / "app" / name).read_text())
    everywhere = {top(module) for module, _ in imports(tree)}
    assert everywhere <= sys.stdlib_module_names | {"app"}
    at_load = ast.Module([node for node in tree.body if not _is_for_types(node) and not _is_late(node)], [])
    assert {module for module, _ in imports(at_load)} <= sys.stdlib_module_names | {
        "app.core",
        "app.core.own_program",
        "app.download_broker",
        "app.options",
    }


def _is_for_types(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def _is_late(node: ast.stmt) -> bool:
    return isinstance(node, ast.FunctionDef)


def test_the_bridge_is_the_only_crossing_of_threads_in_the_window() -> None:
    crossing = {"threading", "_thread", "concurrent", "queue", "multiprocessing", "asyncio"}
    classes = {"QThread", "QThreadPool", "QRunnable", "QtConcurrent"}
    strange = {
        (named(path), module, name)
        for path in (ROOT / "app" / "ui").rglob("*.py")
        if path.name != "bridge.py"
        for module, name in imports(ast.parse(path.read_text()))
        if top(module) in crossing or name in classes
    }
    assert strange == set()


def test_everything_is_copied_by_one_way() -> None:
    """What is put on the clipboard is marked as not to be kept, and taken back: `app/ui/runtime/clipboard.py`."""
    others = [path for path in (ROOT / "app" / "ui").rglob("*.py") if path.name != "clipboard.py"]
    assert [named(path) for path in others if ".clipboard()" in path.read_text()] == []


# --- What is written ---------------------------------------------------------------------------


def test_the_lock_names_no_host_and_every_hash() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    assert re.findall(r"\w+://|--(?:extra-)?index-url|--find-links|--trusted-host", lock) == []
    entries = re.findall(r"(?m)^([a-z0-9][\w.-]*)==(\S+)((?:.*\\\n)(?:    --hash=.*\n?)+)?", lock)
    assert [name for name, _, hashes in entries if "--hash=sha256:" not in hashes] == []
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = project["project"]["dependencies"] + project["dependency-groups"]["dev"]
    names = {re.split(r"[<>=;\[ ]", requirement)[0].lower().replace("_", "-") for requirement in wanted}
    assert names - {name for name, *_ in entries} == set(), "run `make lock`"


def test_no_kept_file_names_a_registry_or_a_machine() -> None:
    """Paths of somebody's machine and hosts of package indexes are nobody's business."""
    private = re.compile(r"py(?:pi\.org|thonhosted\.org)|(?<![\w.])/(?:root|work|home/\w+|Users/\w+)/|[A-Z]:\\+Users\\")
    found = {(named(path), match.group()) for path, text in kept_texts() for match in private.finditer(text)}
    assert found == set()


def test_what_is_made_is_not_kept() -> None:
    made = re.compile(r"(?:^|/)(?:__pycache__|build|dist|\.venv|\.\w+_cache|uv\.lock$)")
    assert [named(path) for path in kept_files() if made.search(named(path))] == []


def test_links_between_documents_lead_somewhere() -> None:
    broken = {
        (named(path), link)
        for path, text in kept_texts()
        if path.suffix == ".md"
        for link in re.findall(r"\]\((?!\w+:)([^)#\s]+)", text)
        if not (path.parent / link).exists()
    }
    assert broken == set()


def test_the_map_of_the_documents_names_each() -> None:
    index = (ROOT / "docs" / "index.md").read_text()
    documents = [path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*.md")]
    assert [name for name in documents if name != "index.md" and f"({name})" not in index] == []


def test_the_map_answers_with_files_that_are_there() -> None:
    """Twenty questions of the kind «where is …»; a file that moves takes its row along."""
    table = (ROOT / "docs" / "index.md").read_text().partition("| where is … |")[2].partition("\n\n")[0]
    answers = re.findall(r"(?m)^\| .+ \| `([^`]+)` \|$", table)
    assert len(answers) >= 20
    assert [name for name in answers if not (ROOT / name).is_file()] == []


def test_the_tests_mirror_the_rooms() -> None:
    """A room's tests lie under the room's own name; what tests the whole has a floor of its own."""
    floors = [path.name for path in sorted((ROOT / "app").iterdir()) if (path / "__init__.py").exists()]
    rooms = [path.parent for floor in floors for path in sorted((ROOT / "tests" / floor).glob("*/__init__.py"))]
    assert len(rooms) >= 20
    assert [named(room) for room in rooms if not (ROOT / "app" / room.relative_to(ROOT / "tests")).is_dir()] == []


def test_the_changelog_begins_with_this_version() -> None:
    headings = re.findall(r"(?m)^## (.+)$", (ROOT / "CHANGELOG.md").read_text())
    assert headings[0].split()[0] == app.__version__
