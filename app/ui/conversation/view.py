"""The messages of one conversation in a column, with the reply that is being written."""

from collections.abc import Sequence

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.core.conversation import Conversation, Message, Role
from app.ui.conversation.message_widgets import QuestionWidget, ReplyWidget
from app.ui.conversation.source_cards import Source
from app.ui.style.theme import Theme
from app.ui.widgets.basics import ScrollPane, centred
from app.ui.widgets.rich_text import RichText


class ConversationView(QWidget):
    """Shows the messages of a conversation in a scrolling column."""

    citation_clicked = Signal(object)  # the citation of the clicked chip or card

    def __init__(self, theme: Theme, parent: QWidget, *, shows_times: bool, widest: int, empty: str) -> None:
        super().__init__(parent)
        self.setAccessibleName("Conversation")
        self._theme, self._shows_times = theme, shows_times
        content = QWidget(self)
        content.setAccessibleName("Messages")
        self.pane = ScrollPane(self, content, "Messages")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.pane)
        centre = QVBoxLayout(content)
        centre.setContentsMargins(0, 0, 0, 0)
        self._column = QWidget(content)
        self._column.setAccessibleName("Messages")
        self._column.setMaximumWidth(widest)
        centre.addLayout(centred(self._column))
        centre.addStretch(1)
        self._stack = QVBoxLayout(self._column)
        edge = 0 if shows_times else theme.px(22)
        self._stack.setContentsMargins(edge, theme.px(12 if shows_times else 20), edge, theme.px(12))
        self._stack.setSpacing(theme.px(14))
        self._empty = RichText(theme, self._column, size=13, line=19, role="second")
        self._empty.set_text(empty)
        self._stack.addWidget(self._empty)
        self._messages: list[QWidget] = []
        self._streaming: ReplyWidget | None = None
        self._pieces: list[str] = []
        self._scroll_timer = QTimer(self)
        self._scroll_timer.setSingleShot(True)
        self._scroll_timer.setInterval(15)
        self._scroll_timer.timeout.connect(self._scroll_to_end)

    @property
    def replies(self) -> list[ReplyWidget]:
        """The replies, in order."""
        return [part for part in self._messages if isinstance(part, ReplyWidget)]

    def show_conversation(self, conversation: Conversation | None) -> None:
        """Show a conversation as stored."""
        messages: Sequence[Message] = conversation.messages if conversation else ()
        for old in self._messages:
            old.hide()
            old.deleteLater()
        self._messages, self._streaming = [], None
        for message in messages:
            if message.role is Role.USER:
                self._add_message(QuestionWidget(self._theme, message.text, self._column))
            else:
                self._add_reply().show_message(message)
        self._empty.setVisible(not messages)
        self._scroll_timer.start()

    def begin(self, question: str) -> None:
        """Show a question at once, with an empty reply below it."""
        self._empty.hide()
        self._add_message(QuestionWidget(self._theme, question, self._column))
        self._streaming = self._add_reply()
        self._scroll_timer.start()

    def append(self, text: str) -> None:
        """Append text to the reply that is being written."""
        if self._streaming is not None:
            bar = self.pane.verticalScrollBar()
            is_at_end = bar.value() >= bar.maximum() - self._theme.px(40)
            self._streaming.append(text)
            if is_at_end:
                self._scroll_timer.start()

    def remove_streaming_reply(self) -> None:
        """Remove the reply that was being written: it has failed."""
        if self._streaming is not None:
            self._streaming.hide()
            self._messages.remove(self._streaming)
            self._streaming.deleteLater()
            self._streaming = None

    def show_sources(self, number: int, sources: Sequence[Source]) -> None:
        """Show the source cards of the reply with this number, counted from 0."""
        if number < len(self.replies):
            self.replies[number].show_sources(sources)
            self._scroll_timer.start()

    def _add_message(self, message: QWidget) -> None:
        self._stack.addWidget(message)
        self._messages.append(message)
        message.show()

    def _add_reply(self) -> ReplyWidget:
        reply = ReplyWidget(self._theme, self._column, shows_times=self._shows_times)
        reply.citation_clicked.connect(self.citation_clicked)
        self._add_message(reply)
        return reply

    def _scroll_to_end(self) -> None:
        bar = self.pane.verticalScrollBar()
        bar.setValue(bar.maximum())
