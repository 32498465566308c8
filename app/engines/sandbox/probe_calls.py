"""System calls by which a probe tries what a process must not do, each with arguments that change nothing.

Where nothing refuses such a call, the kernel complains about its arguments (a missing path, a closed descriptor), so
the answer tells a refusal from an attempt that was let through.
"""

import ctypes
import errno
import os
from collections.abc import Iterable
from typing import NamedTuple

_NOWHERE, _NO_FILE = None, -1  # a path in no memory, a descriptor that nobody has
_HERE = -100  # AT_FDCWD
_PARENT = os.getppid
_TIOCSTI = 0x5412
_SIGHAND_ALONE, _NEW_USER_SHARING_FILES = 0x800, 0x10000200  # flags of clone that the kernel itself never accepts
_NEW_USER_AND_NONSENSE = 0x10000001  # to unshare


class Try(NamedTuple):
    """A system call: its name, its numbers on x86-64 and ARM64 (None: none there), its arguments."""

    name: str
    on_x86: int | None
    on_arm: int | None
    arguments: tuple[object, ...]


IN_WORKERS: dict[str, tuple[Try, ...]] = {
    "changing who may read a file": (
        Try("chmod", 90, None, (_NOWHERE, 0)), Try("fchmod", 91, 52, (_NO_FILE, 0)),
        Try("fchmodat", 268, 53, (_HERE, _NOWHERE, 0)), Try("fchmodat2", 452, 452, (_HERE, _NOWHERE, 0, 0)),
        Try("chown", 92, None, (_NOWHERE, 0, 0)), Try("lchown", 94, None, (_NOWHERE, 0, 0)),
        Try("fchown", 93, 55, (_NO_FILE, 0, 0)), Try("fchownat", 260, 54, (_HERE, _NOWHERE, 0, 0, 0)),
    ),
    "changing a file's times": (
        Try("utime", 132, None, (_NOWHERE, None)), Try("utimes", 235, None, (_NOWHERE, None)),
        Try("futimesat", 261, None, (_NO_FILE, _NOWHERE, None)),
        Try("utimensat", 280, 88, (_NO_FILE, _NOWHERE, None, 0)),
    ),
    "notes in a file's attributes": (
        Try("setxattr", 188, 5, (_NOWHERE,)), Try("lsetxattr", 189, 6, (_NOWHERE,)),
        Try("fsetxattr", 190, 7, (_NO_FILE,)),
        Try("getxattr", 191, 8, (_NOWHERE,)), Try("lgetxattr", 192, 9, (_NOWHERE,)),
        Try("fgetxattr", 193, 10, (_NO_FILE,)),
        Try("listxattr", 194, 11, (_NOWHERE,)), Try("llistxattr", 195, 12, (_NOWHERE,)),
        Try("flistxattr", 196, 13, (_NO_FILE,)), Try("removexattr", 197, 14, (_NOWHERE,)),
        Try("lremovexattr", 198, 15, (_NOWHERE,)), Try("fremovexattr", 199, 16, (_NO_FILE,)),
        Try("setxattrat", 463, 463, (_NO_FILE,)), Try("getxattrat", 464, 464, (_NO_FILE,)),
        Try("listxattrat", 465, 465, (_NO_FILE,)), Try("removexattrat", 466, 466, (_NO_FILE,)),
    ),
    "making, moving or deleting a file": (
        Try("creat", 85, None, (_NOWHERE, 0)), Try("truncate", 76, 45, (_NOWHERE, 0)),
        Try("rename", 82, None, (_NOWHERE, _NOWHERE)),
        Try("renameat2", 316, 276, (_HERE, _NOWHERE, _HERE, _NOWHERE, 0)),
        Try("unlink", 87, None, (_NOWHERE,)), Try("unlinkat", 263, 35, (_HERE, _NOWHERE, 0)),
        Try("mkdir", 83, None, (_NOWHERE, 0)), Try("mkdirat", 258, 34, (_HERE, _NOWHERE, 0)),
        Try("rmdir", 84, None, (_NOWHERE,)), Try("link", 86, None, (_NOWHERE, _NOWHERE)),
        Try("linkat", 265, 37, (_HERE, _NOWHERE, _HERE, _NOWHERE, 0)), Try("symlink", 88, None, (_NOWHERE, _NOWHERE)),
        Try("symlinkat", 266, 36, (_NOWHERE, _HERE, _NOWHERE)), Try("mknod", 133, None, (_NOWHERE, 0, 0)),
        Try("mknodat", 259, 33, (_HERE, _NOWHERE, 0, 0)),
    ),
    "memory or messages shared with other programs": (
        Try("shmget", 29, 194, (0, 0, 0)), Try("shmat", 30, 196, (-1, None, 0)), Try("shmctl", 31, 195, (-1, -1, None)),
        Try("semget", 64, 190, (0, -1, 0)), Try("semop", 65, 193, (-1, None, 0)), Try("semctl", 66, 191, (-1, 0, -1)),
        Try("msgget", 68, 186, (0x7AC17AC1, 0)), Try("msgsnd", 69, 189, (-1, None, 0, 0)),
        Try("msgrcv", 70, 188, (-1, None, 0, 0, 0)), Try("msgctl", 71, 187, (-1, -1, None)),
        Try("mq_open", 240, 180, (_NOWHERE, 0, 0, None)), Try("mq_unlink", 241, 181, (_NOWHERE,)),
        Try("mq_timedsend", 242, 182, (_NO_FILE, None, 0, 0, None)),
        Try("mq_timedreceive", 243, 183, (_NO_FILE, None, 0, None, None)),
        Try("mq_notify", 244, 184, (_NO_FILE, None)), Try("mq_getsetattr", 245, 185, (_NO_FILE, None, None)),
    ),
    "watching what changes in folders": (
        Try("inotify_init", 253, None, ()), Try("inotify_init1", 294, 26, (-1,)),
        Try("inotify_add_watch", 254, 27, (_NO_FILE, _NOWHERE, 0)), Try("fanotify_init", 300, 262, (-1, -1)),
        Try("fanotify_mark", 301, 263, (_NO_FILE, 0, 0, _NO_FILE, _NOWHERE)),
    ),
    "a signal to another process": (
        Try("kill", 62, 129, (_PARENT, 0)), Try("tkill", 200, 130, (_PARENT, 0)),
        Try("tgkill", 234, 131, (_PARENT, _PARENT, 0)), Try("rt_sigqueueinfo", 129, 138, (_PARENT, 0, None)),
        Try("rt_tgsigqueueinfo", 297, 240, (_PARENT, _PARENT, 0, None)),
        Try("pidfd_send_signal", 424, 424, (_NO_FILE, 0, None, 0)),
        Try("fcntl F_SETOWN", 72, 25, (0, 8, _PARENT)),
    ),
    "another process's priority or limits": (
        Try("sched_setaffinity", 203, 122, (_PARENT, 8, None)),
        Try("sched_setscheduler", 144, 119, (_PARENT, -1, None)),
        Try("sched_setparam", 142, 118, (_PARENT, None)), Try("sched_setattr", 314, 274, (_PARENT, None, 0)),
        Try("sched_getscheduler", 145, 120, (_PARENT,)), Try("sched_getaffinity", 204, 123, (_PARENT, 0, None)),
        Try("setpriority", 141, 140, (-1, _PARENT, 0)), Try("getpriority", 140, 141, (-1, _PARENT)),
        Try("ioprio_set", 251, 30, (-1, _PARENT, 0)), Try("prlimit64", 302, 261, (_PARENT, 7, None, None)),
        Try("setpgid", 109, 154, (_PARENT, -1)), Try("migrate_pages", 256, 238, (_PARENT, 0, None, None)),
        Try("process_madvise", 440, 440, (_NO_FILE, None, 0, 0, 0)),
    ),
    "a child process, or a program in memory": (
        Try("clone", 56, 220, (_SIGHAND_ALONE, None, None, None, None)), Try("memfd_create", 319, 279, (_NOWHERE, 0)),
        Try("memfd_secret", 447, 447, (-1,)), Try("execveat", 322, 281, (_NO_FILE, _NOWHERE, None, None, 0)),
    ),
}  # fmt: skip
"""What only the window and the command line may do; each form of it that the kernel has."""

