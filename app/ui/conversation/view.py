"""The messages of one conversation, one below the other, and the reply that is being written."""

from collections.abc import Sequence

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.core.conversation import Conversation, Message, Role
from app.ui.conversation.message_widgets import Question, Reply
from app.ui.conversation.source_cards import Source
from app.ui.style.theme import Theme
from app.ui.widgets.basics import Pane, centred
from app.ui.widgets.rich_text import Prose


class ConversationView(QWidget):
    """`cited` hands on the citation of a chip or card that was clicked."""

    cited = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget, *, shows_times: bool, widest: int, empty: str) -> None:
        super().__init__(parent)
        self.setAccessibleName("Conversation")
        self._theme, self._shows_times = theme, shows_times
        content = QWidget(self)
        content.setAccessibleName("Messages")
        self.pane = Pane(self, content, "Messages")
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
        self._empty = Prose(theme, self._column, size=13, line=19, role="second")
        self._empty.set_text(empty)
        self._stack.addWidget(self._empty)
        self._parts: list[QWidget] = []
        self._streaming: Reply | None = None
        self._pieces: list[str] = []
        self._follow = QTimer(self)
        self._follow.setSingleShot(True)
        self._follow.setInterval(15)
        self._follow.timeout.connect(self._to_end)

    @property
    def replies(self) -> list[Reply]:
        """The replies in their order."""
        return [part for part in self._parts if isinstance(part, Reply)]

    def show_conversation(self, conversation: Conversation | None) -> None:
        """Show a conversation as it is kept."""
        messages: Sequence[Message] = conversation.messages if conversation else ()
        for part in self._parts:
            part.hide()
            part.deleteLater()
        self._parts, self._streaming = [], None
        for message in messages:
            if message.role is Role.USER:
                self._add(Question(self._theme, message.text, self._column))
            else:
                self._add_reply().show_message(message)
        self._empty.setVisible(not messages)
        self._follow.start()

    def begin(self, question: str) -> None:
        """Show a question at once, and room for its reply."""
        self._empty.hide()
        self._add(Question(self._theme, question, self._column))
        self._streaming = self._add_reply()
        self._follow.start()

    def append(self, piece: str) -> None:
        """Add to the reply that is being written."""
        if self._streaming is not None:
            bar = self.pane.verticalScrollBar()
            is_at_end = bar.value() >= bar.maximum() - self._theme.px(40)
            self._streaming.append(piece)
            if is_at_end:
                self._follow.start()

    def break_off(self) -> None:
        """Take back the room for a reply that did not come."""
        if self._streaming is not None:
            self._streaming.hide()
            self._parts.remove(self._streaming)
            self._streaming.deleteLater()
            self._streaming = None

    def show_sources(self, number: int, sources: Sequence[Source]) -> None:
        """Show the cards below the reply with this number, counted from 0."""
        if number < len(self.replies):
            self.replies[number].show_sources(sources)
            self._follow.start()

    def _add(self, part: QWidget) -> None:
        self._stack.addWidget(part)
        self._parts.append(part)
        part.show()

    def _add_reply(self) -> Reply:
        reply = Reply(self._theme, self._column, shows_times=self._shows_times)
        reply.cited.connect(self.cited)
        self._add(reply)
        return reply

    def _to_end(self) -> None:
        bar = self.pane.verticalScrollBar()
        bar.setValue(bar.maximum())
