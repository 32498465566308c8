"""What a worker may use up: time for work on a stranger's file, and memory."""

import contextlib
import ctypes
import faulthandler
import os
import sys
from collections.abc import Iterator

import psutil

TIME_IS_UP = "Timeout ("
"""How a line on stderr begins by which the parent knows that a deadline ended the worker (`faulthandler`)."""

_MMAP_THRESHOLD = -3  # mallopt(3)
_GOES_FIRST = b"800"  # of 1000: when memory runs out the system ends a worker, not the window
_SLACK = 2 << 30  # bytes of address space beyond what is free: reserved by libraries, never touched


@contextlib.contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """End this process unless the block is over in time.

    The watch runs outside the interpreter: it also ends what holds Python's lock for ever, as
    `{{ 10 ** 10 ** 10 }}` in a chat template does. A heartbeat from another thread would keep such
    a worker alive.
    """
    aside = os.dup(2)  # llama-cpp-python points the descriptor itself elsewhere while it loads
    try:
        try:
            faulthandler.dump_traceback_later(seconds, exit=True, file=aside)
        except RuntimeError as error:  # no room for the thread that watches
            raise MemoryError from error
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()
        os.close(aside)


@contextlib.contextmanager
def memory_for(more: int) -> Iterator[None]:
    """Let this process take at most `more` bytes within the block; then `MemoryError` is raised.

    Linux counts what is asked for; macOS and Windows have no such limit, and there only the
    worker's own is left.
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


def be_first_to_go() -> None:
    """Ask the system to end this process before others when memory runs out; for good. Before `sandbox.harden`."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "wb", buffering=0) as file:  # noqa: PTH123
            file.write(_GOES_FIRST)


def give_back_memory() -> None:
    """Have large pieces of memory returned to the system when they are freed, instead of kept for later (glibc)."""
    if sys.platform == "linux":
        with contextlib.suppress(AttributeError):
            ctypes.CDLL(None).mallopt(_MMAP_THRESHOLD, 1 << 20)


def give_back_now() -> None:
    """Return what is free already, so that what is taken next can be seen."""
    if sys.platform == "linux":
        with contextlib.suppress(AttributeError):
            ctypes.CDLL(None).malloc_trim(0)


def stay_within(free: int) -> None:
    """Never take more than is free now; what asks for more is told so instead of pushing others out."""
    if sys.platform == "linux" and free > 0:
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        limit = _data_size() + free + _SLACK
        resource.setrlimit(
            resource.RLIMIT_DATA, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard)
        )  # fmt: skip


def _data_size() -> int:
    """Bytes that count against the limit on data: what is private and writable."""
    found = _status("VmData")
    return found if found else 1 << 30


def resident_bytes() -> int:
    """Bytes of this process that lie in memory now."""
    return _status("VmRSS") or int(psutil.Process().memory_info().rss)


def peak_bytes() -> int:
    """The most that ever lay in memory, of this process alone."""
    # On Linux getrusage would give the parent's, carried over the start of this process.
    found = _status("VmHWM") or getattr(psutil.Process().memory_info(), "peak_wset", 0)
    if found:
        return int(found)
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # bytes on macOS


def _status(name: str) -> int:
    with contextlib.suppress(OSError, ValueError, IndexError), open("/proc/self/status", "rb") as file:  # noqa: PTH123
        for line in file:
            key, _, value = line.partition(b":")
            if key == name.encode():
                return int(value.split()[0]) * 1024
    return 0
