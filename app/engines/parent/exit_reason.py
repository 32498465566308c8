"""Why a worker ended, judged by its stderr, its exit status and the kernel's count of out-of-memory kills."""

import signal
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from app.core.diagnostics import is_debugging
from app.core.errors import AssistantError, EngineCrashed, EngineOutOfMemory, ModelStalls
from app.engines.memory_shortage import shows_shortage
from app.engines.sandbox.resource_limits import DEADLINE_MARKER


class StderrMonitor:
    """Watches a worker's stderr for signs of why it ended, and for new out-of-memory kills by the system."""

    def __init__(self, pipe: BinaryIO, name: str) -> None:
        self._hit_deadline = self._lacked_memory = False
        self._kills_before = _memory_kills()
        self._reader = threading.Thread(target=self._watch, args=(pipe, name), name=f"{name}-err", daemon=True)
        self._reader.start()

    def exit_error(self, status: int | None) -> AssistantError:
        """The error that a worker's exit with this status means."""
        self._reader.join(1.0)
        if self._hit_deadline:
            return ModelStalls()
        if self._lacked_memory or (was_killed(status) and self._was_memory_kill()):
            return EngineOutOfMemory()
        return EngineCrashed()

    def _was_memory_kill(self) -> bool:
        return self._kills_before >= 0 and _memory_kills() > self._kills_before

    def _watch(self, pipe: BinaryIO, name: str) -> None:
        with pipe:
            for raw in iter(lambda: pipe.readline(2000), b""):
                line = raw.decode("utf-8", errors="replace")
                if is_debugging():
                    sys.stderr.write(f"{name}: {line}")
                # The reason comes before the stack traces of all threads; keeping only the last lines would lose it.
                self._hit_deadline = self._hit_deadline or line.startswith(DEADLINE_MARKER)
                self._lacked_memory = self._lacked_memory or shows_shortage(line)


def was_killed(status: int | None) -> bool:
    """Whether a process was killed from outside: by the user, or by the system to free memory."""
    return sys.platform != "win32" and status == -signal.SIGKILL


def _memory_kills() -> int:
    """How many processes the kernel has killed for memory since boot; -1 if unknown."""
    with suppress(OSError, ValueError):
        for line in Path("/proc/vmstat").read_text().splitlines():
            name, _, count = line.partition(" ")
            if name == "oom_kill":
                return int(count)
    return -1
