"""Asks one question at a time: runs it on the language lane, streams the reply, and can stop it."""

from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject, QTimer, Signal

from app.core.conversation import NOTHING, Message, ReplyMeasure
from app.core.job import Lane, Progress
from app.ui.runtime.step_clock import StepClock

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.core.conversation import Conversation, Sources
    from app.core.ids import CallId, ConversationId
    from app.core.job import Job, JobContext
    from app.ui.runtime.bridge import Bridge


_STATUS_EVERY = 400  # milliseconds
_WAITS = "Waiting for its turn: the language model is at work on a call."


class Questions(Protocol):
    """Stored conversations, and replies to questions in them. Each method touches the disk: not for the GUI thread."""

    def of_call(self, call: "CallId", /) -> "Conversation | None":
        """The conversation about a call, if there is one."""

    def start(
        self, call: "CallId | None" = None, sources: "Sources" = NOTHING, *, is_incognito: bool = False
    ) -> "Conversation":
        """Start a conversation about a call, or a chat that may use its sources."""

    def use(self, conversation: "ConversationId", sources: "Sources", /) -> None:
        """Change what a chat may use."""

    def conversation(self, conversation: "ConversationId", /) -> "Conversation":
        """One conversation with its messages."""

    def reply(self, conversation: "ConversationId", question: str, context: "JobContext", /) -> "Message":
        """Save a question, and generate and save the reply.

        Its text is reported as it arrives, and the reply so far each time it cites.
        """


class ReplyStream(QObject):
    """Asks questions; everything is reported by signals, on the GUI thread."""

    began = Signal(str)  # the question
    text_arrived = Signal(str)  # the next text of the reply
    cited = Signal(object)  # the reply so far as a message: where it cites
    measured = Signal(object)  # a `ReplyMeasure`: what the reply took
    waiting = Signal(str)  # what is waited for, as long as no text has arrived
    ended = Signal(object)  # the whole conversation as stored, also after a stop
    failed = Signal(object)  # the error
    changed = Signal()  # `is_running` may have changed

    def __init__(self, answering: Questions, bridge: "Bridge", parent: QObject) -> None:
        super().__init__(parent)
        self._answering, self._bridge = answering, bridge
        self._job: Job[Conversation] | None = None
        self._clock = StepClock()
        self._has_text = False
        self._timer = QTimer(self)
        self._timer.setInterval(_STATUS_EVERY)
        self._timer.timeout.connect(self._say_what_is_waited_for)
        self._generation = 0
        self.conversation: ConversationId | None = None

    @property
    def is_running(self) -> bool:
        """Whether a reply is being written."""
        return self._job is not None

    def switch_to(self, conversation: "ConversationId | None") -> None:
        """Switch to another conversation; a running reply is stopped and kept as far as it got."""
        self.stop()
        self._generation += 1
        self._job = None
        self.conversation = conversation
        self.changed.emit()

    def ask(
        self,
        question: str,
        call: "CallId | None" = None,
        sources: "Sources" = NOTHING,
        *,
        is_incognito: bool = False,
    ) -> None:
        """Ask a question; the first one starts the conversation."""
        if self.is_running or not question.strip():
            return
        answering = self._answering

        def write(conversation: "ConversationId", context: "JobContext") -> object:
            if call is None:  # what the chips say now is what is used
                answering.use(conversation, sources)
            return answering.reply(conversation, question, context)

        self._run(write, lambda: answering.start(call, sources, is_incognito=is_incognito).id)
        self.began.emit(question)

    def run(self, work: "Callable[[ConversationId, JobContext], object]") -> None:
        """Have a reply of the conversation written in another way, such as anew."""
        if not self.is_running and self.conversation is not None:
            self._run(work)

    def _run(
        self,
        write: "Callable[[ConversationId, JobContext], object]",
        start: "Callable[[], ConversationId] | None" = None,
    ) -> None:
        answering = self._answering
        conversation_id, generation = self.conversation, self._generation
        started: list[ConversationId] = [conversation_id] if conversation_id else []

        def work(context: "JobContext") -> "Conversation":
            if not started and start is not None:
                started.append(start())
            write(started[0], context)
            return answering.conversation(started[0])  # the reply with the rest, as stored

        def show(conversation: "Conversation") -> None:
            if generation == self._generation:
                self._job, self.conversation = None, conversation.id
                self.ended.emit(conversation)
                self.changed.emit()

        def show_stopped() -> None:
            if started:
                self._bridge.run_job(lambda _: answering.conversation(started[0]), show, fail)
            elif generation == self._generation:
                self._job = None
                self.changed.emit()

        def fail(error: Exception) -> None:
            if generation == self._generation:
                self._job = None
                self.conversation = started[0] if started else None
                self.failed.emit(error)
                self.changed.emit()

        def pass_on(text: str) -> None:
            if generation == self._generation:
                self._has_text = True
                self.text_arrived.emit(text)

        def note_progress(event: object) -> None:
            if generation != self._generation:
                return
            if isinstance(event, Progress):
                self._clock.take(event)
            elif isinstance(event, Message):
                self.cited.emit(event)
            elif isinstance(event, ReplyMeasure):
                self.measured.emit(event)

        self._job = (
            self._bridge.run_job(work, show, fail, lane=Lane.LANGUAGE, priority=0, title="Answering")
            .cancelled(show_stopped)
            .on_text(pass_on)
            .on_event(note_progress)
            .job
        )
        self._clock = StepClock()
        self._has_text = False
        self._timer.start()
        self.changed.emit()

    def _say_what_is_waited_for(self) -> None:
        if self._job is None or self._has_text:
            self._timer.stop()
        elif line := self._clock.line_of(self._job, _WAITS):
            self.waiting.emit(line)

    def stop(self) -> None:
        """Stop the running reply; it is kept as far as it got."""
        if self._job is not None:
            self._job.cancel()
