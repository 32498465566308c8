"""Having the model name a chat by its first question, in the background, once."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.core.conversation import Conversation, first_title
from app.core.job import Lane

if TYPE_CHECKING:
    from app.core.job import Job
    from app.ui.chats.chat_services import Chats
    from app.ui.runtime.bridge import Bridge


class ChatNaming(QObject):
    """Names chats that have the name of their first question still."""

    named = Signal(str, str)  # the id of a chat, and its title

    def __init__(self, answering: "Chats", bridge: "Bridge", parent: QObject) -> None:
        super().__init__(parent)
        self._answering, self._bridge = answering, bridge
        self._job: Job[str] | None = None
        self._asked: set[str] = set()

    def name(self, conversation: Conversation) -> None:
        """Ask for a title, if it has none and was not asked for."""
        chat, answering = conversation.id, self._answering
        if chat in self._asked or conversation.title != first_title(conversation):
            return
        self._asked.add(chat)

        def tell(title: str) -> None:
            if title:
                self.named.emit(chat, title)

        self._job = self._bridge.run_job(
            lambda context: answering.write_title(chat, context),
            tell, lambda _: None, lane=Lane.LANGUAGE, priority=3, title="Naming",
        ).cancelled(lambda: self._asked.discard(chat)).job  # fmt: skip

    def stop(self) -> None:
        """Stop asking: it would keep the model from a reply."""
        if self._job is not None:
            self._job.cancel()
            self._job = None
