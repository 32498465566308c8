"""The system calls that each kind of worker may make on Linux; every other one is refused to it."""

import errno
import os
from typing import NamedTuple

ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
"""The kernel's mark (linux/audit.h) of each architecture that the table has the numbers of."""

# The numbers on x86-64 and on ARM64, from the kernel's tables; None where an architecture never had the call. Those at
# the top are made most often, and are compared first where the kernel keeps no cache of its own (before 5.11).
NUMBERS: dict[str, tuple[int | None, int | None]] = {
    "futex": (202, 98), "read": (0, 63), "write": (1, 64), "lseek": (8, 62), "madvise": (28, 233), "mmap": (9, 222),
    "munmap": (11, 215), "mprotect": (10, 226), "brk": (12, 214), "newfstatat": (262, 79), "fstat": (5, 80),
    "close": (3, 57), "openat": (257, 56), "poll": (7, None), "ppoll": (271, 73),
    # Files and descriptors; which files is Landlock's affair.
    "readv": (19, 65), "writev": (20, 66), "pread64": (17, 67), "pwrite64": (18, 68), "preadv": (295, 69),
    "pwritev": (296, 70), "dup": (32, 23), "dup2": (33, None), "dup3": (292, 24), "fcntl": (72, 25), "ioctl": (16, 29),
    "pipe2": (293, 59), "eventfd2": (290, 19), "select": (23, None), "pselect6": (270, 72), "close_range": (436, 436),
    "open": (2, None), "stat": (4, None), "lstat": (6, None), "statx": (332, 291), "access": (21, None),
    "faccessat": (269, 48), "faccessat2": (439, 439), "readlink": (89, None), "readlinkat": (267, 78),
    "getcwd": (79, 17), "getdents": (78, None), "getdents64": (217, 61), "statfs": (137, 43), "fstatfs": (138, 44),
    "fadvise64": (221, 223), "readahead": (187, 213),
    # This process's own memory.
    "mremap": (25, 216), "mincore": (27, 232), "msync": (26, 227), "mbind": (237, 235), "get_mempolicy": (239, 236),
    "set_mempolicy": (238, 237), "membarrier": (324, 283),
    # This process's own threads and signals.
    "clone": (56, 220), "clone3": (435, 435), "set_robust_list": (273, 99), "rseq": (334, 293),
    "set_tid_address": (218, 96), "exit": (60, 93), "exit_group": (231, 94), "restart_syscall": (219, 128),
    "arch_prctl": (158, None), "prctl": (157, 167), "sched_yield": (24, 124), "sched_getaffinity": (204, 123),
    "rt_sigaction": (13, 134), "rt_sigprocmask": (14, 135), "rt_sigreturn": (15, 139), "sigaltstack": (131, 132),
    "tgkill": (234, 131),
    # What this process and its computer are, and what time it is.
    "getpid": (39, 172), "gettid": (186, 178), "getppid": (110, 173), "getuid": (102, 174), "geteuid": (107, 175),
    "getgid": (104, 176), "getegid": (108, 177), "getrlimit": (97, 163), "setrlimit": (160, 164),
    "prlimit64": (302, 261), "getrusage": (98, 165), "sysinfo": (99, 179), "uname": (63, 160), "getcpu": (309, 168),
    "getrandom": (318, 278), "time": (201, None), "times": (100, 153), "gettimeofday": (96, 169),
    "clock_gettime": (228, 113), "clock_getres": (229, 114), "clock_nanosleep": (230, 115), "nanosleep": (35, 101),
    # Connections, and changes to files: the download worker alone.
    "socket": (41, 198), "socketpair": (53, 199), "connect": (42, 203), "bind": (49, 200), "getsockname": (51, 204),
    "getpeername": (52, 205), "setsockopt": (54, 208), "getsockopt": (55, 209), "sendto": (44, 206),
    "recvfrom": (45, 207), "sendmsg": (46, 211), "recvmsg": (47, 212), "sendmmsg": (307, 269), "shutdown": (48, 210),
    "rename": (82, None), "renameat": (264, 38), "renameat2": (316, 276), "unlink": (87, None), "unlinkat": (263, 35),
    "mkdir": (83, None), "mkdirat": (258, 34), "rmdir": (84, None), "fsync": (74, 82), "fdatasync": (75, 83),
    "ftruncate": (77, 46), "fallocate": (285, 47), "flock": (73, 32),
    # Refused by name: to a worker with an answer of their own (`ANSWERS`), to a head as its only refusals.
    "openat2": (437, 437), "execve": (59, 221), "execveat": (322, 281), "unshare": (272, 97), "setns": (308, 268),
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "pidfd_getfd": (438, 438),
    "bpf": (321, 280), "perf_event_open": (298, 241), "userfaultfd": (323, 282), "io_uring_setup": (425, 425),
    "truncate": (76, 45), "add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219),
}  # fmt: skip


class Check(NamedTuple):
    """A test of one argument's lower 32 bits, of which the kernel takes no more for these calls.

    The call is let through if the argument is `one_of` these (if there are any), has all bits of `needs`, and none of
    `lacks`.
    """

    argument: int
    one_of: tuple[int, ...] = ()
    needs: int = 0
    lacks: int = 0


OWN_PROCESS = -1
"""Stands in a check for the number of the process that puts up the filter."""

