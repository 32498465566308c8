"""The search over everything: a card over the window with one field, and below it what was found."""

from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QTextCharFormat,
    QTextLayout,
)
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from app.ui.shell.palette_rows import PaletteModel, PaletteRow, rows_of
from app.ui.style.theme import Theme
from app.ui.widgets.rich_text import RichText
from app.ui.widgets.row_list import RowList

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from app.core.found import FindsGroups, FoundGroup
    from app.core.job import JobContext
    from app.ui.navigation.command import Command
    from app.ui.runtime.bridge import Bridge, JobRequest

_Index = QModelIndex | QPersistentModelIndex
_WIDTH, _TOP, _PAUSE = 640, 64, 150  # design pixels, and milliseconds without typing before a search
_ROW, _HEADING, _SIDE, _INDENT = 34, 30, 16, 16  # design pixels
_MOST_COMMANDS = 4
_STEPS = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 6, Qt.Key.Key_PageUp: -6}
_HELP = (
    "Type words that were said, asked, answered or noted. Each must be in one line, message or note; the last may be "
    "begun. "
    "F1 lists all keys."
)
_NOTHING = "Nothing was found. Each word must be in one line of a call, message or note: try fewer, or other words."


class PaletteDelegate(QStyledItemDelegate):
    """Paints one row: the words that were looked for stand out, and a long text is cut so that they are seen."""

    def __init__(self, theme: Theme, rows: PaletteModel, parent: QListView) -> None:
        super().__init__(parent)
        self._theme, self._rows = theme, rows

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """Qt: every row of a kind is equally high."""
        return QSize(100, self._theme.px(_HEADING if self._rows.rows[index.row()].is_heading else _ROW))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Qt: paint a row."""
        theme, px, row = self._theme, self._theme.px, self._rows.rows[index.row()]
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        painter.save()
        if row.is_heading:
            painter.setFont(theme.font(11, 700))
            painter.setPen(theme.color("second"))
            foot = rect.adjusted(px(_SIDE), 0, 0, -px(4))
            painter.drawText(foot, Qt.AlignmentFlag.AlignBottom, row.text)
            painter.restore()
            return
        if state & QStyle.StateFlag.State_Selected:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("soft"))
            painter.drawRoundedRect(QRectF(rect).adjusted(px(6), 1, -px(6), -1), px(6), px(6))
        is_place = row.place is not None or (row.group is not None and not row.aside)
        inner = rect.adjusted(px(_SIDE + (_INDENT if is_place else 0)), 0, -px(_SIDE), 0)
        painter.setFont(theme.font(12, is_tabular=True))
        painter.setPen(theme.color("second"))
        aside_width = painter.fontMetrics().horizontalAdvance(row.aside) + (px(12) if row.aside else 0)
        if row.place is not None and row.aside:  # a time stands before the line, as in a transcript
            painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter, row.aside)
            inner.setLeft(inner.left() + max(aside_width, px(46)))
        elif row.aside:
            painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, row.aside)
            inner.setRight(inner.right() - aside_width)
        self._draw_text(painter, row, inner, is_place=is_place)
        painter.restore()

    def _draw_text(self, painter: QPainter, row: PaletteRow, room: QRect, *, is_place: bool) -> None:
        theme = self._theme
        font = theme.font(13 if is_place else 14, 400 if is_place or row.group is None else 600)
        text, spans = visible_part(row.text, row.spans, room.width(), font)
        layout = QTextLayout(text, font)
        marked = QTextCharFormat()
        marked.setFontWeight(QFont.Weight.Bold)
        marked.setForeground(theme.color("accent"))
        formats = []
        for start, end in spans:
            one = QTextLayout.FormatRange()
            one.start, one.length, one.format = start, end - start, marked
            formats.append(one)
        layout.setFormats(formats)
        layout.beginLayout()
        line = layout.createLine()
        line.setLineWidth(100_000)
        layout.endLayout()
        painter.setPen(theme.color("second" if is_place else "text"))
        painter.setClipRect(room)
        layout.draw(painter, QPointF(room.left(), room.top() + (room.height() - line.height()) / 2))


def visible_part(
    text: str, spans: "Sequence[tuple[int, int]]", width: float, font: QFont
) -> tuple[str, list[tuple[int, int]]]:
    """The part of a text that fits a width, with its spans; cut in front if the first would not be seen."""
    bold = QFont(font)
    bold.setWeight(QFont.Weight.Bold)
    metrics = QFontMetrics(bold)
    plain = text.replace("\n", " ").replace("\t", " ")
    begin = 0
    if spans:
        end = min(len(plain), spans[0][1] + 12)
        while begin < spans[0][0] and metrics.horizontalAdvance("…" + plain[begin:end]) > width:
            space = plain.find(" ", begin, spans[0][0])
            begin = space + 1 if space >= 0 else spans[0][0]
    lead = "…" if begin else ""
    shown = lead + plain[begin : begin + 400]
    shown = metrics.elidedText(shown, Qt.TextElideMode.ElideRight, int(width))
    moved = [(start - begin + len(lead), end - begin + len(lead)) for start, end in spans if start >= begin]
    whole = len(shown) - (1 if shown.endswith("…") and len(shown) < len(plain) else 0)
    return shown, [(start, min(end, whole)) for start, end in moved if start < whole]


class Palette(QWidget):
    """Covers the window while it is open; `opened` carries the row that was chosen."""

    opened = Signal(object)

    def __init__(
        self,
        theme: Theme,
        sources: "Sequence[FindsGroups]",
        commands: "Callable[[str], Iterable[Command]]",
        bridge: "Bridge",
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName("Search everything")
        self._theme, self._sources, self._commands, self._bridge = theme, sources, commands, bridge
        self._focus_before: QWidget | None = None
        self._is_searching = self._opens_first = False
        self._request: JobRequest[list[FoundGroup]] | None = None
        self._shown_text = ""
        px = theme.px
        self.card = QFrame(self)
        self.card.setProperty("part", "palette")
        self.card.setAccessibleName("Search everything")
        column = QVBoxLayout(self.card)
        column.setContentsMargins(1, px(10), 1, px(8))
        column.setSpacing(px(6))
        self.field = QLineEdit(self.card)
        self.field.setProperty("kind", "palette")
        self.field.setPlaceholderText("Search calls, chats, notes and tasks")
        self.field.setAccessibleName("Search everything")
        self.field.setAcceptDrops(False)
        self.field.setMinimumHeight(px(37))
        around = QVBoxLayout()
        around.setContentsMargins(px(10), 0, px(10), 0)
        around.addWidget(self.field)
        column.addLayout(around)
        self.words = RichText(theme, self.card, size=13, line=19, role="second")
        inset = QVBoxLayout()
        inset.setContentsMargins(px(_SIDE), px(2), px(_SIDE), px(4))
        inset.addWidget(self.words)
        column.addLayout(inset)
        self.rows = PaletteModel(self)
        self.list = RowList(theme, self.rows, "Found", self.card)
        self.list.setItemDelegate(PaletteDelegate(theme, self.rows, self.list))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the arrow keys work while the words are typed
        self.list.clicked.connect(lambda index: self._open(index.row()))
        column.addWidget(self.list, 1)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_PAUSE)
        self._timer.timeout.connect(self._search)
        self.field.textChanged.connect(lambda: self._timer.start())
        self.field.installEventFilter(self)
        parent.installEventFilter(self)
        theme.changed.connect(self.update)
        self.hide()

    # Opening and closing

    def open(self) -> None:
        """Show it, with the words of the last search selected."""
        if not self.isVisible():
            self._focus_before = QApplication.focusWidget()
        self.show()
        self.raise_()
        self._search()
        self.field.selectAll()
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def close_again(self) -> None:
        """Hide it; the focus goes back to where it was."""
        if self.isHidden():
            return
        self.hide()
        if self._focus_before is not None and self._focus_before.isVisible():
            self._focus_before.setFocus(Qt.FocusReason.OtherFocusReason)
        self._focus_before = None

    # What is found

    def _search(self) -> None:
        text = self.field.text().strip()
        if not text:
            self._is_searching = self._opens_first = False
            self._show([], "", _HELP)
            return
        sources = self._sources

        def work(context: "JobContext") -> "list[FoundGroup]":
            groups: list[FoundGroup] = []
            for source in sources:
                context.checkpoint()
                groups += source.grouped(text)
                context.report(tuple(groups))  # words are found at once, meaning after a moment
            return groups

        def show_so_far(found: object) -> None:
            if isinstance(found, tuple) and found:
                show(found)

        def show(groups: "Sequence[FoundGroup]") -> None:
            if text != self.field.text().strip():
                return
            self._is_searching = False
            self._show(groups, text, "" if groups else _NOTHING)
            if self._opens_first and self.isVisible():
                self._open(self.list.currentIndex().row())
            self._opens_first = False

        if self._request is not None:
            self._request.job.cancel()  # it looks for what is no longer asked
        self._is_searching = True
        self._request = self._bridge.run_job(work, show, title="Searching").on_event(show_so_far)

    def _show(self, groups: "Sequence[FoundGroup]", text: str, words: str) -> None:
        commands = [] if not text else list(self._commands(text))[:_MOST_COMMANDS]
        known, chosen = self.rows.rows, self.list.currentIndex().row()
        before = known[chosen] if text == self._shown_text and 0 <= chosen < len(known) else None
        self._shown_text = text
        self.rows.show_rows(rows_of(groups, commands, text))
        self.words.set_text(words)
        self.words.setVisible(bool(words))
        self.list.setVisible(bool(self.rows.rows))
        again = (row for row, shown in enumerate(self.rows.rows) if shown == before)
        self._select(next(again, self.rows.next_row(-1, 1)))
        self._place()

    def _select(self, row: int) -> None:
        if 0 <= row < len(self.rows.rows):
            self.list.setCurrentIndex(self.rows.index(row))
            self.list.scrollTo(self.rows.index(max(0, row - 1) if row == self.rows.next_row(-1, 1) else row))

    def _open(self, row: int) -> None:
        if 0 <= row < len(self.rows.rows) and not self.rows.rows[row].is_heading:
            chosen = self.rows.rows[row]
            self.close_again()
            self.opened.emit(chosen)

    # Layout, painting and keys

    def _place(self) -> None:
        px = self._theme.px
        around = self.parentWidget()
        if around is not None:
            self.setGeometry(around.rect())
        seen = self._seen_part()
        width = min(px(_WIDTH), seen.width() - 2 * px(16))
        top = min(px(_TOP), seen.height() // 10)
        rows = sum(px(_HEADING if row.is_heading else _ROW) for row in self.rows.rows)
        words = self.words.heightForWidth(width - 2 * px(_SIDE)) + px(12) if not self.words.isHidden() else 0
        height = px(10 + 37 + 8 + 14) + rows + words
        left = seen.left() + (seen.width() - width) // 2
        self.card.setGeometry(left, seen.top() + top, width, min(height, seen.height() - 2 * top))

    def _seen_part(self) -> QRect:
        """What of it is in sight: a window smaller than its pages scrolls them."""
        seen, around = self.rect(), self.parentWidget()
        while around is not None:
            seen &= QRect(self.mapFrom(around, QPoint(0, 0)), around.size())
            around = around.parentWidget()
        return seen

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Qt: the field's arrow keys move in the list, Enter opens; the window may change its size."""
        if watched is self.parentWidget() and event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        if watched is self.field and event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._takes_key(event)
        return super().eventFilter(watched, event)

    def _takes_key(self, event: QKeyEvent) -> bool:
        key = Qt.Key(event.key())
        if key in _STEPS:
            row, step = self.list.currentIndex().row(), _STEPS[key]
            for _ in range(abs(step)):
                row = self.rows.next_row(row, 1 if step > 0 else -1)
            self._select(row)
            return True
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self._timer.isActive() or self._is_searching:  # what is shown is of other words
                self._opens_first = True
            else:
                self._open(self.list.currentIndex().row())
            return True
        return key in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab)  # there is nowhere else to go

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Qt: a click beside the card closes it."""
        if not self.card.geometry().contains(event.position().toPoint()):
            self.close_again()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Qt: dim the window."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(0, 0, 0, 110))
        painter.end()
