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
_OPENAT2, _HERE, _RESOLVE_NO_SYMLINKS = 437, -100, 0x04  # in every kernel that has Landlock

# Rights on files, linux/landlock.h
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
REFER, TRUNCATE, IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15
READ = READ_FILE | READ_DIR
_BASE = (1 << 13) - 1  # all rights of version 1
_OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV  # what a rule on a single file may grant
WRITE = _BASE & ~EXECUTE | REFER | TRUNCATE  # with reading, since written files are verified
REMOVE_DIR, REMOVE_FILE, MAKE_DIR, MAKE_REG = 1 << 4, 1 << 5, 1 << 7, 1 << 8
CHANGE = WRITE & ~READ  # all by which a file or folder is made, written, moved or removed
CHANGE_WITHIN = WRITE_FILE | REMOVE_DIR | REMOVE_FILE | MAKE_DIR | MAKE_REG | REFER | TRUNCATE  # no link, no device
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
    rules: Iterable[tuple[str, int]],
    *,
    handled: int | None = None,
    ports: Iterable[int] = (),
    is_alone: bool = True,
    without_links: Iterable[tuple[str, int]] = (),
) -> int:
    """Permanently give up the `handled` rights on files but those of the rules: a path, and the rights at and below it.

    None handles every right. With `is_alone` TCP is limited to `ports` too, and abstract UNIX sockets
    and signals reach no process outside. This applies to the current thread and to those it starts
    later, so it must come before the first thread. Rules for missing paths are ignored, and so is a rule
    of `without_links` whose path leads through a link, or to anything but a folder or a regular file.

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
            _allow(libc, ruleset, _opened(path), rights & files)
        for path, rights in without_links:
            _allow(libc, ruleset, _opened_without_links(libc, path), rights & files)
        for port in ports if network else ():
            _checked(libc.syscall(_ADD_RULE, ruleset, _RULE_PORT, struct.pack("QQ", _CONNECT_TCP, port), 0))
        _checked(libc.prctl(_NO_NEW_PRIVS, 1, 0, 0, 0))
        _checked(libc.syscall(_RESTRICT, ruleset, 0))
    finally:
        os.close(ruleset)
    return supported


def _opened(path: str) -> int:
    """A descriptor of what is there, on which nothing can be read; -1 if there is nothing."""
    try:
        return os.open(path, os.O_PATH | os.O_CLOEXEC)  # type: ignore[attr-defined,unused-ignore]
    except OSError:
        return -1


def _opened_without_links(libc: ctypes.CDLL, path: str) -> int:
    """The same, but -1 if a link is on the way: between our look at a path and here it may have been put there."""
    how = struct.pack("QQQ", os.O_PATH | os.O_CLOEXEC, 0, _RESOLVE_NO_SYMLINKS)  # type: ignore[attr-defined,unused-ignore]
    descriptor = int(libc.syscall(_OPENAT2, _HERE, os.fsencode(path), how, len(how)))
    if descriptor < 0:
        return -1
    kind = os.fstat(descriptor).st_mode
    if not (stat.S_ISREG(kind) or stat.S_ISDIR(kind)):
        os.close(descriptor)
        return -1
    return descriptor


def _allow(libc: ctypes.CDLL, ruleset: int, descriptor: int, rights: int) -> None:
    """Add a rule on what is open, and close it: the rule is on that file and not on its name."""
    if descriptor < 0:
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