AF_UNIX, AF_INET, AF_INET6, AF_NETLINK = 1, 2, 10, 16
NAMESPACES = 0x7E020000  # CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID and NEWNET, linux/sched.h
TERMINAL_INPUT = (0x5412, 0x541C)  # TIOCSTI, TIOCLINUX: they type into the terminal, whose shell no filter confines
_CLONE_THREAD = 0x00010000
_OPENED_FOR_WRITING = 0o1 | 0o2 | 0o100 | 0o1000  # O_WRONLY, O_RDWR, O_CREAT, O_TRUNC: alike on both architectures
_TERMINAL_QUESTIONS = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)  # TCGETS, size, FIONREAD, FIONBIO, close-on-exec
_DESCRIPTOR_REQUESTS = (0, 1, 2, 3, 4, 1030)  # F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_DUPFD_CLOEXEC
_NAMING = (15, 16, 0x53564D41)  # PR_SET_NAME, PR_GET_NAME, PR_SET_VMA: of a thread, and of a piece of memory

_OWN_THINGS_ONLY = {
    "clone": Check(0, needs=_CLONE_THREAD, lacks=NAMESPACES), "ioctl": Check(1, one_of=_TERMINAL_QUESTIONS),
    "fcntl": Check(1, one_of=_DESCRIPTOR_REQUESTS), "prctl": Check(0, one_of=_NAMING),
    "prlimit64": Check(0, one_of=(0, OWN_PROCESS)), "sched_getaffinity": Check(0, one_of=(0, OWN_PROCESS)),
    "tgkill": Check(0, one_of=(OWN_PROCESS,)),
}  # fmt: skip
_READING_ONLY = {"open": Check(1, lacks=_OPENED_FOR_WRITING), "openat": Check(2, lacks=_OPENED_FOR_WRITING)}
_FAMILIES = Check(0, one_of=(AF_UNIX, AF_INET, AF_INET6, AF_NETLINK))  # look-ups ask nscd, and read the route table

_DOWNLOADS_ALONE = (
    "socket", "socketpair", "connect", "bind", "getsockname", "getpeername", "setsockopt", "getsockopt", "sendto",
    "recvfrom", "sendmsg", "recvmsg", "sendmmsg", "shutdown", "rename", "renameat", "renameat2", "unlink", "unlinkat",
    "mkdir", "mkdirat", "rmdir", "fsync", "fdatasync", "ftruncate", "fallocate", "flock",
)  # fmt: skip
HEAD_REFUSALS = (
    "unshare", "setns", "ptrace", "process_vm_readv", "process_vm_writev", "pidfd_getfd", "bpf", "perf_event_open",
    "userfaultfd", "io_uring_setup", "add_key", "request_key", "keyctl",
    "truncate",
)  # fmt: skip
"""What the window and the command line may not call: it leads past the filter, into another process, or past
Landlock, which knows no `truncate` before Linux 6.2."""

CONNECTING = ("socket", "socketpair", "connect", "bind")

STARTS_PROGRAMS = ("execve", "execveat")
_REFUSED_TO_ALL = (*HEAD_REFUSALS, *STARTS_PROGRAMS, "openat2", "clone3")
_OF_ENGINES = tuple(name for name in NUMBERS if name not in (*_DOWNLOADS_ALONE, *_REFUSED_TO_ALL))

# llama-cpp-python opens /dev/null to write when it is imported, so workers that use it may; Landlock says what.
ALLOWED: dict[str, dict[str, Check | None]] = {
    "media": {**dict.fromkeys(_OF_ENGINES), **_OWN_THINGS_ONLY, **_READING_ONLY},
    "speech": {**dict.fromkeys(_OF_ENGINES), **_OWN_THINGS_ONLY, **_READING_ONLY},
    "language": {**dict.fromkeys(_OF_ENGINES), **_OWN_THINGS_ONLY},
    "embedding": {**dict.fromkeys(_OF_ENGINES), **_OWN_THINGS_ONLY},
    "voices": {**dict.fromkeys(_OF_ENGINES), **_OWN_THINGS_ONLY, **_READING_ONLY},
    "documents": {**dict.fromkeys(_OF_ENGINES), **_OWN_THINGS_ONLY, **_READING_ONLY},
    "models": {**dict.fromkeys(_OF_ENGINES), **_OWN_THINGS_ONLY},
    "vault": {**dict.fromkeys(_OF_ENGINES), **_OWN_THINGS_ONLY, **_READING_ONLY},
    "download": {
        **dict.fromkeys((*_OF_ENGINES, *_DOWNLOADS_ALONE)), **_OWN_THINGS_ONLY,
        "socket": _FAMILIES, "socketpair": Check(0, one_of=(AF_UNIX,)),
    },
}  # fmt: skip
"""What each kind of worker may call, and the test that its argument must pass; what the engines call was traced."""

REFUSED = errno.EPERM
"""The answer to all else; libraries go on without what they were denied."""

# Where a library falls back to an older call, or goes without, only if the kernel seems not to know the call.
ANSWERS = {"clone3": errno.ENOSYS, "openat2": errno.ENOSYS, "sched_getaffinity": errno.ENOSYS}
NEWEST_KNOWN = 461
"""Later calls were added to the kernel since this table was made: they are answered as by a kernel from before."""


def number(name: str, machine: str) -> int | None:
    """The number of a call on this architecture; None if it has none."""
    on_x86, on_arm = NUMBERS[name]
    return on_x86 if machine == "x86_64" else on_arm


def resolved(check: Check) -> Check:
    """The check with this process's own number in it."""
    return check._replace(one_of=tuple(os.getpid() if n == OWN_PROCESS else n for n in check.one_of))
