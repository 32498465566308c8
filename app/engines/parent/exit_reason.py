"""Why a worker ended, told from its last words, its exit status and what the system counts."""

import signal
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from app.core.errors import AssistantError, EngineCrashed, EngineOutOfMemory, ModelStalls
from app.engines.sandbox.resource_limits import TIME_IS_UP

_OUT_OF_MEMORY = (
    "out of memory", "failed to allocate", "bad_alloc", "cannot allocate", "memoryerror",
    "memory allocation still failed",  # OpenBLAS, while numpy is imported
    "mem_buffer != null",  # ggml, which ends its process where a small piece is refused
)  # fmt: skip


class LastWords:
    """What of a worker's stderr tells why it ended; and how often the system had killed for memory before."""

    def __init__(self, pipe: BinaryIO, name: str) -> None:
        self._is_late = self._lacked_memory = False
        self._kills_before = _memory_kills()
        self._reader = threading.Thread(target=self._keep, args=(pipe,), name=f"{name}-err", daemon=True)
        self._reader.start()

    def meaning(self, status: int | None) -> AssistantError:
        """What a worker's end with this status was."""
        self._reader.join(1.0)
        if self._is_late:
            return ModelStalls()
        if self._lacked_memory or (was_killed(status) and self._was_for_memory()):
            return EngineOutOfMemory()
        return EngineCrashed()

    def _was_for_memory(self) -> bool:
        return self._kills_before >= 0 and _memory_kills() > self._kills_before

    def _keep(self, pipe: BinaryIO) -> None:
        with pipe:
            for raw in iter(lambda: pipe.readline(2000), b""):
                line = raw.decode("utf-8", errors="replace")
                # The reason stands above the places of every thread, which would push it out.
                self._is_late = self._is_late or line.startswith(TIME_IS_UP)
                self._lacked_memory = self._lacked_memory or any(sign in line.casefold() for sign in _OUT_OF_MEMORY)


def was_killed(status: int | None) -> bool:
    """Whether a process was killed from outside: by a person, or by the system for its memory."""
    return sys.platform != "win32" and status == -signal.SIGKILL


def _memory_kills() -> int:
    """How often the kernel has killed a process for memory since it started; -1 where nobody tells."""
    with suppress(OSError, ValueError):
        for line in Path("/proc/vmstat").read_text().splitlines():
            name, _, count = line.partition(" ")
            if name == "oom_kill":
                return int(count)
    return -1
