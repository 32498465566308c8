"""The tree of a package that was made here: what in it could connect and why, its licences, and that all of it runs."""

import json
import os
import re
import subprocess
from fnmatch import fnmatch
from pathlib import Path

import pytest

from app.core.languages.tables import TABLES
from tests.bench.package import MOST_INSTALLED
from tests.packaging.package import ROOT, TREE, differences_since, module, needs_tree, tree_commit
from tests.running import Home

pytestmark = [pytest.mark.long, needs_tree]
INSIDE = TREE / "_internal"

COULD_CONNECT = {
    # File: why it is there. All but the first two are in processes that the kernel refuses every such call.
    "python3*/lib-dynload/_socket.*": "the download worker connects by it; heads hand open files over by it",
    "libcrypto.so.3": "the download worker's TLS; Python's hashes",
    "libuuid.so.1": "Python's module uuid; it would ask a service of this computer for a time",
    "onnxruntime/capi/*": "telemetry, which is off, and other makers' accelerators, of which none is here",
    "ctranslate2.libs/libctranslate2-*": "sharing a model between computers, which nothing asks for",
    "sqlcipher3/_sqlite3.*": "has the whole of OpenSSL inside, for its ciphers",
    "cryptography/hazmat/bindings/_rust.*": "has the whole of OpenSSL inside, for its ciphers",
}
NETWORK_MODULES = {
    # Whole names: who imports them.
    "socket": "the download worker; «Prove it» tries to connect, in order to be refused; jeepney, for the message bus",
    "ssl http http.client http.cookiejar urllib urllib.error urllib.parse urllib.request urllib.response": (
        "the download worker, which reads the system's proxies by urllib.request; others, for urllib.parse"
    ),
    "truststore truststore._api truststore._macos truststore._openssl truststore._ssl_constants truststore._windows": (
        "the download worker"
    ),
    "asyncio asyncio.base_events asyncio.base_futures asyncio.base_subprocess asyncio.base_tasks asyncio.constants "
    "asyncio.coroutines asyncio.events asyncio.exceptions asyncio.format_helpers asyncio.futures asyncio.locks "
    "asyncio.log asyncio.mixins asyncio.proactor_events asyncio.protocols asyncio.queues asyncio.runners "
    "asyncio.selector_events asyncio.sslproto asyncio.staggered asyncio.streams asyncio.subprocess "
    "asyncio.taskgroups asyncio.tasks asyncio.threads asyncio.timeouts asyncio.transports asyncio.trsock "
    "asyncio.unix_events asyncio.windows_events asyncio.windows_utils": "jinja2 and click name it; none runs",
    "webbrowser": "click names it; the hooks refuse it",
    "socketserver": "dateparser names logging.config, which names it; nobody listens for a configuration",
    "jeepney jeepney.auth jeepney.bus jeepney.bus_messages jeepney.fds jeepney.io jeepney.io.blocking "
    "jeepney.io.common jeepney.low_level jeepney.wrappers secretstorage secretstorage.collection secretstorage.defines "
    "secretstorage.dhcrypto secretstorage.exceptions secretstorage.item secretstorage.util": (
        "the system's keychain, by the message bus"
    ),
}
_CONNECTS = re.compile(r"connect|getaddrinfo|gethostbyname\w*|sendto|res_query")


def native_files() -> list[Path]:
    debian = module("debian")
    files = (path for path in TREE.rglob("*") if path.is_file() and not path.is_symlink())
    return [path for path in files if debian.is_elf(path)]


