"""Runs one action on a text at a time: as a job on the language lane, which is seen and can be stopped."""

from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject, QTimer, Signal

from app.core.job import Lane, Progress
from app.core.writing.written import SoFar
from app.ui.runtime.step_clock import StepClock

if TYPE_CHECKING:
    from app.core.job import Job, JobContext
    from app.core.writing.action import TextAction
    from app.core.writing.written import Written
    from app.ui.runtime.bridge import Bridge

_STATUS_EVERY = 400  # milliseconds
_WAITS = "Waiting for its turn: the language model is at work on something else."


class DoesWriting(Protocol):
    """Does with a text what a person asks; slow: not for the GUI thread."""

    def run(
        self, action: "TextAction", text: str, context: "JobContext", /, *, target: str = "", question: str = ""
    ) -> "Written":
        """The result of an action; what comes of it is reported as `Delta`, `SoFar` and `Progress`."""


class TextJob(QObject):
    """Runs actions; everything is reported by signals, on the GUI thread. What is attached to it shows them."""

    began = Signal()
    text_changed = Signal(str)  # all of the result as far as it came
    waiting = Signal(str)  # how far it is
    ended = Signal(object)  # the result, as `Written`
    failed = Signal(object)  # the error
    stopped = Signal()

    def __init__(self, writing: DoesWriting, bridge: "Bridge", parent: QObject) -> None:
        super().__init__(parent)
        self._writing, self._bridge = writing, bridge
        self._job: Job[Written] | None = None
        self._generation = 0
        self._clock = StepClock()
        self._checked = self._drafted = ""
        self._timer = QTimer(self)
        self._timer.setInterval(_STATUS_EVERY)
        self._timer.timeout.connect(self._say_how_far)

    @property
    def is_running(self) -> bool:
        """Whether an action is under way."""
        return self._job is not None

    def run(self, action: "TextAction", text: str, target: str = "", question: str = "") -> None:
        """Begin an action, in the place of the one under way.

        `target` is the language to translate into, and `question` what is asked about the text.
        """
        self.stop()
        self._generation += 1
        generation, writing = self._generation, self._writing

        def work(context: "JobContext") -> "Written":
            written = writing.run(action, text, context, target=target, question=question)
            if action.facts.is_rewriting:
                _ = written.difference  # made here: of a long text it takes seconds, for which the window must not wait
            return written

        def end(written: "Written") -> None:
            if self._is_over(generation):
                self.ended.emit(written)

        def fail(error: Exception) -> None:
            if self._is_over(generation):
                self.failed.emit(error)

        def end_stopped() -> None:
            if self._is_over(generation):
                self.stopped.emit()

        def take(event: object) -> None:
            if generation == self._generation:
                self._take(event)

        def take_text(added: str) -> None:
            if generation == self._generation:
                self._drafted += added
                self.text_changed.emit(self._checked + self._drafted)

        self._clock, self._checked, self._drafted = StepClock(), "", ""
        self._job = (
            self._bridge.run_job(work, end, fail, lane=Lane.LANGUAGE, priority=0, title="Writing")
            .cancelled(end_stopped)
            .on_text(take_text)
            .on_event(take)
            .job
        )
        self._timer.start()
        self.began.emit()

    def stop(self) -> None:
        """Stop the action that is under way; nothing of it is kept."""
        if self._job is not None:
            self._job.cancel()

    def _is_over(self, generation: int) -> bool:
        """Whether it is the action under way that has ended, and not an earlier one."""
        if generation != self._generation:
            return False
        self._job = None
        self._timer.stop()
        return True

    def _take(self, event: object) -> None:
        if isinstance(event, SoFar):
            self._checked, self._drafted = event.text, ""
            self.text_changed.emit(event.text)
        elif isinstance(event, Progress):
            self._clock.take(event)

    def _say_how_far(self) -> None:
        if self._job is not None and (line := self._clock.line_of(self._job, _WAITS)):
            self.waiting.emit(line)
