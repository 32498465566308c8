"""With nothing to stop it the product opens no socket and makes no file outside; with the filter it can open none."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from app.core.resources import demo_call
from tests.acceptance.test_kills import worker_of
from tests.running import ROOT, Home, joined_call

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="strace and seccomp are Linux's")

_TRACED = (
    "network,open,openat,openat2,creat,mkdir,mkdirat,mknod,mknodat,rename,renameat,renameat2,link,linkat,symlink,"
    "symlinkat,memfd_create"
)
# The named exceptions: bytecode, font caches, devices, semaphores, and the four letters ("blat") by which Python tries
# out the temporary folder. None holds content; a file that lives for a moment only is seen like any other.
_HARMLESS = re.compile(
    r"^(/dev/(null|tty|shm/sem\.[\w-]+|urandom|dri/.*)|/proc/(self|\d+)/.*|.*/fontconfig(/.*)?|"
    r".*/__pycache__(/.*\.pyc[.\d]*)?|.*/temporary/[a-z0-9_]{8})$"
)
_LOG = "(-wal|-shm|-journal)?"
_OF_A_VAULT = re.compile(
    rf"\.|(vault\.(lock|hdr|creating|db{_LOG})|\.vault\.hdr(\.1)?\.[0-9a-f]{{8}}\.new)|"
    rf"media(/[0-9a-z]{{12}}\.(part|sealed))?|"
    rf"backups(/[\dTZ-]{{20}}\.(db|part){_LOG})?|"
    r"states(/[0-9a-z]{12}\.(part|state))?"
)
_FORBIDDEN_NAMES = ("microsoft", "huggingface", "onnxruntime/", "deviceid")


def traced(home: Home, *arguments: str, standard_input: str = "") -> list[str]:
    """Run the product without its walls under strace; its system calls, one a line."""
    strace = shutil.which("strace")
    assert strace, "strace is needed: make test installs it"
    out = home.folder / "strace.txt"
    command = [strace, "-f", "--seccomp-bpf", "-qq", "-y", "-s", "300", "-e", f"trace={_TRACED}", "-o", str(out),
               sys.executable, str(ROOT / "tests" / "acceptance" / "unfiltered.py"), *arguments]  # fmt: skip
    ended = subprocess.run(
        command, cwd=ROOT, env=home.environment, capture_output=True, text=True, timeout=280, check=False,
        input=standard_input,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr[-2000:]
    return out.read_text(errors="replace").splitlines()


def sockets(calls: list[str]) -> list[str]:
    return [c for c in calls if re.search(r"\bsocket(pair)?\(", c)]


def strangers(calls: list[str]) -> list[str]:
    """Sockets of any family but AF_UNIX, and connections that name another."""
    asked = [c for c in sockets(calls) if "AF_UNIX" not in c]
    return asked + [
        c for c in calls if re.search(r"\b(connect|bind|sendto)\(", c) and re.search(r"AF_(?!UNIX|UNSPEC)", c)
    ]


_OPENED = re.compile(r"\b(?:open(?:at2?)?|creat)\((.*)")
_MADE = re.compile(r"\b(?:mkdir|mknod|rename|link|symlink)(?:at2?)?\((.*)")
_PATH = re.compile(r'(?:(?:AT_FDCWD|\d+)<([^>]*)>, )?"([^"]+)"')


def written(calls: list[str]) -> set[str]:
    """The absolute paths that were made or opened for writing, and files that have none."""
    found = set()
    for call in calls:
        if " = -1 " in call:
            continue
        if "memfd_create(" in call:
            found.add(call)
        opened, made = _OPENED.search(call), _MADE.search(call)
        if opened and (re.search(r"O_(WRONLY|RDWR|CREAT)", opened[1]) or "creat(" in call):
            nameless = "(nameless)" if "O_TMPFILE" in call else ""  # a file in the folder that is named
            found.update(str(Path(folder, name, nameless)) for folder, name in _PATH.findall(opened[1])[:1])
        if made:
            found.update(str(Path(folder, name)) for folder, name in _PATH.findall(made[1])[:2])
    return found


def outside(calls: list[str], vault: Path) -> set[str]:
    """What was made or written that is no file of the vault by its name, and no named exception."""
    found = {path for path in written(calls) if not _HARMLESS.match(path)}
    known = {path for path in found if Path(path).is_relative_to(vault)}
    return (found - known) | {path for path in known if not _OF_A_VAULT.fullmatch(str(Path(path).relative_to(vault)))}


def empty_folders(calls: list[str]) -> set[str]:
    """Folders that were made, such as that of the settings, into which nothing was ever put."""
    made = written([call for call in calls if re.search(r"\bmkdir(at)?\(", call)])
    filled = {str(folder) for path in written(calls) - made for folder in Path(path).parents}
    return {path for path in made - filled if Path(path).is_dir()}


def check(calls: list[str], vault: Path, *others: Path) -> None:
    """No stranger was asked, and no file was made but those of the vault and the `others`."""
    assert any("vault.db" in path for path in written(calls)), "the trace sees what it should"
    assert strangers(calls) == []
    assert outside(calls, vault) - {str(path) for path in others} - empty_folders(calls) == set()
    lowered = "\n".join(sorted(written(calls))).lower()
    assert not any(name in lowered for name in _FORBIDDEN_NAMES)


def test_the_demo_opens_no_socket_and_writes_only_its_vault(tmp_path: Path) -> None:
    home = Home(tmp_path)
    calls = traced(home, "demo")
    made = next(Path(path) for path in sorted(written(calls)) if "/tacit-demo-" in path)
    assert made.parent == home.temporary
    check(calls, made)


def test_a_window_session_opens_no_socket_and_writes_only_vault_and_settings(tmp_path: Path) -> None:
    home = Home(tmp_path)
    place = tmp_path / "person"
    calls = traced(home, "--window-session", str(place))
    check(calls, place / "vault", place)


@pytest.mark.parametrize(
    "leak",
    ["open('plain.txt', 'w')", "import tempfile; tempfile.TemporaryFile()", "import os; os.memfd_create('plain')",
     "import os; os.open('plain', os.O_CREAT | os.O_WRONLY, dir_fd=os.open('temporary', os.O_RDONLY))",
     "import os; os.mkdir('vault/plain')"],
)  # fmt: skip
def test_the_trace_would_catch_a_file_of_a_moment(tmp_path: Path, leak: str) -> None:
    home = Home(tmp_path)
    home.vault.mkdir()
    out = tmp_path / "strace.txt"
    subprocess.run(
        ["strace", "-f", "-qq", "-y", "-e", f"trace={_TRACED}", "-o", str(out), sys.executable, "-c", leak],
        check=True, cwd=tmp_path, env=home.environment,
    )  # fmt: skip
    assert outside(out.read_text().splitlines(), home.vault)


def test_chat_search_backup_and_transcribe_open_no_socket_and_write_only_what_they_are_for(tmp_path: Path) -> None:
    home, outcome = Home(tmp_path), tmp_path / "outcome"
    outcome.mkdir()
    backup, text = outcome / "vault.backup", outcome / "call.srt"
    assert home.run("import", str(demo_call()), "--no-summary").status == 0
    check(traced(home, "chat", standard_input="Who will send the test results?\n"), home.vault)
    check(traced(home, "search", "payment"), home.vault)
    copies = [
        home.vault / f"backup.part{log}" for log in ("", "-wal", "-shm", "-journal")
    ]  # encrypted, as the vault is
    check(traced(home, "backup", str(backup)), home.vault, *copies, backup, outcome / "(nameless)")
    transcribing = traced(home, "transcribe", str(demo_call()), "-f", "srt", "-o", str(text))
    assert strangers(transcribing) == []
    assert outside(transcribing, home.vault) == {str(text), str(outcome / "(nameless)")}
    assert sorted(outcome.iterdir()) == [text, backup]


# What asks a name service: Python, the C library under it, and a program that a head may start.
_LOOK_UP = """
import ctypes, subprocess, sys
from app.engines.sandbox import confine, host_names, seccomp
seccomp.harden()
if {is_confined}:
    confine.confine_front_end("window")