IN_EVERY_PROCESS: dict[str, tuple[Try, ...]] = {
    "another process's memory or files": (
        Try("ptrace", 101, 117, (-1, 0, None, None)), Try("process_vm_readv", 310, 270, (-1, None, 0, None, 0, 0)),
        Try("process_vm_writev", 311, 271, (-1, None, 0, None, 0, 0)), Try("pidfd_getfd", 438, 438, (_NO_FILE, 0, -1)),
    ),
    "namespaces of its own": (
        Try("unshare", 272, 97, (_NEW_USER_AND_NONSENSE,)), Try("setns", 308, 268, (_NO_FILE, 0)),
        Try("clone", 56, 220, (_NEW_USER_SHARING_FILES, None, None, None, None)), Try("clone3", 435, 435, (None, 0)),
    ),
    "the kernel's key service and tracing": (
        Try("add_key", 248, 217, (None, None, None, 0, 0)), Try("request_key", 249, 218, (None, None, None, 0)),
        Try("keyctl", 250, 219, (-1, 0, 0, 0, 0)), Try("bpf", 321, 280, (-1, None, 0)),
        Try("perf_event_open", 298, 241, (None, 0, -1, -1, 0)), Try("userfaultfd", 323, 282, (-1,)),
    ),
    "typing into the terminal": (Try("ioctl TIOCSTI", 16, 29, (_NO_FILE, _TIOCSTI, None)),),
}  # fmt: skip
"""What no process that holds or reads anything of yours may do."""

_REFUSALS = (errno.EACCES, errno.EPERM, errno.ENOSYS)


def make(tries: Iterable[Try]) -> int:
    """Make the calls, and return the error by which they were refused.

    Raises:
        OSError: one of them was let through; its name is in the error's `filename`.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    is_arm = os.uname().machine == "aarch64"
    answers = []
    for made in tries:
        number = made.on_arm if is_arm else made.on_x86
        if number is None:
            continue
        values = [argument() if callable(argument) else argument for argument in made.arguments]
        whole = [ctypes.c_long(value) if isinstance(value, int) else ctypes.c_void_p(None) for value in values]
        result = libc.syscall(ctypes.c_long(number), *whole)
        answer = ctypes.get_errno() if result < 0 else 0
        if answer not in _REFUSALS:
            if made.name == "inotify_init" and result >= 0:
                os.close(result)
            raise OSError(answer, "let through", made.name)
        answers.append(answer)
    return answers[0]
