"""Trying to get out of this process, and counting its sockets: what «Prove it» does inside each one."""

import ctypes
import errno
import os
import socket
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from app.core.sandbox_report import Attempt, Standing
from app.engines.sandbox import confine, seccomp

_RING = 425  # io_uring_setup, on every architecture
_SOCKET = {"x86_64": 41, "aarch64": 198}
_ANSWERS = {errno.EACCES: "permission denied", errno.EPERM: "operation not permitted"}


def standing() -> Standing:
    """This process by its own account: walls, attempts, sockets."""
    is_worker = any(name == "files" for name, *_ in confine.built.layers)
    tried = tuple(attempts(is_worker=is_worker))
    return Standing(confine.built.process, os.getpid(), confine.layers(), tried, sockets(os.getpid()))


def attempts(*, is_worker: bool) -> list[Attempt]:
    """Try each way out; what is opened is closed at once, and nothing is sent anywhere."""
    tried = [
        _tried("a connection from Python", _by_python),
        _tried("a connection from C", _by_c),
        _tried("a look-up of a host name", _by_name),
        _tried("another program", _by_program, is_network=False),
    ]
    if sys.platform == "linux":
        tried += [_tried("a socket straight from the kernel", _by_number), _tried("io_uring", _by_ring)]
    if is_worker:
        tried += [
            _tried("a connection to another program here", _by_unix),
            _tried("reading another file", _by_reading, is_network=False),
            _tried("writing a file", _by_writing, is_network=False),
        ]
    return tried


def _tried(name: str, way: Callable[[], None], *, is_network: bool = True) -> Attempt:
    try:
        way()
    except OSError as error:
        answer = _ANSWERS.get(error.errno or 0)
        if answer is None:
            said = errno.errorcode.get(error.errno or 0, "error")
            return Attempt(name, False, f"not refused ({said})", is_network)
        return Attempt(name, True, answer, is_network)
    return Attempt(name, False, "not refused", is_network)


def _by_python() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as made:
        made.settimeout(1)
        made.connect(("127.0.0.1", 9))


def _by_c() -> None:
    if not seccomp.is_refused():
        return
    raise PermissionError(errno.EACCES, "refused")


def _by_name() -> None:
    socket.getaddrinfo("localhost", 80)


def _by_program() -> None:
    """Past Python's own check where that can be done: by the C library."""
    if os.name != "posix":
        sys.audit("os.system", b"")  # all that would refuse it there
        return
    libc = ctypes.CDLL(None, use_errno=True)
    child = ctypes.c_int()
    arguments = (ctypes.c_char_p * 2)(b"true", None)
    answer = libc.posix_spawn(ctypes.byref(child), b"/usr/bin/true", None, None, arguments, None)
    if answer:
        raise OSError(answer, "refused")
    os.waitpid(child.value, 0)


def _by_number() -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    number = _SOCKET.get(os.uname().machine)
    if number is not None:
        _closed(libc.syscall(number, 10, 2, 0))  # AF_INET6, SOCK_DGRAM


def _by_ring() -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    _closed(libc.syscall(_RING, 4, ctypes.create_string_buffer(120)))


def _by_unix() -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    _closed(libc.socket(1, 1, 0))


def _closed(descriptor: int) -> None:
    if descriptor < 0:
        raise OSError(ctypes.get_errno(), "refused")
    os.close(descriptor)


def _by_reading() -> None:
    """A file that no worker has to read, and that is there on every such system."""
    place = "/etc/passwd" if os.name == "posix" else str(Path(os.environ.get("SYSTEMROOT", "C:\\")) / "win.ini")
    os.close(os.open(place, os.O_RDONLY))


def _by_writing() -> None:
    folder = os.environ.get("TMPDIR") or os.environ.get("TEMP") or ("/tmp" if os.name == "posix" else "C:\\")  # noqa: S108
    descriptor, path = tempfile.mkstemp(prefix="tacit-check-", dir=folder)
    os.close(descriptor)
    Path(path).unlink()


def sockets(pid: int) -> dict[str, int] | None:
    """Open sockets of a process by family: "unix", "internet", "other"; None if the system does not tell.

    Whoever is closed to tracing, as all of ours but the launcher are, can be counted by itself alone.
    """
    if sys.platform != "linux":
        return None
    held: list[str] = []
    try:
        for entry in Path(f"/proc/{pid}/fd").iterdir():
            try:
                target = str(entry.readlink())
            except OSError:
                continue  # the one that this very look had open
            if target.startswith("socket:["):
                held.append(target[8:-1])
    except OSError:
        return None
    found = {"unix": 0, "internet": 0, "other": 0}
    families = _families(pid) if held else {}
    for inode in held:
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