try:
    import socket
    socket.getaddrinfo("canary.example.org", 80)
except OSError as error:
    print("python", type(error).__name__)
found = ctypes.c_void_p()
print("c", ctypes.CDLL(None).getaddrinfo(b"canary.example.org", b"80", None, ctypes.byref(found)))
ctypes.CDLL(None).gethostbyname(b"canary.example.org")
try:
    subprocess.run(["getent", "hosts", "canary.example.org"], capture_output=True)
except PermissionError:
    print("child refused")
print("shell", ctypes.CDLL(None).system(b"getent hosts canary.example.org >/dev/null"))
"""


def look_ups(folder: Path, *, is_confined: bool) -> tuple[str, list[str]]:
    """What a head says of looking a name up in each way, and whom it asked."""
    trace = folder / "look_ups.txt"
    command = ["strace", "-f", "-qq", "-e", "trace=connect,sendto,sendmmsg", "-o", str(trace), sys.executable, "-c"]
    code = _LOOK_UP.format(is_confined=is_confined)
    said = subprocess.run([*command, code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return said, [call for call in trace.read_text().splitlines() if re.search(r"\b(connect|send\w+)\(", call)]


def test_names_are_looked_up_at_no_service_in_a_head(tmp_path: Path) -> None:
    """Not over a UNIX socket either (nscd, systemd-resolved, Avahi): the C library asks for them by itself."""
    said, asked = look_ups(tmp_path, is_confined=True)
    assert asked == []
    assert "python PermissionError" in said
    assert "child refused" in said
    _, free = look_ups(tmp_path, is_confined=False)
    assert any("nscd" in call or "sin_port=htons(53)" in call for call in free)  # the trace sees what it should


def test_the_trace_would_catch_a_socket(tmp_path: Path) -> None:
    probe = tmp_path / "probe.txt"
    code = "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM)"
    subprocess.run(
        ["strace", "-f", "-qq", "-e", "trace=network", "-o", str(probe), sys.executable, "-c", code], check=True
    )
    assert strangers(probe.read_text().splitlines())


_ATTEMPT = """
import ctypes, os, subprocess, sys
from app.engines.sandbox import seccomp
assert {call}
libc = ctypes.CDLL(None, use_errno=True)
def by_python():
    import socket
    socket.socket(socket.AF_INET, socket.SOCK_STREAM)
