"""Attempts to break out of this process, and a count of its sockets: what «Prove it» runs in each process."""

import ctypes
import errno
import os
import socket
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from app.core.sandbox_report import Attempt, Confinement
from app.engines.sandbox import confine, probe_calls, seccomp

_IO_URING_SETUP = 425  # io_uring_setup, on every architecture
_SOCKET_CALL = {"x86_64": 41, "aarch64": 198}
_ANSWERS = {
    errno.EACCES: "permission denied", errno.EPERM: "operation not permitted", errno.ENOSYS: "no such call",
}  # fmt: skip


def own_confinement() -> Confinement:
    """The confinement of this process as it sees it: layers, attempts, sockets."""
    is_worker = confine.applied.process not in (*confine.HEADS, "unconfined")
    tried = tuple(try_escapes(is_worker=is_worker))
    return Confinement(confine.applied.process, os.getpid(), confine.layers(), tried, count_sockets(os.getpid()))


def try_escapes(*, is_worker: bool) -> list[Attempt]:
    """Try each way out; whatever opens is closed at once, and nothing is sent anywhere."""
    tried = [
        _attempt("a connection from Python", _connect_from_python),
        _attempt("a connection from C", _connect_from_c),
        _attempt("a look-up of a host name", _look_up_name),
        _attempt("another program", _start_program, is_network=False),
    ]
    if sys.platform == "linux":
        tried += [_attempt("a socket straight from the kernel", _call_socket), _attempt("io_uring", _call_io_uring)]
        calls = probe_calls.IN_EVERY_PROCESS | (probe_calls.IN_WORKERS if is_worker else {})
        tried += [_attempt_calls(name, tries) for name, tries in calls.items()]
    if sys.platform == "linux" and not is_worker:
        tried.append(_attempt("writing a file in your home folder", _write_in_home, is_network=False))
    if is_worker or not confine.applied.has_local_sockets:
        tried.append(_attempt("a connection to another program here", _open_unix_socket))
    if is_worker:
        tried += [
            _attempt("reading another file", _read_file, is_network=False),
            _attempt("writing a file", _write_file, is_network=False),
        ]
    return tried


def _attempt(name: str, way: Callable[[], None], *, is_network: bool = True) -> Attempt:
    try:
        way()
    except OSError as error:
        answer = _ANSWERS.get(error.errno or 0)
        if answer is None:
            said = errno.errorcode.get(error.errno or 0, "error")
            return Attempt(name, False, f"not refused ({said})", is_network)
        return Attempt(name, True, answer, is_network)
    return Attempt(name, False, "not refused", is_network)


def _attempt_calls(name: str, tries: Iterable[probe_calls.Try]) -> Attempt:
    try:
        answer = probe_calls.make(tries)
    except OSError as error:
        return Attempt(name, False, f"{error.filename} is not refused", is_network=False)
    return Attempt(name, True, _ANSWERS[answer], is_network=False)


def _connect_from_python() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as connection:
        connection.settimeout(1)
        connection.connect(("127.0.0.1", 9))


def _connect_from_c() -> None:
    if not seccomp.is_internet_refused():
        return
    raise PermissionError(errno.EACCES, "refused")


def _look_up_name() -> None:
    socket.getaddrinfo("localhost", 80)


def _start_program() -> None:
    """By the C library where possible, which bypasses the check in Python."""
    if os.name != "posix":
        sys.audit("os.system", b"")  # the only check that could refuse it there
        return
    libc = ctypes.CDLL(None, use_errno=True)
    child = ctypes.c_int()
    arguments = (ctypes.c_char_p * 2)(b"true", None)
    answer = libc.posix_spawn(ctypes.byref(child), b"/usr/bin/true", None, None, arguments, None)
    if answer:
        raise OSError(answer, "refused")
    os.waitpid(child.value, 0)


def _call_socket() -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    call = _SOCKET_CALL.get(os.uname().machine)
    if call is not None:
        _close(libc.syscall(call, 10, 2, 0))  # AF_INET6, SOCK_DGRAM


def _call_io_uring() -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    _close(libc.syscall(_IO_URING_SETUP, 4, ctypes.create_string_buffer(120)))


def _open_unix_socket() -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    _close(libc.socket(1, 1, 0))


def _close(descriptor: int) -> None:
    if descriptor < 0:
        raise OSError(ctypes.get_errno(), "refused")
    os.close(descriptor)


def _read_file() -> None:
    """A file that no worker needs, and that exists on every such system."""
    path = "/etc/passwd" if os.name == "posix" else str(Path(os.environ.get("SYSTEMROOT", "C:\\")) / "win.ini")
    os.close(os.open(path, os.O_RDONLY))


def _write_in_home() -> None:
    """Where a shell, a desktop and Python look for what they start; the vault lies in a folder of its own."""
    _make_and_remove(os.path.expanduser("~"))  # noqa: PTH111 - of which Path.home makes an error


def _write_file() -> None:
    _make_and_remove(os.environ.get("TMPDIR") or os.environ.get("TEMP") or ("/tmp" if os.name == "posix" else "C:\\"))  # noqa: S108


def _make_and_remove(folder: str) -> None:
    descriptor, path = tempfile.mkstemp(prefix="tacit-check-", dir=folder)
    os.close(descriptor)
    Path(path).unlink()


def count_sockets(pid: int) -> dict[str, int] | None:
    """Count a process's open sockets by family: "unix", "internet", "other"; None if the system does not say.

    A process that forbids tracing, as all of ours but the launcher do, can only count its own.
    """
    if sys.platform != "linux":
        return None
    inodes: list[str] = []
    try:
        for entry in Path(f"/proc/{pid}/fd").iterdir():
            try:
                target = str(entry.readlink())
            except OSError:
                continue  # the descriptor of this listing itself
            if target.startswith("socket:["):
                inodes.append(target[8:-1])
    except OSError:
        return None
    found = {"unix": 0, "internet": 0, "other": 0}
    families = _families(pid) if inodes else {}
    for inode in inodes:
        found[families.get(inode, "other")] += 1
    return found


def _families(pid: int) -> dict[str, str]:
    found: dict[str, str] = {}
    for table, family, column in (
        ("unix", "unix", 6), ("tcp", "internet", 9), ("tcp6", "internet", 9), ("udp", "internet", 9),
        ("udp6", "internet", 9), ("raw", "internet", 9), ("raw6", "internet", 9), ("icmp", "internet", 9),
    ):  # fmt: skip
        try:
            lines = Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]
        except OSError:
            continue
        found.update({fields[column]: family for line in lines if len(fields := line.split()) > column})
    return found
