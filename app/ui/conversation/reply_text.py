"""The text of a reply: its blocks one below the other, of which only what has changed is laid out again."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from app.core.conversation import StopReason
from app.ui.conversation.reply_blocks import reply_blocks
from app.ui.style.theme import Theme
from app.ui.widgets.rich_text import Chip, Piece, RichText

STOP_REASON_NOTES = {
    StopReason.STOPPED: "Stopped.",
    StopReason.LENGTH: "The reply ended at its limit of length.",
    StopReason.INTERRUPTED: "Tacit was closed while this was being written.",
}


class ReplyText(QWidget):
    """Shows a reply; `activated` carries the value of a clicked chip."""

    activated = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName("Text of the answer")
        self._theme = theme
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(theme.px(8))
        self._shown: list[tuple[Sequence[Piece], RichText]] = []

    def show_reply(self, text: str, chips: Mapping[int, Chip], instead: str) -> None:
        """Show a reply's Markdown, or `instead` where there is no text."""
        blocks: list[list[Piece]] = reply_blocks(text, chips) if text.strip() else []
        self._show_blocks(blocks or [[instead]])

    def plain_text(self) -> str:
        """The text without its chips, a blank line between blocks."""
        return "\n\n".join(block.plain_text() for _, block in self._shown)

    def chips(self) -> list[QPushButton]:
        """The chips' buttons, in text order."""
        return [chip for _, block in self._shown for chip in block.chips()]

    @property
    def blocks(self) -> list[RichText]:
        """The blocks, in order."""
        return [block for _, block in self._shown]

    def _show_blocks(self, blocks: Sequence[Sequence[Piece]]) -> None:
        for _, old in self._shown[len(blocks) :]:
            old.hide()
            self._column.removeWidget(old)
            old.deleteLater()
        del self._shown[len(blocks) :]
        for number, pieces in enumerate(blocks):
            if number == len(self._shown):
                made = RichText(self._theme, self)
                made.activated.connect(self.activated)
                self._column.addWidget(made)
                made.show()
                self._shown.append(((), made))
            before, block = self._shown[number]
            if before != pieces:
                block.set_pieces(pieces)
                self._shown[number] = (pieces, block)
