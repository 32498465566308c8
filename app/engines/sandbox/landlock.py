"""Landlock, by which the Linux kernel limits a process to files and ports that it declared before."""

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
_BASE = (1 << 13) - 1  # all rights of version 1
_OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV  # what a rule on a single file may grant
WRITE = _BASE & ~EXECUTE | REFER | TRUNCATE  # with reading, since written files are verified
_BIND_TCP, _CONNECT_TCP = 1 << 0, 1 << 1
_ABSTRACT_UNIX, _SIGNALS = 1 << 0, 1 << 1


def version() -> int:
    """The version of Landlock that this kernel supports; 0 if none."""
    if sys.platform != "linux" or platform.machine() not in ("x86_64", "aarch64"):
        return 0
    return max(0, int(ctypes.CDLL(None, use_errno=True).syscall(_CREATE, None, 0, _ASK_VERSION)))


def known_rights(supported: int) -> int:
    """All rights on files that a version supports."""
    known = _BASE
    for right, since in ((REFER, 2), (TRUNCATE, 3), (IOCTL_DEV, 5)):
        known |= right if supported >= since else 0
    return known


def restrict(
    rules: Iterable[tuple[str, int]], *, handled: int | None = None, ports: Iterable[int] = (), is_alone: bool = True
) -> int:
    """Permanently give up the `handled` rights on files but those of the rules: a path, and the rights at and below it.

    None handles every right. With `is_alone` TCP is limited to `ports` too, and abstract UNIX sockets
    and signals reach no process outside. This applies to the current thread and to those it starts
    later, so it must come before the first thread. Rules for missing paths are ignored.

    Returns:
        The Landlock version in force; 0 if the kernel has none.

    Raises:
        OSError: the kernel refused.
    """
    supported = version()
    if supported == 0:
        return 0
    known = known_rights(supported)
    files = known if handled is None else handled & known
    network = _BIND_TCP | _CONNECT_TCP if is_alone and supported >= 4 else 0
    scoped = _ABSTRACT_UNIX | _SIGNALS if is_alone and supported >= 6 else 0
    libc = ctypes.CDLL(None, use_errno=True)
    wanted = struct.pack("QQQ", files, network, scoped)
    ruleset = _checked(libc.syscall(_CREATE, wanted, len(wanted) if supported >= 4 else 8, 0))
    try:
        for path, rights in rules:
            _allow(libc, ruleset, path, rights & files)
        for port in ports if network else ():
            _checked(libc.syscall(_ADD_RULE, ruleset, _RULE_PORT, struct.pack("QQ", _CONNECT_TCP, port), 0))
        _checked(libc.prctl(_NO_NEW_PRIVS, 1, 0, 0, 0))
        _checked(libc.syscall(_RESTRICT, ruleset, 0))
    finally:
        os.close(ruleset)
    return supported


def _allow(libc: ctypes.CDLL, ruleset: int, path: str, rights: int) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)  # type: ignore[attr-defined,unused-ignore]
    except OSError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
            rights &= _OF_FILES
        if rights:
            _checked(libc.syscall(_ADD_RULE, ruleset, _RULE_PATH, struct.pack("=Qi", rights, descriptor), 0))
    finally:
        os.close(descriptor)


def _checked(result: int) -> int:
    if result < 0:
        raise OSError(ctypes.get_errno(), "Landlock was refused")
    return result
