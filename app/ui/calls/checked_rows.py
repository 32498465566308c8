"""The statements of a text that was checked, each with its verdict and with what the call says."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from app.core.check import CheckedStatement
from app.core.durations import moment
from app.core.evidence.verdict import Verdict
from app.core.transcript import Transcript, Utterance
from app.ui.style.theme import Theme
from app.ui.widgets.basics import button, restyle
from app.ui.widgets.cached_column import CachedColumn
from app.ui.widgets.rich_text import Chip, Piece, RichText, Run

AT_A_TIME = 40  # rows that are shown at first, and by each click on the button
_IN_A_TURN = 10  # rows that are laid out, or become old, before the window turns to its other events
_SIGNS: dict[Verdict, tuple[str, str]] = {
    "confirmed": ("✓", "Confirmed"),
    "contradicted": ("✕", "The call says otherwise"),
    "not_found": ("?", "Not found in the call"),
}


class CheckedRow(QFrame):
    """One statement; `chosen` asks for its place in the text, `activated` carries the line of a clicked chip."""

    chosen = Signal()
    activated = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget, found: CheckedStatement, transcript: Transcript) -> None:
        super().__init__(parent)
        px = theme.px
        sign, words = _SIGNS[found.verdict]
        self.setProperty("part", "statement")
        self.setAccessibleName(f"{words}: {found.text}")
        across = QHBoxLayout(self)
        across.setContentsMargins(px(4), px(9), px(6), px(10))
        across.setSpacing(px(6))
        self.sign = button(sign, self, "verdict", self.chosen.emit, f"{words}: {found.text}. Show it in the text")
        self.sign.setProperty("verdict", found.verdict)
        self.sign.setToolTip(words)
        self.sign.setFixedSize(px(26), px(24))
        across.addWidget(self.sign, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout()
        column.setSpacing(px(1))
        self.statement = RichText(theme, self)
        self.statement.set_text(found.text)
        self.evidence = RichText(theme, self, size=13, line=19, role="second")
        self.evidence.set_pieces(_evidence(found, transcript))
        self.evidence.activated.connect(self.activated)
        for part in (self.statement, self.evidence):
            part.installEventFilter(self)
            column.addWidget(part)
        across.addLayout(column, 1)

    def show_chosen(self, is_chosen: bool) -> None:
        """Show whether this is the statement where the caret is."""
        self.setProperty("chosen", "true" if is_chosen else "false")
        restyle(self)

    def show_old(self) -> None:
        """Show that the text has changed since: the verdict may not be that of what stands there now."""
        self.statement.set_role("second")
        self.sign.setProperty("verdict", "old")
        restyle(self.sign)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Qt: a click on the words chooses the statement, and may begin to select them."""
        if event.type() == QEvent.Type.MouseButtonPress:
            self.chosen.emit()
        return super().eventFilter(watched, event)


