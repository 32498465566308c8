"""What a person can have done with the chat that is shown: another title, a pin, deletion."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from app.core.conversation import Conversation
from app.core.job import Lane
from app.ui.chats.title_dialog import TitleDialog
from app.ui.style.theme import Theme
from app.ui.widgets.dialogs import DeleteDialog

if TYPE_CHECKING:
    from app.core.deletion import Consequences
    from app.core.ids import ConversationId
    from app.ui.chats.chat_services import ChatServices
    from app.ui.runtime.bridge import Bridge


class ChatActions(QObject):
    """Acts on one chat, which `show` names."""

    renamed = Signal(str)  # the title of the person's own
    deleted = Signal()  # the chat is gone
    failed = Signal(object)  # the error

    def __init__(self, theme: Theme, services: "ChatServices", bridge: "Bridge", parent: QWidget) -> None:
        super().__init__(parent)
        self._theme, self._services, self._bridge, self._page = theme, services, bridge, parent
        self._chat: ConversationId | None = None
        self._title, self.is_pinned = "", False

    def show(self, conversation: Conversation | None) -> None:
        """Act on this chat; None: there is none in the vault."""
        self._chat = None if conversation is None else conversation.id
        self._title = "" if conversation is None else conversation.title
        self.is_pinned = conversation is not None and conversation.is_pinned

    def take_title(self, title: str) -> None:
        """Know that the chat is called this now."""
        self._title = title

    @property
    def has_chat(self) -> bool:
        """Whether there is a chat to act on."""
        return self._chat is not None

    def ask_for_title(self) -> None:
        """Rename the chat once the person has said how."""
        chat, answering = self._chat, self._services.answering
        if chat is None:
            return
        dialog = TitleDialog(self._theme, self._page.window(), self._title)

        def rename() -> None:
            title = dialog.chosen
            if title:
                self._title = title
                self.renamed.emit(title)
                self._bridge.run_job(lambda _: answering.rename(chat, title), failed=self.failed.emit)

        dialog.accepted.connect(rename)
        dialog.open()

    def pin(self, is_pinned: bool) -> None:
        """Keep the chat before the others, or no longer."""
        chat, answering = self._chat, self._services.answering
        if chat is not None:
            self.is_pinned = is_pinned
            self._bridge.run_job(lambda _: answering.pin(chat, is_pinned=is_pinned), failed=self.failed.emit)

    def ask_to_delete(self) -> None:
        """Delete the chat once the person has confirmed."""
        chat = self._chat
        if chat is None:
            return

        def ask(consequences: "Consequences") -> None:
            loss = "Its questions and answers are removed from this vault; there is no undo."
            question = DeleteDialog(self._theme, self._page.window(), "chat", loss, consequences)
            question.accepted.connect(lambda: self._delete(chat, rewrites_copies=question.rewrites_copies))
            question.open()

        self._bridge.run_job(lambda _: self._services.deletion.of_chat(chat), ask, self.failed.emit)

    def _delete(self, chat: "ConversationId", *, rewrites_copies: bool) -> None:
        services = self._services

        def tell(_: object) -> None:
            self.deleted.emit()
            if rewrites_copies:
                self._bridge.run_job(services.maintenance.replace_copies, failed=self.failed.emit, lane=Lane.BACKGROUND)

        self._bridge.run_job(lambda _: services.answering.delete(chat), tell, self.failed.emit)
