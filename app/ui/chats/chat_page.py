"""Chats: questions to all calls at once, each answer with the calls that it rests on."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.core.conversation import Citation, Conversation, Role
from app.core.errors import AssistantError
from app.core.export import clock
from app.core.ids import ConversationId
from app.services.chats.drafts import NEW
from app.ui.conversation.composer import Composer
from app.ui.conversation.question import Asking
from app.ui.conversation.source_cards import Source
from app.ui.conversation.view import ConversationView
from app.ui.style.phrases import short_day
from app.ui.style.theme import Theme
from app.ui.widgets.basics import Elided, button, centred, panel
from app.ui.widgets.dialogs import DeleteQuestion
from app.ui.widgets.notice_bar import NoticeBar

if TYPE_CHECKING:
    from app.core.deletion import Consequences
    from app.core.job import Context
    from app.services.session import Session
    from app.ui.runtime.bridge import Bridge

_COLUMN = 740  # of the design: the text column at most
_EMPTY = "Ask across all your calls. Each answer shows the calls and moments it rests on."
_NEW = "New chat"


class ChatPage(QWidget):
    """`listed` emits all chats when they were read, `opened` a citation whose call is to be shown."""

    listed = Signal(object)
    opened = Signal(object)
    moved = Signal(str)

    def __init__(self, theme: Theme, session: "Session", bridge: "Bridge", parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName("Chat")
        self._theme, self._session, self._bridge = theme, session, bridge
        px = theme.px
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        top = panel(self, "page", "", "Chat")
        row = QHBoxLayout(top)
        row.setContentsMargins(px(22), px(12), px(22), px(6))
        self.title = Elided(top, "chat")
        self.title.setMinimumHeight(px(32))
        self.title.show_text(_NEW)
        self.delete_button = button("Delete…", top, "plain", self.ask_to_delete, "Delete this chat")
        row.addWidget(self.title, 1)
        row.addWidget(self.delete_button)
        column.addWidget(top)
        self.notice = NoticeBar(theme, self)
        column.addLayout(self._centred(self.notice, 0))
        self.conversation = ConversationView(theme, self, shows_times=False, widest=px(_COLUMN + 44), empty=_EMPTY)
        column.addWidget(self.conversation, 1)
        self.composer = Composer(theme, self, "Ask across your calls…")
        column.addLayout(self._centred(self.composer, px(16)))
        self.asking = Asking(session, bridge, self)
        self.asking.began.connect(self._began)
        self.asking.pieced.connect(self.conversation.append)
        self.asking.ended.connect(self._show)
        self.asking.failed.connect(self._fail)
        self.asking.changed.connect(lambda: self.composer.show_running(self.asking.is_running))
        self.composer.sent.connect(lambda question: self.asking.ask(question, None))
        self.composer.stopped.connect(self.asking.stop)
        self.conversation.cited.connect(self._cited)
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.setInterval(200)
        self._again.timeout.connect(self._read_list)
        self._is_read = False
        self.delete_button.hide()
        self.composer.go(NEW)

    def _centred(self, content: QWidget, below: int = 0) -> QHBoxLayout:
        px = self._theme.px
        content.setMaximumWidth(px(_COLUMN))
        made = centred(content)
        made.setContentsMargins(px(22), 0, px(22), below)
        return made

    @property
    def current(self) -> ConversationId | None:
        """The chat that is shown, once it has a question."""
        return self.asking.conversation

    def read_again(self) -> None:
        """The list of chats may have changed."""
        if not self._again.isActive():
            self._again.start()

    def _read_list(self) -> None:
        self._bridge.ask(lambda _: self._session.chatting.conversations(), self._take_list, self.notice.fail)

    def _take_list(self, conversations: list[Conversation]) -> None:
        self.listed.emit([c for c in conversations if c.recording is None])

    def new(self) -> None:
        """Begin an empty chat."""
        self.asking.leave(None)
        self.conversation.show_conversation(None)
        self.title.show_text(_NEW)
        self.delete_button.hide()
        self.notice.hide()
        self.composer.go(NEW)
        self.moved.emit("")
        self.focus()

    def open(self, conversation: ConversationId) -> None:
        """Show a chat."""
        if conversation == self.current:
            return
        self.asking.leave(conversation)
        self.composer.go(conversation)
        self.notice.hide()
        self.moved.emit(conversation)
        self._read(conversation)

    def show_again(self) -> None:
        """Answers of the chat may have gone with a call."""
        if self.current is not None:
            self._read(self.current)

    def _read(self, conversation: ConversationId) -> None:
        def show(found: Conversation) -> None:
            if conversation == self.current and not self.asking.is_running:
                self._show(found)

        self._bridge.ask(lambda _: self._session.chatting.conversation(conversation), show, self.notice.fail)

    def focus(self) -> None:
        """Put the cursor where a question is written."""
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
        self.composer.go(conversation.id, is_same=True)
        self.conversation.show_conversation(conversation)
        self.moved.emit(conversation.id)
        self._read_sources(conversation)

    def _fail(self, error: Exception) -> None:
        self.conversation.break_off()
        self.notice.fail(error)

    def _read_sources(self, conversation: Conversation) -> None:
        replies = [message for message in conversation.messages if message.role is Role.ASSISTANT]
        library = self._session.library

        def work(context: "Context") -> list[list[Source]]:
            found: list[list[Source]] = []
            for reply in replies:
                cards = []
                for number, citation in enumerate(reply.citations, 1):
                    context.checkpoint()
                    try:
                        recording = library.recording(citation.id)
                        lines = library.transcript(citation.id).utterances
                    except AssistantError:
                        continue  # the call was deleted since; the answer stands without its card
                    words = next((u.text for u in lines if u.line == citation.line), "")
                    detail = f"Call, {short_day(recording.date)}, {clock(citation.start)}: “{words}”"
                    cards.append(Source(citation, f"{number} · {recording.title}", detail))
                found.append(cards)
            return found

        def show(sources: list[list[Source]]) -> None:
            if conversation.id == self.current:
                for number, cards in enumerate(sources):
                    self.conversation.show_sources(number, cards)

        self._bridge.ask(work, show, lambda _: None)

    def _cited(self, citation: object) -> None:
        if isinstance(citation, Citation):
            self.opened.emit(citation)

    def ask_to_delete(self) -> None:
        """Ask, then forget the chat."""
        found = self.current
        if found is None:
            return

        def ask(means: "Consequences") -> None:
            loss = "Its questions and answers can't be brought back."
            question = DeleteQuestion(self._theme, self.window(), "chat", loss, means)
            question.accepted.connect(lambda: self._delete(found, rewrites_copies=question.rewrites_copies))
            question.open()

        self._bridge.ask(lambda _: self._session.forgetting.of_chat(found), ask, self.notice.fail)

    def _delete(self, found: ConversationId, *, rewrites_copies: bool) -> None:
        session = self._session

        def gone(_: object) -> None:
            self.new()
            if rewrites_copies:
                self._bridge.ask(session.keeping.rewrite_now, failed=self.notice.fail, lane="keeping")

        self._bridge.ask(lambda _: session.chatting.delete(found), gone, self.notice.fail)
