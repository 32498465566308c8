"""The text of a reply: its blocks one below the other, of which only what has changed is laid out again."""

import time
from collections.abc import Sequence
from itertools import pairwise, takewhile

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from app.core.conversation import StopReason
from app.ui.conversation.block_widgets import BlockWidget
from app.ui.conversation.links import LinkDialog, LinkTarget
from app.ui.conversation.reply_blocks import Block, Place, ReplyReader
from app.ui.style.theme import Theme
from app.ui.widgets.basics import button
from app.ui.widgets.long_text import shown_length

STOP_REASON_NOTES = {
    StopReason.STOPPED: "Stopped.",
    StopReason.LENGTH: "The reply ended at its limit of length.",
    StopReason.INTERRUPTED: "Tacit was closed while this was being written.",
}
_TURN = 0.012  # seconds for which widgets are made before the window turns to its other events
_CHARACTERS, _LINES = 6_000, 80  # that are read and laid out at a time


class ReplyText(QWidget):
    """Shows a reply, while it is written and afterwards; `activated` carries the value of a clicked chip.

    A click on a link is answered here: it asks first.
    """

    activated = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName("Text of the answer")
        self._theme = theme
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._reader = ReplyReader()
        self._text = ""
        self._places: Sequence[Place] = ()
        self._steps = 1
        self._left = 0  # characters that are not shown
        self.blocks: list[BlockWidget] = []
        self._wanted: Sequence[Block] = ()
        self._more = QTimer(self)  # makes what one turn of the event loop has no time for
        self._more.setSingleShot(True)
        self._more.setInterval(0)
        self._more.timeout.connect(lambda: self._show_blocks(self._wanted))
        self.more_button = button("Show more", self, "inline", self._show_more)
        self._column.addWidget(self.more_button, 0, Qt.AlignmentFlag.AlignLeft)
        self.more_button.hide()

    def show_reply(self, text: str, places: Sequence[Place], instead: str) -> None:
        """Show a reply's Markdown, with pieces in some places, or `instead` where there is no text."""
        self._text, self._places = text, places
        if not text.strip() and not places:
            self._steps, self._left = 1, 0
            self._show_blocks([Block("text", (instead,))])
            return
        length = shown_length(text, self._steps * _CHARACTERS, self._steps * _LINES)
        within = [place for place in places if place.end <= length]
        self._left = len(text) - length
        self._show_blocks(self._reader.read(text[:length], within))

    def plain_text(self) -> str:
        """The text that is shown, without its chips, a blank line between blocks."""
        return "\n\n".join(block.plain_text() for block in self.blocks)

    def chips(self) -> list[QPushButton]:
        """The chips' buttons, in text order."""
        return [chip for block in self.blocks for chip in block.chips()]

    def _activate(self, value: object) -> None:
        """Ask before a link is opened; anything else is for those who show the reply."""
        if isinstance(value, LinkTarget):
            LinkDialog(self._theme, self.window(), value).open()
        else:
            self.activated.emit(value)

    def _show_more(self) -> None:
        self._steps += 1
        self.show_reply(self._text, self._places, "")

    def _show_blocks(self, blocks: Sequence[Block]) -> None:
        """Show the blocks; of many that have no widget yet, some now and the rest in later turns."""
        self._wanted = blocks
        self._more.stop()
        end = time.thread_time() + _TURN
        for number, block in enumerate(blocks):
            if number < len(self.blocks):
                shown = self.blocks[number]
                if shown.block == block:
                    continue
                if shown.can_show(block, is_first=number == 0):
                    shown.show_block(block)
                    continue
                self._drop(number)
            made = BlockWidget(self._theme, block, self, is_first=number == 0)
            made.activated.connect(self._activate)
            self._column.insertWidget(number, made)
            made.show()
            self.blocks.insert(number, made)
            if number + 1 < len(blocks) and time.thread_time() > end:
                self._more.start()
                break
        for number in range(len(self.blocks) - 1, len(blocks) - 1, -1):
            self._drop(number)
        for above, below in pairwise(self.blocks):
            same = (a == b for a, b in zip(above.block.around, below.block.around, strict=False))
            below.joined = sum(takewhile(bool, same))
        self._offer_more()

    def _offer_more(self) -> None:
        """Offer the rest, behind what is shown."""
        self.more_button.setVisible(self._left > 0 and not self._more.isActive())
        self.more_button.setAccessibleName(f"Show more of the answer: {self._left:,} characters are left")

    def _drop(self, number: int) -> None:
        old = self.blocks.pop(number)
        self._column.removeWidget(old)
        old.hide()
        old.deleteLater()
