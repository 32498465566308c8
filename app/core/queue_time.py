"""How long all work that waits will take, from how long the same steps took so far."""

from collections.abc import Iterable, Mapping

_LEAST = 1.0  # second of call; of less, nothing is known of the speed


class StepSpeeds:
    """How many seconds each step takes for a second of call: measured on all that were done since the start."""

    def __init__(self) -> None:
        self._measured: dict[str, tuple[float, float]] = {}

    def add(self, step: str, call_seconds: float, taken: float) -> None:
        """A step on a call of this length, or on the part of it that it had left, took so many seconds."""
        if call_seconds >= _LEAST and taken > 0:
            calls, seconds = self._measured.get(step, (0.0, 0.0))
            self._measured[step] = calls + call_seconds, seconds + taken

    def seconds(self, step: str, call_seconds: float) -> float | None:
        """How long a step on a call will take; None before it was done once."""
        calls, taken = self._measured.get(step, (0.0, 0.0))
        return taken / calls * call_seconds if calls else None


def seconds_left(waiting: Mapping[str, Iterable[float | None]]) -> float | None:
    """How long the lanes take together, side by side, by the seconds of the work on each; None if one is unknown."""
    lanes = [list(work) for work in waiting.values()]
    if not any(lanes) or any(seconds is None for work in lanes for seconds in work):
        return None
    return max(sum(seconds or 0.0 for seconds in work) for work in lanes)
