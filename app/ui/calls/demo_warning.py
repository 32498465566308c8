"""The line above a transcript that the demo model wrote of a call it does not know."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.services.models.selection import DEMO_HEARD
from app.ui.style.theme import Theme
from app.ui.widgets.basics import button
from app.ui.widgets.rich_text import RichText, Run


class DemoWarning(QWidget):
    """Says so in red, and offers another transcription."""

    transcribe_again_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName("Heard by the demo model")
        px = theme.px
        row = QHBoxLayout(self)
        row.setContentsMargins(px(22), px(12), px(22), 0)
        row.setSpacing(px(10))
        self.words = RichText(theme, self, size=13, line=19)
        happened, advice = DEMO_HEARD
        self.words.set_pieces([Run(happened, 600, "danger"), Run(" " + advice, role="second")])
        row.addWidget(self.words, 1)
        self.again_button = button("Transcribe again…", self, "plain", self.transcribe_again_wanted.emit)
        row.addWidget(self.again_button, 0, Qt.AlignmentFlag.AlignTop)
