"""Landlock, the Linux kernel's rule that a process touches only the files and ports that it named before."""

import ctypes
import os
import platform
import stat
import struct
import sys
from collections.abc import Iterable

_CREATE, _ADD_RULE, _RESTRICT = 444, 445, 446  # the same numbers on every architecture
_ASK_VERSION = 1
_RULE_PATH, _RULE_PORT = 1, 2
_NO_NEW_PRIVS = 38

# Rights on files, linux/landlock.h
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
REFER, TRUNCATE, IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15
READ = READ_FILE | READ_DIR
_BASE = (1 << 13) - 1  # all that the first version knows
_OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV  # what a rule on a single file may hold
WRITE = _BASE & ~EXECUTE | REFER | TRUNCATE  # with reading: what is written is checked
_BIND_TCP, _CONNECT_TCP = 1 << 0, 1 << 1
_ABSTRACT_UNIX, _SIGNALS = 1 << 0, 1 << 1


def version() -> int:
    """The version of Landlock that this kernel speaks; 0 where there is none."""
    if sys.platform != "linux" or platform.machine() not in ("x86_64", "aarch64"):
        return 0
    return max(0, int(ctypes.CDLL(None, use_errno=True).syscall(_CREATE, None, 0, _ASK_VERSION)))


def known_rights(speaks: int) -> int:
    """All rights on files that a version knows."""
    known = _BASE
    for right, since in ((REFER, 2), (TRUNCATE, 3), (IOCTL_DEV, 5)):
        known |= right if speaks >= since else 0
    return known


def restrict(
    rules: Iterable[tuple[str, int]], *, handled: int | None = None, ports: Iterable[int] = (), is_alone: bool = True
) -> int:
    """Give up, for good, all `handled` rights on files but those of the rules (a path, the rights below it).

    None handles every right. With `is_alone` TCP goes too, but to `ports`, and sockets without a
    path and signals reach no process outside. It holds for this thread and all that it starts
    later, so it must come before the first thread. A path that is not there has no rule.

    Returns:
        The version in force, 0 where the kernel has none.

    Raises:
        OSError: the kernel refused.
    """
    speaks = version()
    if speaks == 0:
        return 0
    known = known_rights(speaks)
    files = known if handled is None else handled & known
    network = _BIND_TCP | _CONNECT_TCP if is_alone and speaks >= 4 else 0
    scoped = _ABSTRACT_UNIX | _SIGNALS if is_alone and speaks >= 6 else 0
    libc = ctypes.CDLL(None, use_errno=True)
    wanted = struct.pack("QQQ", files, network, scoped)
    ruleset = _checked(libc.syscall(_CREATE, wanted, len(wanted) if speaks >= 4 else 8, 0))
    try:
        for path, rights in rules:
            _allow(libc, ruleset, path, rights & files)
        for port in ports if network else ():
            _checked(libc.syscall(_ADD_RULE, ruleset, _RULE_PORT, struct.pack("QQ", _CONNECT_TCP, port), 0))
        _checked(libc.prctl(_NO_NEW_PRIVS, 1, 0, 0, 0))
        _checked(libc.syscall(_RESTRICT, ruleset, 0))
    finally:
        os.close(ruleset)
    return speaks


def _allow(libc: ctypes.CDLL, ruleset: int, path: str, rights: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)  # type: ignore[attr-defined,unused-ignore]
    except OSError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(place).st_mode):
            rights &= _OF_FILES
        if rights:
            _checked(libc.syscall(_ADD_RULE, ruleset, _RULE_PATH, struct.pack("=Qi", rights, place), 0))
    finally:
        os.close(place)


def _checked(result: int) -> int:
    if result < 0:
        raise OSError(ctypes.get_errno(), "Landlock was refused")
    return result
