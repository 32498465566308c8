"""The field of a text that is checked, whose statements stand on the grounds of their verdicts."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from PySide6.QtCore import QMimeData, Signal
from PySide6.QtGui import QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit, QWidget

from app.core.check import CheckedStatement
from app.core.evidence.verdict import Verdict
from app.ui.style.theme import Role, Theme
from app.ui.widgets.long_text import writable_length

MOST_CHARACTERS = 100_000  # some 40 pages; `tacit check` takes more
_MOST_OF_A_LINE = 20_000  # a longer paragraph would hold the window with each key
_MOST_LINES = 20_000
_GROUNDS: dict[Verdict, tuple[Role, Role]] = {
    "contradicted": ("contradicted", "on_contradicted"),
    "not_found": ("not_found", "on_not_found"),
}
_LINES: dict[Verdict, QTextCharFormat.UnderlineStyle] = {  # beside the ground: colour is never the only sign
    "contradicted": QTextCharFormat.UnderlineStyle.SingleUnderline,
    "not_found": QTextCharFormat.UnderlineStyle.DotLine,
}


class CheckField(QPlainTextEdit):
    """A person types or pastes the text here."""

    entered = Signal(int)  # the caret came into the statement of this number, from 0
    shortened = Signal()  # only the beginning of a long text was taken

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._found: Sequence[CheckedStatement] = ()
        self._starts: list[int] = []
        self._ends: list[int] = []
        self._chosen = -1
        self.setProperty("kind", "field")
        name = "Text to check"
        self.setAccessibleName(name)
        self.viewport().setAccessibleName(name)
        self.verticalScrollBar().setAccessibleName(f"Scroll: {name}")
        self.setPlaceholderText("Paste or type minutes, a claim or an e-mail about this call.")
        self.setTabChangesFocus(True)
        self.setAcceptDrops(False)  # a file dropped here is imported, not pasted as text
        self.viewport().setAcceptDrops(False)
        self.cursorPositionChanged.connect(self._enter)
        theme.changed.connect(self._draw)

    def show_text(self, text: str) -> None:
        """Show a text, of a long one the beginning; what was there before can't be brought back."""
        length = writable_length(text, MOST_CHARACTERS, _MOST_LINES, _MOST_OF_A_LINE)
        self.setPlainText(text[:length])
        if length < len(text):
            self.shortened.emit()

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Qt: paste text; of a long one the beginning."""
        text = source.text()
        room = max(0, MOST_CHARACTERS - self.document().characterCount())
        length = writable_length(text, room, _MOST_LINES, _MOST_OF_A_LINE)
        self.insertPlainText(text[:length])
        if length < len(text):
            self.shortened.emit()

    def mark(self, found: Sequence[CheckedStatement]) -> None:
        """Put these statements of the text that is shown on the grounds of their verdicts; none takes them away."""
        text = self.toPlainText()
        wide = [place for place, letter in enumerate(text) if ord(letter) > 0xFFFF]  # Qt counts those as two
        self._found, self._chosen = found, -1
        self._starts = [one.start + bisect_left(wide, one.start) for one in found]
        self._ends = [one.end + bisect_left(wide, one.end) for one in found]
        self._draw()

    def choose(self, number: int) -> None:
        """Show the statement of this number, from 0."""
        if number != self._chosen and 0 <= number < len(self._starts):
            self._chosen = number
            cursor = self.textCursor()
            cursor.setPosition(self._starts[number])
            self.setTextCursor(cursor)
            self.ensureCursorVisible()
            self._draw()

    def _enter(self) -> None:
        place = self.textCursor().position()
        number = bisect_right(self._starts, place) - 1
        if number >= 0 and place <= self._ends[number] and number != self._chosen:
            self._chosen = number
            self._draw()
            self.entered.emit(number)

    def _draw(self) -> None:
        marks = []
        for number, one in enumerate(self._found):
            is_chosen = number == self._chosen
            if one.verdict == "confirmed" and not is_chosen:
                continue
            made = QTextEdit.ExtraSelection()
            ground, ink = _GROUNDS.get(one.verdict, ("soft", "text"))
            made.format.setBackground(self._theme.color(ground))
            made.format.setForeground(self._theme.color(ink))
            made.format.setUnderlineStyle(_LINES.get(one.verdict, QTextCharFormat.UnderlineStyle.NoUnderline))
            made.format.setUnderlineColor(self._theme.color(ink))
            if is_chosen:
                made.format.setFontWeight(600)
            made.cursor = QTextCursor(self.document())
            made.cursor.setPosition(self._starts[number])
            made.cursor.setPosition(self._ends[number], QTextCursor.MoveMode.KeepAnchor)
            marks.append(made)
        self.setExtraSelections(marks)
