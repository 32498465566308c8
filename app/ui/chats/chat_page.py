"""The page of one chat: with the model alone, or about what was chosen, with the moments that an answer rests on."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.core.conversation import NOTHING, Conversation, Sources
from app.core.errors import NotFound
from app.core.ids import ConversationId
from app.services.chats.drafts import NEW
from app.ui.chats.chat_actions import ChatActions
from app.ui.chats.chat_composer import ChatComposer
from app.ui.chats.chat_header import ChatHeader
from app.ui.chats.chat_list import ChatList
from app.ui.chats.chat_naming import ChatNaming
from app.ui.chats.cited_cards import cited_cards
from app.ui.chats.starters import Starter, Starters, starters
from app.ui.conversation.question import ReplyStream
from app.ui.conversation.source_cards import Source
from app.ui.conversation.view import ConversationView
from app.ui.style.theme import Theme
from app.ui.widgets.basics import centred
from app.ui.widgets.notice_bar import NoticeBar

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.core.call import Call
    from app.core.change import Change
    from app.core.job import JobContext
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
        self._editing: int | None = None  # the stored number of the question that is edited
        self._unsent = ""  # what was being written when its edit began
        self._is_opening = False  # a stored chat is being read
        self._asked = ""  # the last question that was sent
        self._known: Conversation | None = None
        self._is_incognito, self._is_new = False, True
        px = theme.px
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.header = ChatHeader(theme, self)
        self.header.incognito_wanted.connect(lambda: self.new(is_incognito=not self._is_incognito))
        self.title = self.header.title
        column.addWidget(self.header)
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
        self._naming = ChatNaming(services.answering, bridge, self)
        self._naming.named.connect(self._show_name)
        self._connect_reply()
        self._connect_writing()
        self.list = ChatList(services.answering, bridge, self)
        self.list.was_read.connect(self.chats_read)
        self.list.failed.connect(self.notice.show_error)
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
        stream.measured.connect(view.show_measure)
        stream.measured.connect(self.composer.show_measure)
        stream.ended.connect(self._finish)
        stream.failed.connect(self._fail)
        stream.changed.connect(lambda: self.composer.show_running(stream.is_running))
        view.citation_clicked.connect(self.citation_clicked)
        view.edit_wanted.connect(self._edit)
        view.again_wanted.connect(self._write_again)
        view.going_on_wanted.connect(self._go_on)
        view.turned.connect(self._turn)

    def _connect_writing(self) -> None:
        self.composer.sent.connect(self._send)
        self.composer.stop_wanted.connect(self.reply_stream.stop)
        self.composer.calls.titles_wanted.connect(self._read_calls)
        self.composer.chips.chosen.connect(self._use)
        self.composer.field.textChanged.connect(self._show_starters)
        self.starters.chosen.connect(self._start_with)

    def begin(self) -> None:
        """Focus the question field."""
        self._read_calls()
        self.focus()

    def leave(self) -> bool:
        """Stop a running reply, or leave a question that is edited; Escape does not leave this page."""
        self.reply_stream.stop()
        self._end_edit()
        return True

    def _apply_changes(self, changes: "list[Change]") -> None:
        if any(change.kind == "conversation" for change in changes):
            self.list.read_again()
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
        self.focus()

    @property
    def kept_chat(self) -> ConversationId | None:
        """The id of the chat that is shown, if it is in the vault."""
        return None if self._is_incognito else self.current

    def _show_nothing(self, *, is_incognito: bool) -> None:
        """Show a chat without a message."""
        self._known, self._is_incognito, self._editing = None, is_incognito, None
        self._is_opening = False
        self.on_chat.show(None)
        self.title.show_text(_INCOGNITO if is_incognito else _NEW)
        self._show_whether_new(is_new=True)
        self.composer.chips.show_sources(NOTHING)
        self.composer.show_measure(None)
        if is_incognito:
            self.notice.show_note(_UNKEPT, "")

    def _show_whether_new(self, *, is_new: bool) -> None:
        self._is_new = is_new
        self._show_starters()
        self.header.show_kind(is_new=is_new, is_incognito=self._is_incognito)

    def _show_starters(self) -> None:
        """Show what one could begin with until something is written: then the field needs the room."""
        begins = self._is_new and not self.composer.field.toPlainText()
        self.starters.setVisible(begins)
        self.conversation.setVisible(not begins)

    def _forget_incognito(self) -> None:
        if self._is_incognito:
            self._bridge.run_job(lambda _: self._services.answering.forget_incognito(), failed=lambda _: None)

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
        self._is_opening = True
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
        def fail(error: Exception) -> None:
            if conversation == self.current and isinstance(error, NotFound):
                self.new()  # it is gone: what was written to it would be lost
            self.notice.show_error(error)

        self._bridge.run_job(lambda _: self._services.answering.conversation(conversation), self._show_if_current, fail)

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

    def _send(self, text: str) -> None:
        self._naming.stop()
        known, number, sources = self._known, self._editing, self.composer.chips.sources
        if self._is_opening:
            self.write(text)  # what it may use is not known yet
            return
        self._asked = text
        places = [] if known is None else [n for n, one in enumerate(known.versions) if one.number == number]
        if number is None or not places:
            self.reply_stream.ask(text, None, sources, is_incognito=self._is_incognito)
            return
        self._end_edit()
        self.conversation.rewind(places[0])
        answering = self._services.answering
        self._run(lambda chat, context: answering.ask_anew(chat, number, text, context))
        self._began(text)

    def _run(self, write: "Callable[[ConversationId, JobContext], object]") -> None:
        """Have a reply written in another way; what the chips say now is what is used."""
        self._naming.stop()
        sources, answering = self.composer.chips.sources, self._services.answering

        def use_and_write(chat: ConversationId, context: "JobContext") -> object:
            answering.use(chat, sources)
            return write(chat, context)

        self.reply_stream.run(use_and_write)

    def _edit(self, place: int) -> None:
        if self._known is None or self.reply_stream.is_running or place >= len(self._known.versions):
            return
        if self._editing is None:
            self._unsent = self.composer.field.toPlainText()
        self.composer.set_draft_key("")  # what is edited is no draft of the next question
        self.write(self._known.messages[place].text)
        self._editing = self._known.versions[place].number
        self.notice.show_note(*_EDITED)

    def _end_edit(self) -> None:
        """Leave the question that is edited; what was being written before is in the field again."""
        if self._editing is None:
            return
        self._editing = None
        self.notice.hide()
        unsent = self._unsent
        if not self._is_incognito and self._known is not None:
            self.composer.set_draft_key(self._known.id)
        self.write(unsent)

    def _write_again(self, place: int) -> None:
        if self._known is None or self.reply_stream.is_running or place >= len(self._known.versions):
            return
        number, answering = self._known.versions[place].number, self._services.answering
        self.conversation.rewind(place)
        self.conversation.begin_reply()
        self._run(lambda chat, context: answering.reply_anew(chat, number, context))

    def _go_on(self, place: int) -> None:
        if self._known is None or self.reply_stream.is_running or place != len(self._known.messages) - 1:
            return
        number, answering = self._known.versions[place].number, self._services.answering
        self.conversation.rewind(place, keeps_reply=True)
        self._run(lambda chat, context: answering.go_on(chat, number, context))

    def _turn(self, place: int, step: int) -> None:
        if self._known is None or self.reply_stream.is_running or place >= len(self._known.versions):
            return
        self._end_edit()
        chat, number, answering = self._known.id, self._known.versions[place].number, self._services.answering

        def work(_: object) -> Conversation:
            answering.show_version(chat, number, step)
            return answering.conversation(chat)

        def show(found: Conversation) -> None:
            self._show_if_current(found)
            self.conversation.focus_version(place, step)

        self._bridge.run_job(work, show, self.notice.show_error)

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

    def _began(self, question: str) -> None:
        self.notice.hide()
        self._show_whether_new(is_new=False)
        if self.current is None and not self._is_incognito:
            self.title.show_text(question)
        self.conversation.begin(question)

    def _show_if_current(self, conversation: Conversation) -> None:
        if conversation.id == self.current and not self.reply_stream.is_running:
            self._show(conversation)

    def _finish(self, conversation: object) -> None:
        if isinstance(conversation, Conversation):
            self._show(conversation)
            if not self._is_incognito:
                self._naming.name(conversation)

    def _show(self, conversation: Conversation) -> None:
        if self._is_opening:
            self._is_opening = False
            self.composer.chips.show_sources(conversation.sources)
        self._known = conversation
        self.on_chat.show(None if self._is_incognito else conversation)
        self._show_whether_new(is_new=False)
        self.title.show_text(_INCOGNITO if self._is_incognito else conversation.title or _NEW)
        if not self._is_incognito:
            self.composer.set_draft_key(conversation.id, is_same=True)
        self.conversation.show_conversation(conversation)
        if self._wanted_message is not None:
            self.conversation.reveal(self._wanted_message)
            self._wanted_message = None
        self.chat_changed.emit(conversation.id)
        self._read_sources(conversation)

    def _show_name(self, chat: str, title: str) -> None:
        if chat == self.current:
            self.title.show_text(title)
            self.on_chat.take_title(title)

    def _fail(self, error: Exception) -> None:
        """Say so, show what is stored, and have a question that was not stored in the field again."""
        self.conversation.remove_streaming_reply()
        self.notice.show_error(error)
        chat, asked = self.current, self._asked
        if chat is None:
            self.conversation.show_conversation(None)
            self._show_whether_new(is_new=True)
            self.write(asked)
            return

        def show(found: Conversation) -> None:
            self._show_if_current(found)
            if found.id == self.current and all(asked != message.text for message in found.messages):
                self.write(asked)

        self._bridge.run_job(lambda _: self._services.answering.conversation(chat), show, lambda _: self.write(asked))

    def _read_sources(self, conversation: Conversation) -> None:
        def show(sources: dict[int, list[Source]]) -> None:
            if conversation.id == self.current:
                for number, cards in sources.items():
                    self.conversation.show_sources(number, cards)

        library = self._services.library
        self._bridge.run_job(lambda context: cited_cards(conversation, library, context), show, lambda _: None)
