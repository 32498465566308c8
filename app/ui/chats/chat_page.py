"""The page of one chat: questions across all calls, each answer with the calls it rests on."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.core.conversation import Citation, Conversation, Role
from app.core.durations import moment
from app.core.errors import AssistantError
from app.core.ids import ConversationId
from app.core.job import Lane
from app.services.chats.drafts import NEW
from app.ui.conversation.composer import Composer
from app.ui.conversation.question import ReplyStream
from app.ui.conversation.source_cards import Source
from app.ui.conversation.view import ConversationView
from app.ui.style.phrases import short_day
from app.ui.style.theme import Theme
from app.ui.widgets.basics import ElidedLabel, button, centred, panel
from app.ui.widgets.dialogs import DeleteDialog
from app.ui.widgets.notice_bar import NoticeBar

if TYPE_CHECKING:
    from app.core.change import Change
    from app.core.deletion import Consequences
    from app.core.job import JobContext
    from app.ui.chats.chat_services import ChatServices
    from app.ui.runtime.bridge import Bridge

_TEXT_WIDTH = 740  # design pixels: the greatest width of the text column
_EMPTY = "Ask across all your calls. Each answer shows the calls and moments it rests on."
_NEW = "New chat"


class ChatPage(QWidget):
    """Shows one chat, and reads the list of all chats."""

    chats_read = Signal(object)  # all chats, each time they were read
    citation_clicked = Signal(object)  # the citation whose call is to be shown
    chat_changed = Signal(str)  # the id of the chat now shown, or "" for a new one

    def __init__(self, theme: Theme, services: "ChatServices", bridge: "Bridge", parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName("Chat")
        self._theme, self._services, self._bridge = theme, services, bridge
        px = theme.px
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        top = panel(self, "page", "", "Chat")
        row = QHBoxLayout(top)
        row.setContentsMargins(px(22), px(12), px(22), px(6))
        self.title = ElidedLabel(top, "chat")
        self.title.setMinimumHeight(px(32))
        self.title.show_text(_NEW)
        self.delete_button = button("Delete…", top, "plain", self.ask_to_delete, "Delete this chat")
        row.addWidget(self.title, 1)
        row.addWidget(self.delete_button)
        column.addWidget(top)
        self.notice = NoticeBar(theme, self)
        column.addLayout(self._in_text_column(self.notice, 0))
        self.conversation = ConversationView(theme, self, shows_times=False, widest=px(_TEXT_WIDTH + 44), empty=_EMPTY)
        column.addWidget(self.conversation, 1)
        self.composer = Composer(theme, self, "Ask across your calls…")
        column.addLayout(self._in_text_column(self.composer, px(16)))
        self.reply_stream = ReplyStream(services.answering, bridge, self)
        self.reply_stream.began.connect(self._began)
        self.reply_stream.text_arrived.connect(self.conversation.append)
        self.reply_stream.cited.connect(self.conversation.show_cited)
        self.reply_stream.waiting.connect(self.conversation.show_waiting)
        self.reply_stream.ended.connect(self._show)
        self.reply_stream.failed.connect(self._fail)
        self.reply_stream.changed.connect(lambda: self.composer.show_running(self.reply_stream.is_running))
        self.composer.sent.connect(lambda question: self.reply_stream.ask(question, None))
        self.composer.stop_wanted.connect(self.reply_stream.stop)
        self.conversation.citation_clicked.connect(self._open_citation)
        self._reload_timer = QTimer(self)
        self._reload_timer.setSingleShot(True)
        self._reload_timer.setInterval(200)
        self._reload_timer.timeout.connect(self._read_list)
        bridge.vault_changed.connect(self._apply_changes)
        self.delete_button.hide()
        self._wanted_message: int | None = None
        self.composer.set_draft_key(NEW)

    def begin(self) -> None:
        """Focus the question field."""
        self.focus()

    def leave(self) -> bool:
        """Stop a running reply; Escape does not leave this page."""
        self.reply_stream.stop()
        return True

    def _apply_changes(self, changes: "list[Change]") -> None:
        if any(change.kind == "conversation" for change in changes):
            self.read_list_again()
        if any(change.kind == "recording" and change.is_gone for change in changes):
            self.read_chat_again()

    def _in_text_column(self, content: QWidget, below: int = 0) -> QHBoxLayout:
        px = self._theme.px
        content.setMaximumWidth(px(_TEXT_WIDTH))
        row = centred(content)
        row.setContentsMargins(px(22), 0, px(22), below)
        return row

    @property
    def current(self) -> ConversationId | None:
        """The id of the chat that is shown; None until its first question."""
        return self.reply_stream.conversation

    def read_list_again(self) -> None:
        """Reload the list of chats soon; several requests in a row cause one read."""
        if not self._reload_timer.isActive():
            self._reload_timer.start()

    def _read_list(self) -> None:
        self._bridge.run_job(
            lambda _: self._services.answering.conversations(), self._take_list, self.notice.show_error
        )

    def _take_list(self, conversations: list[Conversation]) -> None:
        self.chats_read.emit([c for c in conversations if c.call is None])

    def new(self) -> None:
        """Start an empty chat."""
        self.reply_stream.switch_to(None)
        self.conversation.show_conversation(None)
        self.title.show_text(_NEW)
        self.delete_button.hide()
        self.notice.hide()
        self.composer.set_draft_key(NEW)
        self.chat_changed.emit("")
        self.focus()

    def open(self, conversation: ConversationId, message: int | None = None) -> None:
        """Show a chat, at a message by its number if one is given."""
        if conversation == self.current:
            if message is not None:
                self.conversation.reveal(message)
            return
        self._wanted_message = message
        self.reply_stream.switch_to(conversation)
        self.composer.set_draft_key(conversation)
        self.notice.hide()
        self.chat_changed.emit(conversation)
        self._read(conversation)

    def read_chat_again(self) -> None:
        """Reload the chat that is shown: a deleted call may have taken answers with it."""
        if self.current is not None:
            self._read(self.current)

    def _read(self, conversation: ConversationId) -> None:
        def show(found: Conversation) -> None:
            if conversation == self.current and not self.reply_stream.is_running:
                self._show(found)

        self._bridge.run_job(
            lambda _: self._services.answering.conversation(conversation), show, self.notice.show_error
        )

    def focus(self) -> None:
        """Focus the question field."""
        self.composer.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _began(self, question: str) -> None:
        self.notice.hide()
        if self.current is None:
            self.title.show_text(question)
        self.conversation.begin(question)

    def _show(self, conversation: object) -> None:
        if not isinstance(conversation, Conversation):
            return
        self.title.show_text(conversation.title or _NEW)
        self.delete_button.show()
        self.composer.set_draft_key(conversation.id, is_same=True)
        self.conversation.show_conversation(conversation)
        if self._wanted_message is not None:
            self.conversation.reveal(self._wanted_message)
            self._wanted_message = None
        self.chat_changed.emit(conversation.id)
        self._read_sources(conversation)

    def _fail(self, error: Exception) -> None:
        self.conversation.remove_streaming_reply()
        self.notice.show_error(error)

    def _read_sources(self, conversation: Conversation) -> None:
        replies = {n: message for n, message in enumerate(conversation.messages) if message.role is Role.ASSISTANT}
        library = self._services.library

        def work(context: "JobContext") -> dict[int, list[Source]]:
            found: dict[int, list[Source]] = {}
            for place, reply in replies.items():
                cards = []
                for number, citation in enumerate(reply.citations, 1):
                    context.checkpoint()
                    try:
                        call = library.call(citation.id)
                        (cited,) = library.cited([citation])
                    except AssistantError:
                        continue  # the call has been deleted since; the answer is shown without this card
                    when = f"{short_day(call.date)}, {moment(citation.start, citation.end, cited.line)}"
                    source = "Call" if cited.line else "From an earlier transcript of the call"
                    detail = f"{source}, {when}: “{cited.text}”" if cited.text else f"{source}, {when}"
                    cards.append(Source(citation, f"{number} · {call.title}", detail))
                found[place] = cards
            return found

        def show(sources: dict[int, list[Source]]) -> None:
            if conversation.id == self.current:
                for number, cards in sources.items():
                    self.conversation.show_sources(number, cards)

        self._bridge.run_job(work, show, lambda _: None)

    def _open_citation(self, citation: object) -> None:
        if isinstance(citation, Citation):
            self.citation_clicked.emit(citation)

    def ask_to_delete(self) -> None:
        """Delete the chat once the user has confirmed."""
        chat_id = self.current
        if chat_id is None:
            return

        def ask(consequences: "Consequences") -> None:
            loss = "Its questions and answers are removed from this vault; there is no undo."
            question = DeleteDialog(self._theme, self.window(), "chat", loss, consequences)
            question.accepted.connect(lambda: self._delete(chat_id, rewrites_copies=question.rewrites_copies))
            question.open()

        self._bridge.run_job(lambda _: self._services.deletion.of_chat(chat_id), ask, self.notice.show_error)

    def _delete(self, chat_id: ConversationId, *, rewrites_copies: bool) -> None:
        services = self._services

        def deleted(_: object) -> None:
            self.new()
            if rewrites_copies:
                self._bridge.run_job(
                    services.maintenance.replace_copies, failed=self.notice.show_error, lane=Lane.BACKGROUND
                )

        self._bridge.run_job(lambda _: services.answering.delete(chat_id), deleted, self.notice.show_error)
