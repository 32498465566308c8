"""Time as it elapses, and as it would on a computer that does nothing else."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

BUSY = 1.2
"""Of the undisturbed time; where more has elapsed, others are using the processors."""

THREADS = 2


@dataclass(frozen=True)
class Speed:
    """Tokens a second, as they elapsed and as they would have with nothing beside."""

    elapsed: float
    undisturbed: float


class Clock:
    """Measures one reply, and how much of it is decoding."""

    def __init__(self) -> None:
        self._decoding = 0.0  # seconds of this thread
        self._began = (time.perf_counter(), time.process_time(), time.thread_time())

    def timed(self, decode: Callable[..., Any]) -> Callable[..., Any]:
        """The same function, whose time counts as decoding."""

        def decoded(*arguments: object) -> Any:
            began = time.thread_time()
            try:
                return decode(*arguments)
            finally:
                self._decoding += time.thread_time() - began

        return decoded

    def seconds(self) -> tuple[float, float]:
        """The seconds until now: those that elapsed, and those that it would have taken with nothing beside."""
        elapsed, process, thread = (
            now - began
            for now, began in zip(
                (time.perf_counter(), time.process_time(), time.thread_time()), self._began, strict=True
            )
        )
        outside = thread - self._decoding
        return elapsed, (process - outside) / THREADS + outside

    def speed(self, tokens: int) -> Speed:
        """The speed of so many tokens until now."""
        elapsed, undisturbed = self.seconds()
        return Speed(tokens / elapsed, tokens / undisturbed)


class Quiet:
    """What the engine asks of its channel."""

    is_cancelled = False