def imported_symbols(path: Path) -> set[str]:
    command = ["readelf", "--dyn-syms", "--wide", str(path)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return {line.split()[7].split("@")[0] for line in said.splitlines() if " UND " in line and len(line.split()) > 7}


def bundled_modules() -> set[str]:
    return set(json.loads((ROOT / "build" / "package" / "sources.json").read_text()))


def test_it_was_made_from_what_lies_here() -> None:
    assert differences_since(tree_commit()) == "", "make the package again: what is tried here is another one"


def test_each_file_that_could_connect_is_known_with_its_reason() -> None:
    found = {
        str(path.relative_to(INSIDE)) for path in native_files()
        if path != TREE / "tacit" and any(map(_CONNECTS.fullmatch, imported_symbols(path)))
    }  # fmt: skip
    unknown = [name for name in found if not any(fnmatch(name, known) for known in COULD_CONNECT)]
    assert not unknown
    gone = [known for known in COULD_CONNECT if not any(fnmatch(name, known) for name in found)]
    assert not gone, "the list names no more than what is there"


def test_each_module_that_could_connect_is_known_with_its_reason() -> None:
    network = re.compile(
        r"(_?socket|_?ssl|http|urllib|asyncio|webbrowser|truststore|jeepney|secretstorage|socketserver|xmlrpc|ftplib|smtplib"
        r"|imaplib|poplib|telnetlib|nntplib|requests|urllib3|httpx2?|httpcore2?|aiohttp|h11|anyio|hf_xet|PySide6\.QtNetwork"
        r"|PySide6\.QtWeb\w*)(\.|$)"
    )
    found = {name for name in bundled_modules() if network.match(name)}
    assert found == {name for names in NETWORK_MODULES for name in names.split()}


def test_of_dateparsers_languages_those_are_inside_that_have_words_for_days() -> None:
    data = "dateparser.data.date_translation_data."
    found = {name.removeprefix(data) for name in bundled_modules() if name.startswith(data)}
    assert found == {code for code, table in TABLES.items() if table.due is not None}


def test_llama_cpp_has_a_library_for_each_generation_that_is_not_refused() -> None:
    names = {path.name for path in (INSIDE / "llama_cpp" / "lib").glob("libggml-cpu-*.so")}
    generations = "sse42 sandybridge ivybridge piledriver haswell icelake alderlake zen4".split()
    assert names == {f"libggml-cpu-{generation}.so" for generation in generations}


def test_it_is_no_larger_than_its_bar() -> None:
    assert module("debian").size_of(TREE) / 1e6 <= MOST_INSTALLED


def test_the_hubs_client_and_qts_network_are_not_inside() -> None:
    sources = json.loads((ROOT / "build" / "package" / "sources.json").read_text())
    assert "packaging/stand_ins" in sources["huggingface_hub"]
    names = {path.name for path in TREE.rglob("*")}
    assert not [name for name in names if re.match(r"libQt6(Network|Qml|Quick|WebEngine)|libx26[45]|libgnutls", name)]


def test_qts_parts_lie_as_files_that_can_be_replaced() -> None:
    assert (INSIDE / "PySide6" / "Qt" / "lib" / "libQt6Core.so.6").is_file()


def test_no_script_of_the_freezer_runs_at_the_start_but_the_one_for_packages() -> None:
    listed = subprocess.run(
        [str(ROOT / "build/package/python/bin/pyi-archive_viewer"), "-l", str(TREE / "tacit")],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert set(re.findall(r"'(pyi_rth_\w+|runtime_hook)'", listed)) == {"pyi_rth_pkgutil", "runtime_hook"}


def test_each_bundled_part_has_its_licence_and_its_text() -> None:
    listed = json.loads((INSIDE / "licences" / "licences.json").read_text())
    names = {part["name"] for part in listed}
    assert names >= {
        "Tacit",
        "Python",
        "Qt",
        "FFmpeg",
        "oneMKL",
        "llama-cpp-python",
        "numpy",
        "pyside6-essentials",
        "OpenSSL",
    }
    for part in listed:
        assert part["licence"], part["name"]
        texts = [(INSIDE / "licences" / text).stat().st_size for text in part["texts"]]
        assert texts, part["name"]
        assert min(texts) > 100, part["name"]
        assert sum(texts) > 500, part["name"]
    bound = [
        part["name"]
        for part in listed
        if re.search(r"(?<!L)GPL", part["licence"]) and "exception" not in part["licence"]
    ]
    assert not bound, "nothing inside is under the GPL, which oneMKL's licence does not go with"


def test_ffmpeg_inside_says_that_it_is_under_the_lgpl_and_writes_nothing() -> None:
    (library,) = INSIDE.rglob("libavcodec.so.*[0-9]")
    ask = (
        "import ctypes, sys; l = ctypes.CDLL(sys.argv[1]); l.avcodec_license.restype = ctypes.c_char_p; "
        "print(l.avcodec_license().decode(), l.avcodec_find_encoder(86018), l.avcodec_find_decoder(86018) != 0)"
    )  # 86018 is AAC
    environment = os.environ | {"LD_LIBRARY_PATH": str(library.parent)}
    command = ["python3", "-c", ask, str(library)]
    said = subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout
    assert said.strip() == "LGPL version 2.1 or later 0 True"


def run(tmp_path: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    home = Home(tmp_path, makes_vaults=False)
    environment = home.environment | {"QT_QPA_PLATFORM": "offscreen", **variables}
    return subprocess.run(
        [str(TREE / "tacit"), *arguments], env=environment, cwd=tmp_path, capture_output=True, text=True, check=False,
        timeout=200,
    )  # fmt: skip


def test_doctor_finds_every_worker_at_work(tmp_path: Path) -> None:
    found = run(tmp_path, "doctor", "--json")
    assert found.returncode == 0, found.stdout + found.stderr
    assert [check["name"] for check in json.loads(found.stdout) if not check["ok"]] == []


def test_it_is_proved_to_be_offline(tmp_path: Path) -> None:
    proof = run(tmp_path, "doctor", "--offline", "--json")
    assert proof.returncode == 0, proof.stdout + proof.stderr
    assert json.loads(proof.stdout)["ok"]


def test_the_demo_runs(tmp_path: Path) -> None:
    shown = run(tmp_path, "demo")
    assert shown.returncode == 0, shown.stdout + shown.stderr
    assert "The payment page is slow." in shown.stdout


def test_each_licence_is_listed_by_the_program_itself(tmp_path: Path) -> None:
    listed = run(tmp_path, "doctor", "--licences")
    for part in json.loads((INSIDE / "licences" / "licences.json").read_text()):
        assert f"{part['name']} {part['version']}".rstrip() + f": {part['licence']}" in listed.stdout.splitlines()
