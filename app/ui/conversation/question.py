"""Asks one question at a time: runs it on the language lane, streams the reply, and can stop it."""

from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject, Signal

from app.core.job import Lane

if TYPE_CHECKING:
    from app.core.conversation import Conversation, Message
    from app.core.ids import CallId, ConversationId
    from app.core.job import Job, JobContext
    from app.ui.runtime.bridge import Bridge


class Questions(Protocol):
    """Stored conversations, and replies to questions in them. Each method touches the disk: not for the GUI thread."""

    def of_call(self, call: "CallId", /) -> "Conversation | None":
        """The conversation about a call, if there is one."""

    def start(self, call: "CallId | None" = None) -> "Conversation":
        """Start a conversation, about a call or about all of them."""

    def conversation(self, conversation: "ConversationId", /) -> "Conversation":
        """One conversation with its messages."""

    def reply(self, conversation: "ConversationId", question: str, context: "JobContext", /) -> "Message":
        """Save a question, and generate and save the reply; its text is reported as it arrives."""


class ReplyStream(QObject):
    """Asks questions; everything is reported by signals, on the GUI thread."""

    began = Signal(str)  # the question
    text_arrived = Signal(str)  # the next text of the reply
    ended = Signal(object)  # the whole conversation as stored, also after a stop
    failed = Signal(object)  # the error
    changed = Signal()  # `is_running` may have changed

    def __init__(self, answering: Questions, bridge: "Bridge", parent: QObject) -> None:
        super().__init__(parent)
        self._answering, self._bridge = answering, bridge
        self._job: Job[Conversation] | None = None
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

    def ask(self, question: str, call: "CallId | None") -> None:
        """Ask a question; the first one starts the conversation."""
        if self._job is not None or not question.strip():
            return
        answering = self._answering
        conversation_id, generation = self.conversation, self._generation
        started: list[ConversationId] = [conversation_id] if conversation_id else []

        def work(context: "JobContext") -> "Conversation":
            if not started:
                started.append(answering.start(call).id)
            reply: Message = answering.reply(started[0], question, context)
            del reply  # it is read back with the rest, as stored
            return answering.conversation(started[0])

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
                self.text_arrived.emit(text)

        self._job = (
            self._bridge.run_job(work, show, fail, lane=Lane.LANGUAGE, priority=0, title="Answering")
            .cancelled(show_stopped)
            .on_text(pass_on)
            .job
        )
        self.began.emit(question)
        self.changed.emit()

    def stop(self) -> None:
        """Stop the running reply; it is kept as far as it got."""
        if self._job is not None:
            self._job.cancel()
