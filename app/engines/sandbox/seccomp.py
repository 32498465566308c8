"""Dropping this process's rights before it does anything: sockets, core dumps, tracing."""

import ctypes
import errno
import os
import platform
import signal
import struct
import sys
from pathlib import Path

AF_UNIX, _AF_INET, _AF_INET6, _AF_NETLINK = 1, 2, 10, 16
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_NO_NEW_PRIVS = 1, 4, 38
_SECCOMP_SET_MODE_FILTER, _FLAG_ALL_THREADS = 1, 1
_ALLOW, _ERRNO, _KILL_PROCESS = 0x7FFF0000, 0x00050000, 0x80000000
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06  # classic BPF, linux/bpf_common.h
_X32_BIT = 0x40000000
_TERMINAL_INPUT = (0x5412, 0x541C)  # TIOCSTI, TIOCLINUX: they type into the terminal, whose shell no filter confines
_REFUSALS = (errno.EACCES, errno.EPERM)
_NO_CRASH_REPORT = 0x0001 | 0x0002 | 0x8000  # winbase.h: critical errors, general protection faults, missing files
_ARGUMENTS_START = 45  # proc(5): field 48 of /proc/self/stat, counted after the name, which may hold spaces

# Numbers from the kernel's system call tables. io_uring could create sockets past the filter; the three of
# the key service make the kernel start a program that looks up names; the others reach into other processes
# or namespaces.
_CALLS = {
    "x86_64": {
        "audit": 0xC000003E, "socket": 41, "socketpair": 53, "seccomp": 317, "programs": (59, 322),
        "denied": (425, 101, 310, 311, 438, 321, 308, 298, 323, 248, 249, 250), "ioctl": 16,
    },
    "aarch64": {
        "audit": 0xC00000B7, "socket": 198, "socketpair": 199, "seccomp": 277, "programs": (221, 281),
        "denied": (425, 117, 270, 271, 438, 280, 268, 241, 282, 217, 218, 219), "ioctl": 29,
    },
}  # fmt: skip


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
    return sys.platform == "linux" and platform.machine() in _CALLS


def forbid_network(*, unix_sockets: bool, programs: bool = True) -> bool:
    """Permanently give up the right to create sockets, in all threads and children.

    With `unix_sockets` AF_UNIX stays allowed, which display and sound servers need. Without
    `programs` no other program can be started either. Returns whether the system enforces it;
    only Linux has such a filter.

    Raises:
        OSError: the kernel refused the filter. The process should end then.
    """
    if not can_forbid_network():
        return False
    numbers = _CALLS[platform.machine()]
    program = _filter_program(numbers, (AF_UNIX,) if unix_sockets else (), programs=programs)
    _install(numbers, program)
    return True


def forbid_all_but_downloads() -> bool:
    """Allow only internet, UNIX and netlink sockets (look-ups read the route table), and no other program."""
    if not can_forbid_network():
        return False
    numbers = _CALLS[platform.machine()]
    _install(numbers, _filter_program(numbers, (AF_UNIX, _AF_INET, _AF_INET6, _AF_NETLINK), programs=False))
    return True


def _install(numbers: dict[str, object], program: bytes) -> None:
    buffer = ctypes.create_string_buffer(program, len(program))

    class Filter(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))

    loaded = Filter(len(program) // 8, ctypes.cast(buffer, ctypes.c_void_p))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "no_new_privs was refused")
    result = libc.syscall(numbers["seccomp"], _SECCOMP_SET_MODE_FILTER, _FLAG_ALL_THREADS, ctypes.byref(loaded))
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
        head = b"\x10\x02" if sys.platform == "darwin" else struct.pack("=H", _AF_INET)
        address = head + struct.pack(">H4s8x", 9, bytes((127, 0, 0, 1)))
        return bool(libc.connect(descriptor, address, len(address))) and ctypes.get_errno() in _REFUSALS
    finally:
        os.close(descriptor)


def _step(code: int, if_true: int, if_false: int, value: int) -> bytes:
    return struct.pack("HBBI", code, if_true, if_false, value)


def _filter_program(numbers: dict[str, object], families: tuple[int, ...], *, programs: bool) -> bytes:
    """The BPF filter, whose data is the call's number at offset 0, the architecture at 4, its arguments from 16 on."""
    refuse = _ERRNO | errno.EACCES
    steps = [_step(_LOAD, 0, 0, 4), _step(_EQUAL, 1, 0, _int(numbers["audit"])), _step(_RETURN, 0, 0, _KILL_PROCESS)]
    steps.append(_step(_LOAD, 0, 0, 0))
    if platform.machine() == "x86_64":
        steps += [_step(_AT_LEAST, 0, 1, _X32_BIT), _step(_RETURN, 0, 0, refuse)]
    denied, starts = numbers["denied"], numbers["programs"]
    assert isinstance(denied, tuple)
    assert isinstance(starts, tuple)
    for call in denied if programs else (*denied, *starts):
        steps += [_step(_EQUAL, 0, 1, call), _step(_RETURN, 0, 0, refuse)]
    ioctl_check = [_step(_LOAD, 0, 0, 24)]
    ioctl_check += [_step(_EQUAL, 2 - index, 0, request) for index, request in enumerate(_TERMINAL_INPUT)]
    ioctl_check += [_step(_RETURN, 0, 0, _ALLOW), _step(_RETURN, 0, 0, refuse)]
    steps += [_step(_EQUAL, 0, len(ioctl_check), _int(numbers["ioctl"])), *ioctl_check]
    check = [_step(_LOAD, 0, 0, 16)]
    check += [_step(_EQUAL, len(families) - index, 0, family) for index, family in enumerate(families)]
    check.append(_step(_RETURN, 0, 0, refuse))
    steps += [_step(_EQUAL, 1, 0, _int(numbers["socket"])), _step(_EQUAL, 0, len(check), _int(numbers["socketpair"]))]
    return b"".join([*steps, *check, _step(_RETURN, 0, 0, _ALLOW)])


def _int(value: object) -> int:
    assert isinstance(value, int)
    return value


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
