"""The page of one chat: with the model alone, or about what was chosen, with the moments that an answer rests on."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout, QWidget

from app.core.conversation import NOTHING, Citation, Conversation, ReplyMeasure, Sources, first_title
from app.core.ids import ConversationId
from app.core.job import Lane
from app.services.chats.drafts import NEW
from app.ui.chats.chat_actions import ChatActions
from app.ui.chats.chat_composer import ChatComposer
from app.ui.chats.cited_cards import cited_cards
from app.ui.chats.starters import Starter, Starters, starters
from app.ui.conversation.question import ReplyStream
from app.ui.conversation.source_cards import Source
from app.ui.conversation.view import ConversationView
from app.ui.style.theme import Theme
from app.ui.widgets.basics import ElidedLabel, button, centred, glyph, panel
from app.ui.widgets.notice_bar import NoticeBar

if TYPE_CHECKING:
    from app.core.call import Call
    from app.core.change import Change
    from app.core.job import Job
    from app.ui.chats.chat_services import ChatServices
    from app.ui.runtime.bridge import Bridge

_TEXT_WIDTH = 740  # design pixels: the greatest width of the text column
_NEW, _INCOGNITO = "New chat", "Incognito chat"
_EDITED = (
    "Your question is in the field below.",
    "Sent again, it stands beside this one as another version; Escape leaves all as it is.",
)
_UNKEPT = "Incognito: this chat is kept in memory alone, and is gone when you leave it or lock."


class ChatPage(QWidget):
    """Shows one chat, and reads the list of all chats."""

    chats_read = Signal(object)  # all chats, each time they were read
    citation_clicked = Signal(object)  # the citation whose call is to be shown
    chat_changed = Signal(str)  # the id of the chat now shown, or "" for a new one

    def __init__(self, theme: Theme, services: "ChatServices", bridge: "Bridge", parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName("Chat")
        self._theme, self._services, self._bridge = theme, services, bridge
        self._editing: int | None = None  # the number of the question that is edited, from 0
        self._known: Conversation | None = None
        self._titling: Job[str] | None = None
        self._is_incognito = False
        px = theme.px
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        top = panel(self, "page", "", "Chat")
        row = QHBoxLayout(top)
        row.setContentsMargins(px(22), px(12), px(22), px(6))
        self.title = ElidedLabel(top, "chat")
        self.title.setMinimumHeight(px(32))
        self.incognito_button = button(
            "Incognito", top, "plain", lambda: self.new(is_incognito=not self._is_incognito), "Begin an incognito chat"
        )
        self.incognito_button.setCheckable(True)
        self.menu_button = button("", top, "plain", None, "More about this chat")
        row.addWidget(self.title, 1)
        row.addWidget(self.incognito_button)
        row.addWidget(self.menu_button)
        column.addWidget(top)
        self.notice = NoticeBar(theme, self)
        column.addLayout(self._in_text_column(self.notice, 0))
        self.conversation = ConversationView(
            theme, self, shows_times=False, widest=px(_TEXT_WIDTH + 44), empty="", has_actions=True
        )
        column.addWidget(self.conversation, 1)
        self.starters = Starters(theme, self)
        column.addLayout(self._in_text_column(self.starters, 0), 1)
        self.composer = ChatComposer(theme, self)
        column.addLayout(self._in_text_column(self.composer, px(16)))
        self.reply_stream = ReplyStream(services.answering, bridge, self)
        self.on_chat = ChatActions(theme, services, bridge, self)
        self.on_chat.renamed.connect(self.title.show_text)
        self.on_chat.deleted.connect(self.new)
        self.on_chat.failed.connect(self.notice.show_error)
        self._connect_reply()
        self._connect_writing()
        theme.changed.connect(self._draw_icon)
        self._draw_icon()
        self._reload_timer = QTimer(self)
        self._reload_timer.setSingleShot(True)
        self._reload_timer.setInterval(200)
        self._reload_timer.timeout.connect(self._read_list)
        bridge.vault_changed.connect(self._apply_changes)
        self._wanted_message: int | None = None
        self._show_nothing(is_incognito=False)
        self.composer.set_draft_key(NEW)

    def _connect_reply(self) -> None:
        stream, view = self.reply_stream, self.conversation
        stream.began.connect(self._began)
        stream.text_arrived.connect(view.append)
        stream.cited.connect(view.show_cited)
        stream.waiting.connect(view.show_waiting)
        stream.measured.connect(self._show_measure)
        stream.ended.connect(self._show)
        stream.failed.connect(self._fail)
        stream.changed.connect(lambda: self.composer.show_running(stream.is_running))
        view.citation_clicked.connect(self._open_citation)
        view.edit_wanted.connect(self._edit)
        view.again_wanted.connect(self._write_again)
        view.going_on_wanted.connect(self._go_on)
        view.turned.connect(self._turn)

    def _connect_writing(self) -> None:
        self.composer.sent.connect(self._send)
        self.composer.stop_wanted.connect(self.reply_stream.stop)
        self.composer.calls.titles_wanted.connect(self._read_calls)
        self.composer.chips.chosen.connect(self._use)
        self.starters.chosen.connect(self._start_with)

    def set_menu(self, menu: QMenu) -> None:
        """Show this menu at the button with the dots."""
        self.menu_button.setMenu(menu)

    def _draw_icon(self) -> None:
        self.menu_button.setIcon(glyph(self._theme, "dots", "text"))

    def begin(self) -> None:
        """Focus the question field."""
        self._read_calls()
        self.focus()

    def leave(self) -> bool:
        """Stop a running reply, or leave a question that is edited; Escape does not leave this page."""
        self.reply_stream.stop()
        if self._editing is not None:
            self._editing = None
            self.composer.field.clear()
            self.notice.hide()
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

    def new(self, sources: Sources = NOTHING, *, is_incognito: bool = False) -> None:
        """Start an empty chat, which may use these sources."""
        self._forget_incognito()
        self.reply_stream.switch_to(None)
        self.conversation.show_conversation(None)
        self.notice.hide()
        self._show_nothing(is_incognito=is_incognito)
        self.composer.chips.show_sources(sources)
        self.composer.set_draft_key("" if is_incognito else NEW)
        self.chat_changed.emit("")
        self._read_calls()
        self.focus()

    def _show_nothing(self, *, is_incognito: bool) -> None:
        """Show a chat without a message."""
        self._known, self._is_incognito, self._editing = None, is_incognito, None
        self.on_chat.show(None)
        self.title.show_text(_INCOGNITO if is_incognito else _NEW)
        self.incognito_button.setChecked(is_incognito)
        self._show_whether_new(is_new=True)
        self.composer.chips.show_sources(NOTHING)
        self.composer.show_measure(None)
        if is_incognito:
            self.notice.show_note(_UNKEPT, "")

    def _show_whether_new(self, *, is_new: bool) -> None:
        self.starters.setVisible(is_new)
        self.conversation.setVisible(not is_new)
        self.menu_button.setVisible(not is_new and not self._is_incognito)
        self.incognito_button.setVisible(is_new or self._is_incognito)

    def _forget_incognito(self) -> None:
        if self._is_incognito and (left := self.current) is not None:
            self._bridge.run_job(lambda _: self._services.answering.delete(left), failed=lambda _: None)

    def open(self, conversation: ConversationId, message: int | None = None) -> None:
        """Show a chat, at a message by its number if one is given."""
        if conversation == self.current:
            if message is not None:
                self.conversation.reveal(message)
            return
        self._wanted_message = message
        self._forget_incognito()
        self._show_nothing(is_incognito=False)
        self._show_whether_new(is_new=False)
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

    def _read_calls(self) -> None:
        """Read what the calls are called, for the chips, the list behind an `@`, and what one could begin with."""

        def show(calls: "list[Call]") -> None:
            self.composer.chips.take_titles({call.id: call.title for call in calls})
            self.composer.calls.take_calls(calls)
            self.starters.show_starters(starters(calls))

        self._bridge.run_job(lambda _: self._services.library.calls(), show, self.notice.show_error)

    # Writing

    def _send(self, text: str) -> None:
        if self._titling is not None:
            self._titling.cancel()  # it would keep the model from the reply
        known, place, answering = self._known, self._editing, self._services.answering
        if known is None or place is None:
            self.reply_stream.ask(text, None, self.composer.chips.sources, is_incognito=self._is_incognito)
            return
        number = known.versions[place].number
        self._editing = None
        self.conversation.rewind(place)
        self.reply_stream.run(lambda chat, context: answering.ask_anew(chat, number, text, context))
        self._began(text)

    def _edit(self, place: int) -> None:
        if self._known is None or self.reply_stream.is_running:
            return
        self._editing = None
        self.write(self._known.messages[place].text)
        self._editing = place
        self.notice.show_note(*_EDITED)

    def _write_again(self, place: int) -> None:
        if self._known is None or self.reply_stream.is_running:
            return
        number, answering = self._known.versions[place].number, self._services.answering
        self.conversation.rewind(place)
        self.conversation.begin_reply()
        self.reply_stream.run(lambda chat, context: answering.reply_anew(chat, number, context))

    def _go_on(self) -> None:
        if self._known is None or self.reply_stream.is_running:
            return
        answering = self._services.answering
        self.conversation.rewind(len(self._known.messages) - 1, keeps_reply=True)
        self.reply_stream.run(answering.go_on)

    def _turn(self, place: int, step: int) -> None:
        if self._known is None or self.reply_stream.is_running:
            return
        chat, number, answering = self._known.id, self._known.versions[place].number, self._services.answering

        def work(_: object) -> Conversation:
            answering.show_version(chat, number, step)
            return answering.conversation(chat)

        self._bridge.run_job(work, self._show, self.notice.show_error)

    def write(self, text: str) -> None:
        """Put a text into the field, to be gone on with."""
        self.composer.field.setPlainText(text)
        self.composer.field.moveCursor(QTextCursor.MoveOperation.End)
        self.focus()

    def _start_with(self, starter: object) -> None:
        if isinstance(starter, Starter):
            self.composer.chips.show_sources(starter.sources)
            self.write(starter.text)

    def _use(self, sources: object) -> None:
        chat = self.current
        if chat is not None and isinstance(sources, Sources):
            self._bridge.run_job(lambda _: self._services.answering.use(chat, sources), failed=self.notice.show_error)

    def _show_measure(self, measure: object) -> None:
        if isinstance(measure, ReplyMeasure):
            self.conversation.show_measure(measure)
            self.composer.show_measure(measure)

    def _began(self, question: str) -> None:
        self.notice.hide()
        self._show_whether_new(is_new=False)
        if self.current is None and not self._is_incognito:
            self.title.show_text(question)
        self.conversation.begin(question)

    def _show(self, conversation: object) -> None:
        if not isinstance(conversation, Conversation):
            return
        self._known = conversation
        self.on_chat.show(None if self._is_incognito else conversation)
        self._show_whether_new(is_new=False)
        self.title.show_text(_INCOGNITO if self._is_incognito else conversation.title or _NEW)
        if not self._is_incognito:
            self.composer.set_draft_key(conversation.id, is_same=True)
        self.composer.chips.show_sources(conversation.sources)
        self.conversation.show_conversation(conversation)
        if self._wanted_message is not None:
            self.conversation.reveal(self._wanted_message)
            self._wanted_message = None
        self.chat_changed.emit(conversation.id)
        self._read_sources(conversation)
        self._write_title(conversation)

    def _write_title(self, conversation: Conversation) -> None:
        """Have the model name a chat after its first reply."""
        if len(conversation.messages) != 2 or self._is_incognito or conversation.title != first_title(conversation):
            return

        def show(title: str) -> None:
            if title and conversation.id == self.current:
                self.title.show_text(title)

        self._titling = self._bridge.run_job(
            lambda context: self._services.answering.write_title(conversation.id, context),
            show, lambda _: None, lane=Lane.LANGUAGE, priority=3, title="Naming",
        ).cancelled(lambda: None).job  # fmt: skip

    def _fail(self, error: Exception) -> None:
        self.conversation.remove_streaming_reply()
        self.notice.show_error(error)

    def _read_sources(self, conversation: Conversation) -> None:
        def show(sources: dict[int, list[Source]]) -> None:
            if conversation.id == self.current:
                for number, cards in sources.items():
                    self.conversation.show_sources(number, cards)

        library = self._services.library
        self._bridge.run_job(lambda context: cited_cards(conversation, library, context), show, lambda _: None)

    def _open_citation(self, citation: object) -> None:
        if isinstance(citation, Citation):
            self.citation_clicked.emit(citation)
