"""One question at a time: it is put to the language lane, streams back, and can be stopped."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from app.core.conversation import Conversation, Message
    from app.core.ids import ConversationId, RecordingId
    from app.core.job import Context, Job
    from app.services.session import Session
    from app.ui.runtime.bridge import Bridge


class Asking(QObject):
    """Puts questions; everything is told by signals in the window's thread.

    `began` brings the question, `pieced` each piece of the reply, `ended` the whole conversation as
    it is kept (also after a stop), `failed` the error. `changed` says that `is_running` may differ.
    """

    began = Signal(str)
    pieced = Signal(str)
    ended = Signal(object)
    failed = Signal(object)
    changed = Signal()

    def __init__(self, session: "Session", bridge: "Bridge", parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._bridge = session, bridge
        self._job: Job[Conversation] | None = None
        self._turn = 0
        self.conversation: ConversationId | None = None

    @property
    def is_running(self) -> bool:
        """Whether a reply is being written."""
        return self._job is not None

    def leave(self, conversation: "ConversationId | None") -> None:
        """Go over to another conversation; a reply that runs ends with what there is of it."""
        self.stop()
        self._turn += 1
        self._job = None
        self.conversation = conversation
        self.changed.emit()

    def ask(self, question: str, recording: "RecordingId | None") -> None:
        """Put a question; the conversation is started with the first one."""
        if self._job is not None or not question.strip():
            return
        chatting = self._session.chatting
        known, turn = self.conversation, self._turn
        begun: list[ConversationId] = [known] if known else []

        def work(context: "Context") -> "Conversation":
            if not begun:
                begun.append(chatting.start(recording).id)
            reply: Message = chatting.reply(begun[0], question, context)
            del reply  # it is read back with the rest, as it is kept
            return chatting.conversation(begun[0])

        def over(conversation: "Conversation") -> None:
            if turn == self._turn:
                self._job, self.conversation = None, conversation.id
                self.ended.emit(conversation)
                self.changed.emit()

        def stopped() -> None:
            if begun:
                self._bridge.ask(lambda _: chatting.conversation(begun[0]), over, broken)
            elif turn == self._turn:
                self._job = None
                self.changed.emit()

        def broken(error: Exception) -> None:
            if turn == self._turn:
                self._job = None
                self.conversation = begun[0] if begun else None
                self.failed.emit(error)
                self.changed.emit()

        def piece(text: str) -> None:
            if turn == self._turn:
                self.pieced.emit(text)

        self._job = self._bridge.ask(
            work, over, broken, cancelled=stopped, delta=piece, lane="language", priority=0, title="Answering"
        )
        self.began.emit(question)
        self.changed.emit()

    def stop(self) -> None:
        """End the reply that runs; what there is of it is kept."""
        if self._job is not None:
            self._job.cancel()
