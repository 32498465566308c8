"""The walls around each process, each tried from inside a process that has put them up."""

import json
import os
import shutil
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from app.catalog.download import network_log
from app.core.model import Model, ModelKind
from app.core.resources import demo_models
from app.core.sandbox_report import Confinement, Holder
from app.engines import protocol
from app.engines.parent.engines import RemoteLanguage, RemoteSpeech
from app.engines.parent.process import Worker
from app.engines.sandbox import file_rules, landlock
from tests.conftest import demo_model
from tests.running import ROOT, Home

linux = pytest.mark.skipif(sys.platform != "linux", reason="the walls of Linux")
has_landlock = pytest.mark.skipif(not landlock.version(), reason="this kernel has no Landlock")


_TRIED = """
import sys
from pathlib import Path
from app.engines.sandbox import confine
def tried(name, call):
    try:
        call()
    except OSError as error:
        print(name, type(error).__name__)
    else:
        print(name, "done")
"""


def inside(code: str, *arguments: str) -> list[str]:
    """Run code in a process of its own; what it prints. `tried(what)` tells how a call ended."""
    whole = _TRIED + textwrap.dedent(code)
    ended = subprocess.run(
        [sys.executable, "-c", whole, *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr[-2000:]
    return ended.stdout.splitlines()


@linux
@pytest.mark.parametrize("name", ["media", "speech", "language", "embedding", "voices", "documents", "models"])
def test_a_worker_says_that_it_is_shut_in(name: str) -> None:
    worker = Worker(name)
    try:
        standing = worker.call_one(protocol.Probe(), Confinement)
    finally:
        worker.close()
    assert standing.process == name
    assert standing.is_offline
    assert standing.sockets == {"unix": 0, "internet": 0, "other": 0}
    held = {layer.name: layer.holder for layer in standing.layers}
    assert held["network"] is held["programs"] is Holder.KERNEL
    if landlock.version():
        assert held["files"] is Holder.KERNEL
        assert [a.name for a in standing.attempts if not a.is_refused] == []


@has_landlock
def test_a_worker_reaches_the_files_that_it_is_for_and_no_others(tmp_path: Path) -> None:
    mine, other = tmp_path / "model.gguf", tmp_path / "diary.txt"
    mine.write_text("weights")
    other.write_text("a person's words")
    said = inside(
        """
        confine.confine_worker("language", [sys.argv[1]])
        mine, other = map(Path, sys.argv[1:])
        tried("model", mine.read_bytes)
        tried("write model", lambda: mine.write_text("x"))
        tried("diary", other.read_bytes)
        tried("folder", lambda: list(other.parent.iterdir()))
        tried("new", lambda: (other.parent / "new").write_text("x"))
        tried("temporary", lambda: Path("/tmp/tacit-canary").write_text("x"))
        tried("delete", other.unlink)
        tried("passwords", Path("/etc/passwd").read_bytes)
        tried("another process", lambda: Path("/proc/1/status").read_bytes())
        """,
        str(mine), str(other),
    )  # fmt: skip
    assert said[0] == "model done"
    assert [line for line in said[1:] if not line.endswith("PermissionError")] == []
    assert other.read_text() == "a person's words"


@pytest.mark.skipif(landlock.version() < 6, reason="this kernel's Landlock knows no signals")
def test_a_worker_sends_nobody_a_signal() -> None:
    said = inside(
        """
        import os
        tried("before", lambda: os.kill(os.getppid(), 0))
        confine.confine_worker("media")
        tried("after", lambda: os.kill(os.getppid(), 0))
        """
    )
    assert said == ["before done", "after PermissionError"]


@has_landlock
def test_models_that_are_links_are_read(tmp_path: Path) -> None:
    """As other programs keep theirs: a link to a file far away, Hugging Face's folder of links."""
    whisper, blobs = tmp_path / "snapshots" / "0123abcd", tmp_path / "blobs"
    whisper.mkdir(parents=True)
    blobs.mkdir()
    for number, file in enumerate((demo_models() / "speech").iterdir()):
        shutil.copyfile(file, blobs / str(number))
        (whisper / file.name).symlink_to(Path("..", "..", "blobs", str(number)))
    link = tmp_path / "language.gguf"
    link.symlink_to(demo_model(ModelKind.LANGUAGE).path)
    language = RemoteLanguage(Model("linked", ModelKind.LANGUAGE, link, 1), 1, 512)
    speech = RemoteSpeech(Model("linked", ModelKind.SPEECH, whisper, 1), 1)
    try:
        assert language.count(["hello"])[0] > 0
        speech.worker.call_one(protocol.Probe(), Confinement)  # it starts, which loads the model
    finally:
        language.close()
        speech.close()


def test_a_split_model_is_all_its_pieces_and_nothing_beside_them(tmp_path: Path) -> None:
    pieces = [tmp_path / f"big-0000{n}-of-00002.gguf" for n in (1, 2)]
    for path in (*pieces, tmp_path / "other-00002-of-00002.gguf", tmp_path / "big.gguf"):
        path.touch()
    assert file_rules.model_file_paths(pieces[0]) == tuple(map(str, pieces))
    assert file_rules.model_file_paths(tmp_path / "big.gguf") == (str(tmp_path / "big.gguf"),)


@has_landlock
def test_a_head_starts_itself_and_no_other_program_and_moves_files_as_before(tmp_path: Path) -> None:
    said = inside(
        """
        import ctypes, os, subprocess
        confine.confine_front_end("window")
        print("shell ended with", os.waitstatus_to_exitcode(ctypes.CDLL(None).system(b"true")))
        child = os.fork()
        if child == 0:
            try:
                ctypes.CDLL(None).execl(sys.executable.encode(), b"python", b"-c", b"import os; os._exit(7)", None)
            finally:
                os._exit(1)
        print("itself ended with", os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
        folder = Path(sys.argv[1])
        (folder / "a").mkdir(); (folder / "b").mkdir()
        (folder / "a" / "file").write_text("x")
        tried("move", lambda: (folder / "a" / "file").rename(folder / "b" / "file"))
        tried("link", lambda: os.link(folder / "b" / "file", folder / "a" / "link"))
        """,
        str(tmp_path),
    )  # fmt: skip
    assert said[-4:] == ["shell ended with 127", "itself ended with 7", "move done", "link done"]


# By number, as in the kernel's tables; each is called with arguments that make no sense, so that nothing happens.
_CALLS = {
    "x86_64": {"ptrace": 101, "process_vm_readv": 310, "process_vm_writev": 311, "pidfd_getfd": 438, "bpf": 321,
               "setns": 308, "perf_event_open": 298, "userfaultfd": 323, "io_uring_setup": 425, "add_key": 248,
               "request_key": 249, "keyctl": 250},
    "aarch64": {"ptrace": 117, "process_vm_readv": 270, "process_vm_writev": 271, "pidfd_getfd": 438, "bpf": 280,
                "setns": 268, "perf_event_open": 241, "userfaultfd": 282, "io_uring_setup": 425, "add_key": 217,
                "request_key": 218, "keyctl": 219},
}  # fmt: skip
_BY_THE_KERNEL = """
    import ctypes, errno, os
    libc = ctypes.CDLL(None, use_errno=True)
    def answer(name, result):
        print(name, errno.errorcode[ctypes.get_errno()] if result < 0 else "done")
    ways = {"head": lambda: confine.confine_front_end("command line"),
            "worker": lambda: confine.confine_worker("media"),
            "downloader": lambda: confine.confine_download(Path("/nowhere")), "nothing": lambda: None}
    ways[sys.argv[1]]()
    null = os.open("/dev/null", os.O_RDONLY)
    for name, number in CALLS.items():
        answer(name, libc.syscall(number, -1, -1, -1, -1, -1))
    answer("typing", libc.ioctl(null, 0x5412, b"x"))
    answer("typing on a console", libc.ioctl(null, 0x541C, b"x"))
    if os.uname().machine == "x86_64":
        answer("x32", libc.syscall(0x40000000 + 41, 2, 1, 0))
    print("terminal", os.isatty(null))  # other requests go through: it is asked and says no
"""


@linux
@pytest.mark.parametrize("kind", ["head", "worker", "downloader", "nothing"])
def test_the_filter_refuses_what_leads_past_it(kind: str) -> None:
    """Other processes, other namespaces, rings, the key service (which asks for names), typing into a terminal."""
    calls = _CALLS[os.uname().machine]
    *said, terminal = inside(_BY_THE_KERNEL.replace("CALLS", repr(calls)), kind)
    assert terminal == "terminal False"
    open_ = [line for line in said if not line.endswith((" EACCES", " EPERM"))]
    assert open_ == ([] if kind != "nothing" else said)
    assert len(said) >= len(calls) + 2


@pytest.mark.skipif(sys.platform != "linux" or os.uname().machine != "x86_64", reason="a way of x86-64 alone")
def test_a_call_by_the_old_gate_ends_the_process() -> None:
    """The numbers of 32 bits are others: by them a socket is made that the filter would not know."""
    code = """
        import ctypes, mmap
        room = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
        room.write(bytes.fromhex("b814000000cd80c3"))  # getpid by int 0x80
        if sys.argv[1] == "confined":
            confine.confine_front_end("command line")
        ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(room)))()
    """
    whole = _TRIED + textwrap.dedent(code)
    ends = [
        subprocess.run([sys.executable, "-c", whole, how], cwd=ROOT, capture_output=True, check=False).returncode
        for how in ("confined", "free")
    ]
    if ends[1] == -signal.SIGSEGV:
        pytest.skip("this kernel has no such gate")
    assert ends == [-signal.SIGSYS, 0]


@linux
def test_a_head_keeps_no_socket_that_it_was_started_with() -> None:
    """The filter refuses new sockets; one that a parent left open could still connect."""
    import socket

    code = """
    import os
    confine.confine_front_end("command line")
    for number in map(int, sys.argv[1:]):
        tried(number, lambda: os.fstat(number))
    """
    with socket.socket() as internet, socket.socket(socket.AF_UNIX) as local, Path("/dev/null").open() as file:
        numbers = [internet.fileno(), local.fileno(), file.fileno()]
        command = [sys.executable, "-c", f"{_TRIED}{textwrap.dedent(code)}", *map(str, numbers)]
        ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, pass_fds=numbers)
    assert [line.split()[1] for line in ended.stdout.splitlines()] == ["OSError", "done", "done"]


@linux
def test_our_own_code_refuses_on_every_system_what_nothing_of_ours_does() -> None:
    """The audit hook alone, without the kernel's walls."""
    ways = """
        import ctypes, os, pickle, sqlite3, subprocess, urllib.request, http.client, socket
        class Strange:
            def __reduce__(self):
                return (os.getcwd, ())
        stored = pickle.dumps(Strange())
        for name, call in {
            "socket": lambda: socket.socket(socket.AF_INET), "look-up": lambda: socket.getaddrinfo("localhost", 1),
            "url": lambda: urllib.request.urlopen("http://127.0.0.1:9"),
            "http": lambda: http.client.HTTPConnection("127.0.0.1", 9).connect(), "shell": lambda: os.system("true"),
            "child": lambda: subprocess.run(["true"]), "exec": lambda: os.execv("/bin/true", ["true"]),
            "ourselves otherwise": lambda: subprocess.run([sys.executable, "-c", ""]),
            "plain database": lambda: sqlite3.connect(":memory:"), "pickle": lambda: pickle.loads(stored),
        }.items():
            tried(name, call)
    """
    start = "from app.engines.sandbox import python_audit\npython_audit.install_"
    head = inside(f"{start}front_end_hook([[sys.executable, '-I']])\n{textwrap.dedent(ways)}")
    worker = inside(f"{start}worker_hook(('/usr',))\n{textwrap.dedent(ways)}")
    assert len(head) == len(worker) == 10
    assert [line for line in head + worker if not line.endswith(("PermissionError", "URLError"))] == []


@has_landlock
def test_the_downloader_writes_in_one_folder_and_connects_to_its_port(tmp_path: Path) -> None:
    models = tmp_path / "models"
    models.mkdir()
    (tmp_path / "diary.txt").write_text("a person's words")
    said = inside(
        """
        import socket, ctypes
        open_port, other_port = socket.create_server(("127.0.0.1", 0)), socket.create_server(("127.0.0.1", 0))
        numbers = [s.getsockname()[1] for s in (open_port, other_port)]
        folder = Path(sys.argv[1])
        confine.confine_download(folder / "models", ports=[numbers[0]])
        tried("its port", lambda: socket.create_connection(("127.0.0.1", numbers[0])))
        tried("its folder", lambda: (folder / "models" / "part").write_text("x"))
        tried("rename", lambda: (folder / "models" / "part").rename(folder / "models" / "whole"))
        tried("certificates", lambda: list(Path("/etc/ssl").iterdir()))
        tried("host", lambda: socket.getaddrinfo("localhost", 443))
        tried("other port", lambda: socket.create_connection(("127.0.0.1", numbers[1])))
        tried("listen", lambda: socket.create_server(("127.0.0.1", 0)))
        tried("outside", lambda: (folder / "new").write_text("x"))
        tried("diary", (folder / "diary.txt").read_text)
        print("shell", ctypes.CDLL(None).system(b"true") >> 8)
        """,
        str(tmp_path),
    )  # fmt: skip
    assert said[:5] == ["its port done", "its folder done", "rename done", "certificates done", "host done"]
    assert [line for line in said[5:9] if not line.endswith("PermissionError")] == []
    assert said[9:] == ["shell 127"]


@linux
def test_doctor_proves_it_and_writes_a_report(tmp_path: Path) -> None:
    home, report = Home(tmp_path), tmp_path / "proof.html"
    noting = network_log.NetworkLogWriter(home.models, "qwen3-0.6b")
    noting.count("huggingface.co", 3_000_000)
    noting.close("ChecksumMismatch")
    home.run("list")  # makes the vault, which takes the note over
    assert network_log.log_files(home.models) == []
    outcome = home.run("doctor", "--offline", "--json", "--report", str(report))
    assert outcome.status == 0, outcome.err
    shape = outcome.json
    assert shape["ok"] is True
    assert [s["process"] for s in shape["standings"]] == [
        "command line",
        "media",
        "speech",
        "language",
        "embedding",
        "voices",
        "documents",
        "models",
    ]
    assert all(a["is_refused"] for s in shape["standings"] for a in s["attempts"] if a["is_network"])
    to_broker = {"command line": 1 if landlock.version() >= 2 else 0}
    expected = [{"unix": to_broker.get(s["process"], 0), "internet": 0, "other": 0} for s in shape["standings"]]
    assert [s["sockets"] for s in shape["standings"]] == expected
    (in_home,) = [a for s in shape["standings"] for a in s["attempts"] if "home folder" in a["name"]]
    assert in_home["is_refused"] == (landlock.version() >= 2)
    page = report.read_text()
    assert shape["verdict"] in page
    assert (
        "To fetch Qwen3 0.6B (Q8_0): 3.0 MB from huggingface.co. It failed: What arrived is not the file"
    ) in page, "the ledger of the vault that the passphrase file opens"
    assert "http" not in page.replace("http-equiv", "")
    home.passphrase.write_text("not the passphrase\n")
    locked = home.run("doctor", "--offline", "--json")
    (said,) = locked.json["ledger"]
    assert said.startswith("The ledger is in the vault. That passphrase does not open this vault.")
    assert locked.status == 0
    refused = home.run("doctor", "--offline", "--json", "--report", str(tmp_path / "proof.pdf"))
    assert refused.status == 1
    assert json.loads(refused.out)["error"]["kind"] == "AssistantError"
    assert not (tmp_path / "proof.pdf").exists()


_LAUNCHER = """
import ctypes, sys  # ctypes: the launcher loads it in any case, to close itself to tracing
sys.path.insert(0, sys.argv[1])
from app import __main__, download_broker, launcher
endings = [int(number) for number in sys.argv[3:]]
def child(*_):
    code = "import os, sys; answered, asks = map(int, sys.argv[-2:]);"
    code += "os.write(asks, b'{%s: %s}' + bytes([10])); os.read(answered, 99); sys.exit(%d)"
    return [sys.executable, "-c", code % ('"pull"', '"tiny"', endings.pop(0))]
def window(arguments):
    assert (arguments[-1:] == ["--restore"]) == (len(endings) == 2), arguments  # the one after 76
    return child()
launcher.window_command = window
launcher.own_command = child
download_broker.download_command = lambda: [sys.executable, "-c", "print('over')"]
assert (launcher.main([]) if sys.argv[2] == "main" else launcher.run_command([])) == 0
assert endings == []
connecting = {"socket", "_socket", "ssl", "_ssl", "http", "http.client", "urllib.request", "asyncio", "sqlite3"}
print(sorted(connecting & sys.modules.keys()))
if sys.platform == "linux":
    print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))  # PR_GET_DUMPABLE
"""


@pytest.mark.parametrize(("start", "endings"), [("main", ["75", "76", "75", "0"]), ("command", ["0"])])
def test_the_launcher_has_loaded_nothing_that_connects_when_it_ends(start: str, endings: list[str]) -> None:
    """Asked after all that it does: a window and the next one, or a command, each with a download."""
    command = [sys.executable, "-I", "-c", _LAUNCHER, str(ROOT), start, *endings]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert ended.stdout.split() == ["[]", *(["0"] if sys.platform == "linux" else [])], ended.stderr
