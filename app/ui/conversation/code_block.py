"""A block of code in a reply: its lines don't wrap, and it is copied or saved whole."""

from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from app.core.errors import AssistantError
from app.services.outputs import Outputs
from app.ui.conversation.block_writer import Block
from app.ui.conversation.sideways_scroll import SidewaysScroll
from app.ui.runtime import clipboard
from app.ui.style.theme import Theme
from app.ui.widgets.basics import button, label, plain_tool_tip, set_label_text
from app.ui.widgets.file_dialogs import ask_where_to_save
from app.ui.widgets.long_text import one_line
from app.ui.widgets.rich_text import RichText, Run

_ENDINGS = {"json": "json", "csv": "csv", "markdown": "md", "md": "md"}  # else txt: a browser would run html
_TOLD = 6_000  # milliseconds for which the button says what came of it


class CodeBlock(QFrame):
    """Code in letters of one width: its lines don't wrap, and a button copies all of it."""

    def __init__(self, theme: Theme, parent: QWidget, block: Block) -> None:
        super().__init__(parent)
        self._theme, self.code, self._language_name = theme, "", ""
        self.setProperty("part", "code-block")
        self.setAccessibleName("Code")
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.px(14), theme.px(6), theme.px(8), theme.px(8))
        column.setSpacing(theme.px(2))
        head = QHBoxLayout()
        self._language = label("", "small", self)
        head.addWidget(self._language)
        head.addStretch(1)
        self._told = label("", "small", self)
        head.addWidget(self._told)
        head.addWidget(button("Save as…", self, "small", self._ask_where_to_save, "Save this code as a file"))
        head.addWidget(button("Copy", self, "small", self.copy, "Copy this code"))
        column.addLayout(head)
        self._pane = SidewaysScroll(self, "Lines of code")
        self.words = RichText(theme, self._pane, size=13, line=19, is_code=True)
        self.words.resized.connect(self._fit)
        self._pane.setWidget(self.words)
        self.words.setAutoFillBackground(False)
        column.addWidget(self._pane)
        self.show_code(block)

    def show_code(self, block: Block) -> None:
        """Show the code of a block."""
        self.code = "".join(piece.text for piece in block.pieces if isinstance(piece, Run))
        self._language_name = block.language
        set_label_text(self._language, one_line(block.language) or "code")
        self.words.set_pieces(block.pieces)
        self._fit()

    def copy(self) -> None:
        """Copy the whole code to the clipboard."""
        clipboard.copy_text(self.code)

    def _ask_where_to_save(self) -> None:
        """Ask where to; a file that a program could run or read as its own is none that the window writes."""
        ending = _ENDINGS.get(self._language_name.lower(), "txt")
        ask_where_to_save(self, "Code", ending, self.save_to, "Save code, not encrypted")

    def save_to(self, path: Path) -> None:
        """Write the code to a file, unencrypted, and say what came of it."""
        try:
            Outputs().named(path, replaces=True).write_text(self.code if self.code.endswith("\n") else f"{self.code}\n")
            self._tell("Saved, not encrypted.")
        except AssistantError as error:
            self._tell(error.title)
            self._told.setToolTip(plain_tool_tip(f"{error.title} {error.advice}"))

    def _tell(self, sentence: str) -> None:
        set_label_text(self._told, one_line(sentence))
        self._told.setToolTip("")
        QTimer.singleShot(_TOLD, self._told, lambda: set_label_text(self._told, ""))

    def _fit(self) -> None:
        size = self.words.sizeHint()
        self.words.setFixedSize(max(size.width(), 1), max(size.height(), self._theme.px(19)))
        is_wide = self.words.width() > self._pane.viewport().width()
        bar = self._pane.horizontalScrollBar().sizeHint().height() if is_wide else 0
        self._pane.setFixedHeight(self.words.height() + bar)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt: whether there is room for the longest line."""
        super().resizeEvent(event)
        self._fit()