def by_c():
    if libc.socket(2, 1, 0) < 0: raise OSError(ctypes.get_errno(), "refused")
def by_number():
    number = 41 if os.uname().machine == "x86_64" else 198
    if libc.syscall(number, 10, 2, 0) < 0: raise OSError(ctypes.get_errno(), "refused")
def by_child():
    code = "import socket,sys\\ntry: socket.socket(2, 1)\\nexcept PermissionError: sys.exit(7)"
    if subprocess.run([sys.executable, "-c", code]).returncode == 7: raise OSError(13, "refused")
def by_ring():
    if libc.syscall(425, 4, ctypes.create_string_buffer(120)) < 0: raise OSError(ctypes.get_errno(), "refused")
def by_unix():
    if libc.socket(1, 1, 0) < 0: raise OSError(ctypes.get_errno(), "refused")
for attempt in (by_python, by_c, by_number, by_child, by_ring, by_unix):
    try:
        attempt(); print(attempt.__name__, "open")
    except OSError as error:
        print(attempt.__name__, error.errno)
"""


def attempts(call: str) -> dict[str, str]:
    code = _ATTEMPT.format(call=call)
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT).stdout
    return dict(line.split() for line in out.splitlines())


def test_with_the_filter_each_attempt_is_refused_and_without_it_not() -> None:
    with_filter = attempts("seccomp.forbid_network()")
    assert {
        name: with_filter[name] for name in ("by_python", "by_c", "by_number", "by_child", "by_ring")
    } == dict.fromkeys(("by_python", "by_c", "by_number", "by_child", "by_ring"), "13")
    assert with_filter["by_unix"] == "open"
    assert set(attempts("seccomp.allow_only_calls_of('media')").values()) == {"1"}
    without = attempts("True")
    assert without["by_python"] == without["by_c"] == without["by_child"] == "open"


def test_the_workers_and_the_command_line_run_under_the_filter(tmp_path: Path) -> None:
    """Read from outside: Seccomp mode 2 in /proc, for the command line and each worker it starts."""
    home = Home(tmp_path)
    run = home.start("import", str(joined_call(tmp_path / "call.wav", 100)))
    seen: dict[str, str] = {}
    while run.poll() is None:
        for name in ("media", "speech", "language"):
            worker = worker_of(run.pid, name)
            if worker is not None and seen.get(name) != "2":
                seen[name] = _seccomp(worker.pid)
        seen["command line"] = _seccomp(run.pid) or seen.get("command line", "")
    run.communicate()
    assert seen == {"media": "2", "speech": "2", "language": "2", "command line": "2"}


def _seccomp(pid: int) -> str:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return ""
    return status.split("Seccomp:")[1].split()[0]
