"""Files that a person names for results, by the real command line."""

import json
import os
import shlex
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from app.core.resources import demo_call
from tests.running import ROOT, Home
from tests.services.stage import GGUF

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="links, pipes and shells of POSIX")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A vault with one call, and a model of one's own."""
    made = Home(tmp_path_factory.mktemp("outputs"))
    assert made.run("import", str(demo_call()), "--no-summary").status == 0
    (made.models / "mine.gguf").write_bytes(GGUF.read_bytes())
    return made


@pytest.fixture(scope="module")
def call(home: Home) -> str:
    return str(home.run("list", "--json").json[0]["id"])


@pytest.fixture
def place(home: Home, tmp_path: Path) -> Path:
    """A folder of the person's own."""
    return tmp_path


def arguments(what: str, call: str, out: Path) -> list[str]:
    """A command that writes a file, and where to."""
    return {
        "export": ["export", call, "-f", "txt", "-o", str(out)],
        "transcribe": ["transcribe", str(demo_call()), "-o", str(out)],
        "backup": ["backup", str(out)],
        "pack": ["models", "pack", "mine", str(out)],
        "report": ["doctor", "--offline", "--report", str(out)],
    }[what]


WRITERS = ("export", "transcribe", "backup", "pack", "report")


def in_shell(home: Home, line: str) -> subprocess.CompletedProcess[bytes]:
    tacit = shlex.join(home.command("list")[:-1])
    return subprocess.run(
        ["bash", "-c", f'tacit() {{ {tacit} "$@"; }}\n{line}\n'], cwd=ROOT, env=home.environment, capture_output=True,
        check=False, timeout=120, stdin=subprocess.DEVNULL,
    )  # fmt: skip


def test_a_recording_is_never_replaced_by_its_transcript(home: Home, place: Path) -> None:
    recording = place / "rec.opus"
    recording.write_bytes(demo_call().read_bytes())
    (place / "hard.opus").hardlink_to(recording)
    (place / "soft.opus").symlink_to("rec.opus")
    for name in ("rec.opus", "hard.opus", "soft.opus", "./../" + place.name + "/rec.opus"):
        for more in ([], ["--force"]):
            said = home.run_here("transcribe", str(recording), "-o", f"{place}/{name}", *more)
            assert (said.status, said.out) == (1, "")
            assert said.err == "tacit: That file is what the work reads. It was left as it is; name another.\n"
    said = home.run_here("transcribe", str(place / "hard.opus"), "-o", str(recording), "--force", "--json")
    assert said.json["error"]["kind"] == "AssistantError"
    ended = in_shell(home, f"tacit transcribe {recording} >> {recording}")
    assert ended.returncode == 1
    assert recording.read_bytes() == demo_call().read_bytes()


@pytest.mark.parametrize("what", WRITERS)
def test_what_must_stay_is_refused_before_any_work(home: Home, call: str, place: Path, what: str) -> None:
    (place / "folder.txt").mkdir()
    (place / "device.txt").symlink_to("/dev/null")
    (home.folder / "passphrase.txt").read_text()
    forbidden = {
        place / "folder.txt": "That is a folder.",
        place / "device.txt": "That is a device",
        place / "nowhere" / "a.txt": "There is no such folder.",
        home.vault / "a.txt": "belongs to a vault",
        home.vault / "vault.db": "belongs to a vault",
        home.vault / "media" / "a.txt": "belongs to a vault",
        home.models / "mine.gguf": "belongs to a vault",
        home.passphrase: "what the work reads",
        place / ("x" * 252 + ".txt"): "too long",
    }
    for path, title in forbidden.items():
        began = time.monotonic()
        said = home.run_here(*arguments(what, call, path), "--force")
        assert said.status == 1, (path, said)
        assert title in said.err, (path, said)
        assert "demo models" not in said.err, "the work had begun"
        assert time.monotonic() - began < 10
    assert list((place / "folder.txt").iterdir()) == []
    assert home.run_here("list").status == 0
    assert (home.models / "mine.gguf").read_bytes() == GGUF.read_bytes()


@pytest.mark.parametrize("what", WRITERS)
def test_a_file_that_is_there_needs_force(home: Home, call: str, place: Path, what: str) -> None:
    path = place / "there.txt"
    assert home.run(*arguments(what, call, path)).status in ((0, 1) if what == "report" else (0,))
    first = path.read_bytes()
    path.chmod(0o640)
    said = home.run_here(*arguments(what, call, path))
    assert said.status == 1
    assert "There is a file of that name already." in said.err
    assert "--force" in said.err
    assert path.read_bytes() == first
    said = home.run(*arguments(what, call, path), "--force")
    assert said.status in ((0, 1) if what == "report" else (0,)), said.err
    assert path.stat().st_size > 0
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert [one.name for one in place.iterdir()] == ["there.txt"]


def test_a_backup_replaces_nothing_but_a_backup(home: Home, place: Path) -> None:
    (place / "letter.txt").write_text("Dear all")
    said = home.run_here("backup", str(place / "letter.txt"), "--force", "--json")
    assert said.json["error"]["kind"] == "VaultError"
    assert (place / "letter.txt").read_text() == "Dear all"


