"""The field in which one writes to a chat: what may be used stands above it, and what fills the context below it."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QWidget

from app.core.conversation import ReplyMeasure
from app.ui.chats.call_completer import CallCompleter
from app.ui.chats.source_chips import SourceChips
from app.ui.conversation.composer import Composer
from app.ui.style.theme import Theme
from app.ui.widgets.basics import button, label, set_label_text


class ChatComposer(Composer):
    """A composer with chips of sources and a meter of the context."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, parent, "Write to Tacit, or @ to name a call…", "Send")
        px = theme.px
        self.chips = SourceChips(theme, self)
        self.calls = CallCompleter(theme, self.field, parent)
        self.calls.chosen.connect(self.chips.add_call)
        head = QHBoxLayout()
        head.setContentsMargins(px(13), px(9), px(13), 0)
        head.addWidget(self.chips)
        self.column.insertLayout(0, head)
        self.row.setContentsMargins(px(13), px(4), px(13), 0)
        foot = QHBoxLayout()
        foot.setContentsMargins(px(8), px(2), px(8), px(8))
        foot.setSpacing(px(8))
        self.call_button = button("@ Call", self, "link", self.calls.begin, "Name a call that the chat may use")
        self.meter = QProgressBar(self)
        self.meter.setTextVisible(False)
        self.meter.setFixedSize(px(64), px(4))
        self.meter.setAccessibleName("Context used")
        self.measure = label("", "second", self)
        foot.addWidget(self.call_button)
        foot.addStretch(1)
        foot.addWidget(self.meter)
        foot.addWidget(self.measure)
        for action in (self.send_button, self.stop_button):
            self.row.removeWidget(action)
            foot.addWidget(action)
        self.column.addLayout(foot)
        self.show_measure(None)

    def show_measure(self, measure: ReplyMeasure | None) -> None:
        """Show how much of the model's context the chat fills; None: nothing is known of it."""
        for part in (self.meter, self.measure):
            part.setVisible(measure is not None)
        if measure is not None:
            self.meter.setMaximum(max(1, measure.context_tokens))
            self.meter.setValue(measure.used_tokens)
            words = f"{_thousands(measure.used_tokens)} of {_thousands(measure.context_tokens)}"
            set_label_text(self.measure, words)
            self.meter.setToolTip(f"{words} tokens that the model reads at once are used.")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Qt: while calls are listed, the arrows and Enter are for the list."""
        if event.type() == QEvent.Type.FocusOut:
            self.calls.hide()
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._closes_list(event):
            event.accept()  # else the window would take it, to leave what is open in it
            return True
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and self.calls.takes_key(event):
            return True
        return super().eventFilter(watched, event)

    def _closes_list(self, event: QKeyEvent) -> bool:
        return self.calls.isVisible() and event.key() == Qt.Key.Key_Escape


def _thousands(tokens: int) -> str:
    """`640` or `2.8k`, as the picture has it."""
    return str(tokens) if tokens < 1000 else f"{tokens / 1000:.1f}".removesuffix(".0") + "k"
