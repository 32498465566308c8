"""Limits on what a worker uses: time for work on an untrusted file, and memory."""

import contextlib
import ctypes
import faulthandler
import mmap
import os
import sys
from collections.abc import Iterator

import psutil

DEADLINE_MARKER = "Timeout ("
"""How the line on stderr begins that tells the parent that a deadline ended the worker (`faulthandler`)."""

_MMAP_THRESHOLD = -3  # mallopt(3)
_OOM_SCORE = b"800"  # of 1000: when memory runs out the system kills a worker, not the window
_NICENESS = 10  # a tenth of the processor's time beside a process of normal priority
_SLACK = 2 << 30  # bytes of address space beyond free memory that libraries reserve but never touch


@contextlib.contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """End this process unless the block finishes within `seconds`.

    The timer runs outside the interpreter: it also ends code that holds Python's lock for ever, as
    `{{ 10 ** 10 ** 10 }}` in a chat template does. A heartbeat from another thread would keep such
    a worker alive.
    """
    stderr_copy = os.dup(2)  # llama-cpp-python redirects the descriptor itself while it loads
    try:
        try:
            faulthandler.dump_traceback_later(seconds, exit=True, file=stderr_copy)
        except RuntimeError as error:  # no memory for the timer's thread
            raise MemoryError from error
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()
        os.close(stderr_copy)


@contextlib.contextmanager
def extra_memory_limit(more: int) -> Iterator[None]:
    """Let this process allocate at most `more` bytes within the block; beyond that `MemoryError` is raised.

    Linux counts what is requested; macOS and Windows have no such limit, so there only that of the
    worker applies.
    """
    if sys.platform != "linux":
        yield
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    limit = _data_size() + more
    resource.setrlimit(resource.RLIMIT_DATA, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


def prefer_as_oom_victim() -> None:
    """Ask the system to kill this process before others when memory runs out; permanent. Before `seccomp.harden`."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "wb", buffering=0) as file:  # noqa: PTH123
            file.write(_OOM_SCORE)


def lower_priority() -> None:
    """Let other processes go first where there are fewer processors than work; permanent. Before `seccomp.harden`."""
    with contextlib.suppress(OSError, psutil.Error):
        if sys.platform == "win32":
            psutil.Process().nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
        else:
            os.nice(_NICENESS)


def set_mmap_threshold(size: int) -> None:
    """Have blocks of so many bytes returned to the system when they are freed, not kept for later (glibc)."""
    if sys.platform == "linux":
        with contextlib.suppress(AttributeError):
            ctypes.CDLL(None).mallopt(_MMAP_THRESHOLD, size)


def trim_heap() -> None:
    """Return freed memory to the system now, so that later allocations can be measured."""
    if sys.platform == "linux":
        with contextlib.suppress(AttributeError):
            ctypes.CDLL(None).malloc_trim(0)


def limit_memory(free: int) -> None:
    """Limit this process to the `free` bytes: larger allocations fail instead of pushing other programs out."""
    if sys.platform == "linux" and free > 0:
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        limit = _data_size() + free + _SLACK
        resource.setrlimit(
            resource.RLIMIT_DATA, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard)
        )  # fmt: skip


def require_memory(size: int) -> None:
    """See that so many bytes can be allocated now: a library may end the process where it gets none.

    Raises:
        MemoryError: they can't.
    """
    private = {} if sys.platform == "win32" else {"flags": mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS}
    try:
        mmap.mmap(-1, size, **private).close()  # nothing is written to it, so that it costs no memory
    except OSError as error:
        raise MemoryError from error


def _data_size() -> int:
    """Bytes that count against the limit on data: private, writable memory."""
    found = _status_bytes("VmData")
    return found if found else 1 << 30


def resident_bytes() -> int:
    """The resident memory of this process now, in bytes."""
    return _status_bytes("VmRSS") or int(psutil.Process().memory_info().rss)


def peak_bytes() -> int:
    """The peak resident memory of this process alone, in bytes."""
    # On Linux getrusage would include the parent's peak, which this process inherits at its start.
    found = _status_bytes("VmHWM") or getattr(psutil.Process().memory_info(), "peak_wset", 0)
    if found:
        return int(found)
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # bytes on macOS


def _status_bytes(name: str) -> int:
    with contextlib.suppress(OSError, ValueError, IndexError), open("/proc/self/status", "rb") as file:  # noqa: PTH123
        for line in file:
            key, _, value = line.partition(b":")
            if key == name.encode():
                return int(value.split()[0]) * 1024
    return 0