def test_links_are_followed_and_hard_links_stay(home: Home, call: str, place: Path) -> None:
    (place / "t.txt").write_text("old")
    (place / "link.txt").symlink_to("t.txt")
    (place / "twin.txt").hardlink_to(place / "t.txt")
    assert home.run_here("export", call, "-f", "txt", "-o", str(place / "link.txt")).status == 1
    assert (place / "t.txt").read_text() == "old"
    assert home.run_here("export", call, "-f", "txt", "-o", str(place / "link.txt"), "--force").status == 0
    assert (place / "link.txt").is_symlink()
    assert "payment" in (place / "t.txt").read_text()
    assert (place / "twin.txt").samefile(place / "t.txt")


@pytest.mark.parametrize("out", ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1", "LINK"])
@pytest.mark.parametrize("what", WRITERS)
def test_standard_output_is_written_to(home: Home, call: str, place: Path, out: str, what: str) -> None:
    (place / "LINK").symlink_to("/dev/stdout")
    words = shlex.join(arguments(what, call, Path("OUT"))).replace("OUT", str(place / "LINK") if out == "LINK" else out)
    ended = in_shell(home, f"tacit {words} | cat > {place}/got; exit ${{PIPESTATUS[0]}}")
    assert ended.returncode in ((0, 1) if what == "report" else (0,)), ended.stderr
    got = (place / "got").read_bytes()
    beginnings = {"backup": b"TACIT", "pack": b"PK\x03\x04", "report": b"Tacit: proof"}
    assert got.startswith(beginnings.get(what, b"")) or beginnings[what] in got[:16]
    if what in ("export", "transcribe"):
        assert b"payment" in got
    if what == "backup" and out == "-":
        other = Home(place / "other")
        other.passphrase.write_text(home.passphrase.read_text())
        assert other.run("restore", str(place / "got")).status == 0
    assert Path("/dev/stdout").is_symlink()


def test_pipes_and_descriptors_are_written_to(home: Home, call: str, place: Path) -> None:
    os.mkfifo(place / "pipe")
    line = f"""
        tacit export {call} -f txt -o >(cat > {place}/a; sleep 0.1) && sleep 1
        tacit export {call} -f txt -o /dev/fd/7 7> {place}/b
        cat {place}/pipe > {place}/c & tacit export {call} -f txt -o {place}/pipe; wait
        echo before > {place}/d; tacit export {call} -f txt -o - >> {place}/d
    """
    assert in_shell(home, line).returncode == 0
    texts = [(place / name).read_text() for name in "abcd"]
    assert texts[0] == texts[1] == texts[2]
    assert "payment" in texts[0]
    assert texts[3] == "before\n" + texts[0]
    assert stat.S_ISFIFO((place / "pipe").stat().st_mode)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full disk to write on")
@pytest.mark.parametrize("what", ["export", "transcribe", "backup", "pack"])
def test_a_full_disk_behind_a_descriptor_is_said_in_words(home: Home, call: str, what: str) -> None:
    for out in ("-", "/dev/fd/7"):
        ended = in_shell(home, f"tacit {shlex.join(arguments(what, call, Path(out)))} > /dev/full 7> /dev/full")
        assert ended.returncode == 1, ended
        assert b"disk is full" in ended.stderr
        assert b"Exception" not in ended.stderr


def test_bytes_are_not_written_to_a_terminal(home: Home) -> None:
    import pty

    ours, its = pty.openpty()
    ended = subprocess.run(
        home.command("backup", "-"), cwd=ROOT, env=home.environment, stdin=its, stdout=its, stderr=subprocess.PIPE,
        check=False,
    )  # fmt: skip
    os.close(its)
    os.close(ours)
    assert ended.returncode == 2
    assert b"no text for a terminal" in ended.stderr


def test_a_kill_leaves_nothing_half_written(home: Home, call: str, place: Path) -> None:
    (place / "old.txt").write_text("old")
    for out, more in (("old.txt", ["--force"]), ("new.txt", [])):
        running = home.start("transcribe", str(demo_call()), "-o", str(place / out), *more)
        time.sleep(1.5)
        running.send_signal(signal.SIGKILL)
        running.communicate()
    assert [path.name for path in place.iterdir()] in (["old.txt"], ["new.txt", "old.txt"], ["old.txt", "new.txt"])
    assert home.run("list").status == 0


def test_json_says_where_a_pack_went_and_a_wrong_place_is_json_too(home: Home, place: Path) -> None:
    made = home.run("models", "pack", "mine", str(place / "p.zip"), "--json")
    assert made.json["path"] == str(place / "p.zip")
    again = home.run("models", "pack", "mine", str(place / "p.zip"), "--json")
    assert again.json["error"]["kind"] == "DownloadError"


def test_a_name_of_255_bytes_works(home: Home, call: str, place: Path) -> None:
    for name in ("x" * 251 + ".txt", "字" * 83 + "s.json"):
        assert home.run_here("export", call, "-f", "json", "-o", str(place / name)).status == 0
        assert json.loads((place / name).read_text())["recording"]["id"] == call


@pytest.mark.parametrize("command", [["vault", "repair"], ["demo", "--keep"]])
def test_a_new_vault_is_made_in_no_vault_and_not_among_the_models(home: Home, place: Path, command: list[str]) -> None:
    (place / "away").symlink_to(home.vault)
    before = sorted([*home.vault.rglob("*"), *home.models.rglob("*")])
    for folder in (home.vault / "x", home.vault / "media" / "x", home.models / "x", home.models, place / "away" / "x"):
        said = home.run_here(*command, str(folder))
        assert said.status == 1
        assert "belongs to a vault or to the models" in said.err or "lies in the damaged vault" in said.err
    assert sorted([*home.vault.rglob("*"), *home.models.rglob("*")]) == before