class CheckedRows(QWidget):
    """All statements, in the order of the text; of many the first, and a button that shows more."""

    chosen = Signal(int)  # the number of a statement, from 0
    activated = Signal(object)  # the line of a clicked chip
    revealed = Signal(object)  # the row of the statement that was asked for, once it is laid out

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName("Statements")
        self._theme = theme
        self._found: Sequence[CheckedStatement] = ()
        self._transcript: Transcript | None = None
        self._chosen = -1
        self._is_revealing = False
        self._is_old = False
        self._goal = 0  # how many rows are to be there
        self._old = 0  # how many rows show that the text has changed
        self._make_timer = self._timer(self._make_more)
        self._old_timer = self._timer(self._show_more_old)
        self.rows: list[CheckedRow] = []
        self._batches: list[QWidget] = []  # that hold those that were made together
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self.more_button = button("Show more", self, "inline", self._show_more)
        self._column.addWidget(self.more_button, 0, Qt.AlignmentFlag.AlignLeft)
        self.more_button.hide()

    def _timer(self, does: Callable[[], None]) -> QTimer:
        made = QTimer(self)
        made.setSingleShot(True)
        made.setInterval(0)
        made.timeout.connect(does)
        return made

    def show_found(self, found: Sequence[CheckedStatement], transcript: Transcript | None) -> None:
        """Show what was found; nothing takes the rows away."""
        self._make_timer.stop()
        self._old_timer.stop()
        for batch in self._batches:
            batch.hide()
            batch.deleteLater()
        self._batches, self._goal = [], 0
        self.rows, self._found, self._transcript, self._chosen, self._is_old = [], found, transcript, -1, False
        self._make_up_to(AT_A_TIME)

    def show_old(self) -> None:
        """Show that the text has changed since."""
        self._is_old, self._old = True, 0
        self._show_more_old()

    def _show_more_old(self) -> None:
        for row in self.rows[self._old : self._old + _IN_A_TURN]:
            row.show_old()
        self._old += _IN_A_TURN
        if self._old < len(self.rows):
            self._old_timer.start()

    def choose(self, number: int, *, reveals: bool = False) -> None:
        """Mark the statement of this number, from 0, once it has a row; with `reveals`, tell then which it is."""
        if not 0 <= number < len(self._found):
            return
        if 0 <= self._chosen < len(self.rows):
            self.rows[self._chosen].show_chosen(False)
        self._chosen, self._is_revealing = number, reveals
        if number < len(self.rows):
            self._show_choice()
        else:
            self._aim_at(number + 1)

    def _show_choice(self) -> None:
        row = self.rows[self._chosen]
        row.show_chosen(True)
        if self._is_revealing:
            self._is_revealing = False
            QTimer.singleShot(0, row, lambda: self._reveal(row))

    def _reveal(self, row: CheckedRow) -> None:
        QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest.value)  # the row is where it says
        self.revealed.emit(row)

    def _show_more(self) -> None:
        first = len(self.rows)
        self._aim_at(first + AT_A_TIME)
        self.rows[first].sign.setFocus(Qt.FocusReason.TabFocusReason)  # the button that had it may be gone

    def _aim_at(self, count: int) -> None:
        """Have so many rows, the next of them at once."""
        self._goal = max(self._goal, count)
        self._make_more()

    def _make_more(self) -> None:
        self._make_up_to(min(self._goal, len(self.rows) + _IN_A_TURN))
        if len(self.rows) < min(self._goal, len(self._found)):
            self._make_timer.start()

    def _make_up_to(self, count: int) -> None:
        transcript, first, end = self._transcript, len(self.rows), min(count, len(self._found))
        if transcript is not None and first < end:
            self._make(first, end, transcript)
        left = len(self._found) - len(self.rows)
        self.more_button.setText(f"Show more ({left} left)")
        self.more_button.setAccessibleName(f"Show more statements: {left} left")
        self.more_button.setVisible(left > 0)
        last = self.rows[-1].sign if self.rows else None
        if last is not None and left > 0:
            QWidget.setTabOrder(last, self.more_button)
        if first <= self._chosen < len(self.rows):
            self._show_choice()

    def _make(self, first: int, end: int, transcript: Transcript) -> None:
        batch = CachedColumn(self, "Statements")
        for number in range(first, end):
            row = CheckedRow(self._theme, batch, self._found[number], transcript)
            row.chosen.connect(lambda number=number: self.chosen.emit(number))
            row.activated.connect(self.activated)
            if self._is_old:
                row.show_old()
            batch.column.addWidget(row)
            self.rows.append(row)
        self._column.insertWidget(len(self._batches), batch)
        self._batches.append(batch)


def _evidence(found: CheckedStatement, transcript: Transcript) -> list[Piece]:
    by_number = {one.line: one for one in transcript.utterances}
    lines = [by_number[number] for number in found.lines if number in by_number]
    pieces: list[Piece] = []
    if found.verdict == "contradicted":
        pieces.append("The call says otherwise: " if found.instead else "The call says otherwise.")
        pieces += [Run(", ".join(found.instead), weight=600, role="text")] if found.instead else []
    elif found.verdict == "not_found":
        pieces.append("Not found in the call. Nearest:" if lines else "Not found in the call.")
    names = {transcript.name(one) for one in lines}
    for line in lines:
        who = f"{transcript.name(line)}: " if len(names) > 1 else ""
        pieces += [" " if pieces else "", _chip(line), f" {who}“{line.text}”"]
    if found.verdict == "not_found" and lines and transcript.has_times:
        at = moment(lines[0].start, lines[0].end, lines[0].line)
        pieces += [" ", Chip("▶ hear", f"Hear the nearest line, at {at}", lines[0])]
    return pieces


def _chip(line: Utterance) -> Chip:
    at = moment(line.start, line.end, line.line)
    return Chip(at, f"Go to {at}" if line.end > 0 else f"Show {at} of the call", line)
