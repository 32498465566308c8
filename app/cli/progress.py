"""Progress on a terminal: what is done, in its own unit, and the time left."""

import sys
import time
from typing import TextIO

from app.cli.safe_output import CommandStream
from app.core.figures import amount, remaining
from app.core.job import Progress, RemainingTime

_TERMINAL_INTERVAL = 0.1  # seconds between two updates of the line on a terminal
_PLAIN_INTERVAL = 10.0  # seconds between two lines if the output is not a terminal


class TerminalContext:
    """A job's context for the command line; Ctrl-C is what cancels, so checkpoints do nothing."""

    def __init__(self, stream: TextIO | CommandStream | None = None) -> None:
        self._stream = stream or sys.stderr
        self._is_terminal = self._stream.isatty()
        self._remaining = RemainingTime()
        self._shown_at = 0.0
        self._step = ""
        self._width = 0
        self._was_over = False

    def checkpoint(self) -> None:
        """Do nothing: Ctrl-C raises by itself."""

    def report(self, event: object) -> None:
        """Show progress; ignore other events."""
        if not isinstance(event, Progress):
            return
        left = self._remaining.seconds(event)
        is_over = event.total is not None and event.done >= event.total
        now = time.monotonic()
        is_new = event.step != self._step
        interval = _TERMINAL_INTERVAL if self._is_terminal else _PLAIN_INTERVAL
        if not (is_new or (is_over and not self._was_over) or now - self._shown_at >= interval):
            return
        if is_new and self._step:
            self.finish()
        self._step, self._shown_at, self._was_over = event.step, now, is_over
        rest = f", {remaining(left)}" if left and not is_over else ""
        text = f"{event.step:<13} {amount(event)}{rest}".rstrip()
        if self._is_terminal:
            self._write_over(text.ljust(self._width))
            self._width = len(text)
        else:
            self._stream.write(text + "\n")
        self._stream.flush()

    def _write_over(self, text: str) -> None:
        if isinstance(self._stream, CommandStream):
            self._stream.write_over(text)
        else:
            self._stream.write("\r" + text)

    def clear(self) -> None:
        """Wipe the line: what was waited for is there."""
        if self._is_terminal and self._step:
            self._write_over(" " * self._width)
            self._write_over("")
            self._stream.flush()
        self._step, self._width = "", 0

    def finish(self) -> None:
        """End the line."""
        if self._is_terminal and self._step:
            self._stream.write("\n")
            self._stream.flush()
        self._step, self._width = "", 0
