"""Dropping this process's rights before it does anything: sockets, core dumps, tracing."""

import ctypes
import errno
import os
import platform
import signal
import struct
import sys
from pathlib import Path

from app.engines.sandbox import filter_program
from app.engines.sandbox.system_calls import AF_INET, AF_UNIX, ARCHITECTURES

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_NO_NEW_PRIVS = 1, 4, 38
_SECCOMP, _SECCOMP_SET_MODE_FILTER, _FLAG_ALL_THREADS = {"x86_64": 317, "aarch64": 277}, 1, 1
_REFUSALS = (errno.EACCES, errno.EPERM)
_NO_CRASH_REPORT = 0x0001 | 0x0002 | 0x8000  # winbase.h: critical errors, general protection faults, missing files
_ARGUMENTS_START = 45  # proc(5): field 48 of /proc/self/stat, counted after the name, which may hold spaces


def quiet_environment() -> dict[str, str]:
    """Variables that switch off the dependencies' telemetry, look-ups and busy waiting.

    onnxruntime reads its switch when it is imported; libgomp reads its spin count when it is
    loaded (without it, two busy programs slow generation down fifteenfold: measured).
    """
    return {
        "ORT_DISABLE_TELEMETRY": "1", "HF_HUB_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HUB_DISABLE_UPDATE_CHECK": "1", "HF_HUB_DISABLE_XET": "1", "TRANSFORMERS_OFFLINE": "1",
        "DO_NOT_TRACK": "1", "GOMP_SPINCOUNT": "1000", "PYTHONNOUSERSITE": "1",
    }  # fmt: skip


def can_forbid_network() -> bool:
    """Whether the operating system can refuse connections of this process."""
    return sys.platform == "linux" and platform.machine() in ARCHITECTURES


def forbid_network() -> bool:
    """Permanently give up the right to create sockets but AF_UNIX, and other namespaces, in all threads and children.

    Display and sound servers need AF_UNIX. Returns whether the system enforces it; only Linux has such a filter.

    Raises:
        OSError: the kernel refused the filter. The process should end then.
    """
    if not can_forbid_network():
        return False
    _install(filter_program.for_front_end(platform.machine()))
    return True


def forbid_local_sockets() -> bool:
    """Permanently give up sockets to programs on this computer too, in all threads and children.

    Returns whether the system enforces it; only Linux has such a filter.

    Raises:
        OSError: the kernel refused the filter. The process should end then.
    """
    if not can_forbid_network():
        return False
    _install(filter_program.without_sockets(platform.machine()))
    return True


def allow_only_calls_of(kind: str) -> bool:
    """Permanently give up every system call but those of this kind of worker (`system_calls.ALLOWED`).

    Returns whether the system enforces it; only Linux has such a filter.

    Raises:
        OSError: the kernel refused the filter. The process should end then.
    """
    if not can_forbid_network():
        return False
    _install(filter_program.for_worker(kind, platform.machine()))
    return True


def _install(program: bytes) -> None:
    buffer = ctypes.create_string_buffer(program, len(program))

    class Filter(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))

    loaded = Filter(len(program) // 8, ctypes.cast(buffer, ctypes.c_void_p))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "no_new_privs was refused")
    call = _SECCOMP[platform.machine()]
    result = libc.syscall(call, _SECCOMP_SET_MODE_FILTER, _FLAG_ALL_THREADS, ctypes.byref(loaded))
    if result:
        raise OSError(ctypes.get_errno() or result, "the filter was refused")


def close_inherited_sockets() -> None:
    """Close sockets that this process inherited, except AF_UNIX: the filter refuses only new ones.

    The three standard streams stay open, whatever they are connected to.
    """
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None, use_errno=True)
    family, size = ctypes.c_int(), ctypes.c_uint32(4)
    for entry in Path("/proc/self/fd").iterdir():
        descriptor = int(entry.name)
        result = libc.getsockopt(descriptor, 1, 39, ctypes.byref(family), ctypes.byref(size))  # SOL_SOCKET, SO_DOMAIN
        if result == 0 and family.value != AF_UNIX and descriptor > 2:
            os.close(descriptor)


def is_internet_refused() -> bool:
    """Whether the system refuses this process an internet connection, by trying one.

    Linux refuses the socket; macOS grants it, but refuses its use. The attempt goes to this computer
    itself, to the discard port.
    """
    if os.name != "posix":
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    descriptor = libc.socket(2, 1, 0)  # AF_INET, SOCK_STREAM
    if descriptor < 0:
        return ctypes.get_errno() in _REFUSALS
    try:
        head = b"\x10\x02" if sys.platform == "darwin" else struct.pack("=H", AF_INET)
        address = head + struct.pack(">H4s8x", 9, bytes((127, 0, 0, 1)))
        return bool(libc.connect(descriptor, address, len(address))) and ctypes.get_errno() in _REFUSALS
    finally:
        os.close(descriptor)


def harden() -> None:
    """Make new files private to this user, and forbid core dumps and tracing by other programs of the same user."""
    os.umask(0o077)
    if sys.platform == "win32":  # no crash report, which could contain memory; not yet run on Windows
        ctypes.windll.kernel32.SetErrorMode(_NO_CRASH_REPORT)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    if os.name == "posix":
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def hide_arguments() -> None:
    """Remove our arguments from the process list, which every user may read; possible only on Linux.

    They are visible until this is called, so it is called first. `ps` shows just the name from then on.
    """
    if sys.platform != "linux":
        return
    try:
        own_process = Path("/proc/self")
        shown = (own_process / "cmdline").read_bytes()
        start = int((own_process / "stat").read_bytes().rpartition(b")")[2].split()[_ARGUMENTS_START])
        with (own_process / "mem").open("r+b", buffering=0) as memory:
            memory.seek(start)
            if memory.read(len(shown)) == shown:
                memory.seek(start)
                memory.write(b"tacit".ljust(len(shown), b"\0")[: len(shown)])
    except (OSError, ValueError, IndexError):
        return  # the system denies a process access to its own memory; nothing else depends on this


def die_with_parent(signal_number: int | None = None) -> None:
    """Receive a signal (default SIGKILL) when the parent ends; elsewhere than on Linux, the end of input stops us."""
    if sys.platform == "linux":
        parent = os.getppid()
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL if signal_number is None else signal_number, 0, 0, 0)
        if os.getppid() != parent:  # the parent ended before the call
            os._exit(1)
