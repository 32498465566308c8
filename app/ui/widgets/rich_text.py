"""Running text with chips in it: wrapped, selectable, and painted without a markup engine."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontDatabase,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextCharFormat,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import QPushButton, QSizePolicy, QToolTip, QWidget

from app.ui.runtime import clipboard
from app.ui.style.theme import Role, Theme
from app.ui.widgets import long_text
from app.ui.widgets.basics import PressButton, plain_tool_tip

_FIXED = QFontDatabase.SystemFont.FixedFont
_CHIP_CHARACTER = "\ufffc"  # stands for a chip in the text; lines may break on either side


@dataclass(frozen=True, slots=True)
class Chip:
    """A small button in the text: its label, its description for screen readers, and the value a click emits.

    One without a value explains itself: a click shows the description. `words` stand for it where the text is copied.
    """

    label: str
    description: str
    value: object = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of text with its own weight, colours or slant; code is in letters of one width.

    One with a `value` is underlined, and a click emits it; a chip must be there too, for the keyboard.
    """

    text: str
    weight: int = 400
    role: Role | None = None
    is_italic: bool = False
    is_code: bool = False
    ground: Role | None = None
    is_struck: bool = False
    value: object = None


Piece = str | Run | Chip
DOUBT = Chip(
    "not confirmed",
    "Not confirmed: no line of the call that Tacit found says this. It can still be right; listen to the place.",
)
_ALIGNMENTS = {
    "left": Qt.AlignmentFlag.AlignLeading, "center": Qt.AlignmentFlag.AlignHCenter,
    "right": Qt.AlignmentFlag.AlignTrailing,
}  # fmt: skip
_MOST_HEIGHTS = 16  # that a text remembers
_MORE = object()  # the value of the chip that shows more


class RichText(QWidget):
    """A block of text whose height follows from its width; `activated` carries the value of a clicked chip."""

    activated = Signal(object)
    resized = Signal()  # it shows more or less than before

    def __init__(
        self,
        theme: Theme,
        parent: QWidget,
        *,
        size: float = 14,
        line: float = 21,
        role: Role = "text",
        weight: int = 400,
        is_code: bool = False,
        align: Literal["left", "center", "right"] = "left",
    ) -> None:
        super().__init__(parent)
        self._align = align
        self._is_code = is_code  # its lines don't wrap
        self._pieces: Sequence[Piece] = ()
        self._steps = 1  # how often as much as is laid out at a time is shown
        self._is_cut = False
        self._theme, self._size, self._line, self._role, self._weight = theme, size, line, role, weight
        self._text, self._height = "", 0
        self._runs: list[tuple[int, int, Run]] = []
        self._chips: list[tuple[int, QPushButton]] = []
        self._layout: QTextLayout | None = None
        self._laid_width = self._natural = -1
        self._heights: dict[int, int] = {}  # by width: a layout asks all that it holds, again and again
        self._anchor = self._cursor = 0
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setCursor(Qt.CursorShape.IBeamCursor)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        theme.changed.connect(self._recolor)

    def _recolor(self) -> None:
        self._laid_width = -1  # the layout holds the colours of the runs
        self._lay_out(self.width())
        self.update()

    def set_pieces(self, pieces: Sequence[Piece]) -> None:
        """Show these pieces, one after another: of a long text the beginning, and a chip that shows more."""
        self._pieces, self._steps = pieces, 1
        self._show()

    def _show(self) -> None:
        for _, button in self._chips:
            button.hide()
            button.deleteLater()
        self._chips, self._runs, self._text, self._is_cut = [], [], "", False
        room, lines = self._steps * long_text.MOST_CHARACTERS, self._steps * long_text.MOST_LINES
        for piece in self._pieces:
            if isinstance(piece, Chip):
                self._add_chip(piece)
                continue
            run = Run(piece) if isinstance(piece, str) else piece
            length = long_text.shown_length(run.text, room, lines)
            text = run.text[:length]
            self._runs.append((len(self._text), len(text), run))
            self._text += text.replace("\n", "\u2028").replace(_CHIP_CHARACTER, "\ufffd")
            room, lines = room - length, lines - text.count("\n")
            if length < len(run.text):
                self._is_cut = True
                left = len(self._whole()) - len(self._text)
                self._text += " "
                self._add_chip(Chip("Show more", f"Show more of this text: {left:,} characters are left", _MORE))
                break
        self._anchor = self._cursor = 0
        self.setAccessibleName(self._spoken() or " ")
        self._laid_width = self._natural = -1
        self._heights.clear()
        if self.isVisible():
            self._lay_out(self.width())
        self.updateGeometry()
        self.update()

    def _add_chip(self, chip: Chip) -> None:
        self._text += _CHIP_CHARACTER
        self._chips.append((len(self._text) - 1, self._chip_button(chip)))

    def _activate(self, chip: Chip, button: QPushButton) -> None:
        if chip.value is _MORE:
            self._steps += 1
            self._show()
            self.resized.emit()
        elif chip.value is None:
            QToolTip.showText(button.mapToGlobal(button.rect().bottomLeft()), button.toolTip(), button)
        else:
            self.activated.emit(chip.value)

    def _spoken(self) -> str:
        """The text that is shown, for screen readers: what is not confirmed is said in its place."""
        text = self._text
        for position, button in reversed(self._chips):
            if button.property("kind") == "doubt":
                text = f"{text[:position]}({button.text()}){text[position + 1 :]}"
        return self._plain(text)

    def _whole(self) -> str:
        return "".join(map(_words, self._pieces))

    def set_role(self, role: Role) -> None:
        """Show the text in the colour of another role."""
        self._role = role
        self.update()

    def set_text(self, text: str) -> None:
        """Show plain text."""
        self.set_pieces([text] if text else [])

    def plain_text(self) -> str:
        """The whole text without its chips."""
        return self._plain(self._whole())

    def chips(self) -> list[QPushButton]:
        """The chips' buttons, in text order."""
        return [button for _, button in self._chips]

    def _plain(self, text: str) -> str:
        plain = text.replace(" " + _CHIP_CHARACTER, "").replace(_CHIP_CHARACTER, "").replace("\u2028", "\n")
        return plain if self._is_code else plain.strip()  # spaces before code belong to it

    def _chip_button(self, chip: Chip) -> QPushButton:
        button = PressButton(chip.label, self)
        button.setProperty("kind", "chip" if chip.value is not None else "doubt")
        button.setAccessibleName(chip.description)
        button.setToolTip(plain_tool_tip(chip.description))
        button.setFont(self._theme.font(12, is_tabular=True))
        button.setCursor(Qt.CursorShape.PointingHandCursor)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda: self._activate(chip, button))
        metrics = button.fontMetrics()
        button.resize(metrics.horizontalAdvance(chip.label) + self._theme.px(14), metrics.height() + self._theme.px(2))
        button.show()
        return button

    def _formats(self, base: QFont) -> list[QTextLayout.FormatRange]:
        formats = []
        for start, length, run in self._runs:
            if run != Run(run.text):
                made = QTextCharFormat()
                made.setFontWeight(run.weight if run.weight != 400 else self._weight)
                made.setFontItalic(run.is_italic)
                made.setFontStrikeOut(run.is_struck)
                made.setFontUnderline(run.value is not None)
                if run.ground is not None:
                    made.setBackground(self._theme.color(run.ground))
                if run.is_code and not self._is_code:
                    made.setFontFamilies(_code_families())
                    made.setBackground(self._theme.color("column"))
                if run.role is not None:
                    made.setForeground(self._theme.color(run.role))
                formats.append(_format_range(start, length, made))
        for position, button in self._chips:
            hidden = QTextCharFormat()
            spaced = QFont(base)
            spaced.setPixelSize(1)
            spaced.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, button.width() + self._theme.px(3))
            hidden.setFont(spaced)
            hidden.setForeground(QColor(0, 0, 0, 0))
            formats.append(_format_range(position, 1, hidden))
        return formats

    def _lay_out(self, width: int) -> int:
        """Lay the text out for a width in pixels, and return its height."""
        if width != self._laid_width or self._layout is None:
            self._layout, self._height = self._made_layout(width)
            self._laid_width = width
        return self._height

    def _made_layout(self, width: int) -> tuple[QTextLayout, int]:
        base = self._theme.font(self._size, self._weight)
        if self._is_code:
            base.setFamilies(_code_families())
        layout = QTextLayout(self._text, base)
        option = QTextOption()
        wrap = QTextOption.WrapMode
        option.setWrapMode(wrap.NoWrap if self._is_code else wrap.WrapAtWordBoundaryOrAnywhere)
        option.setAlignment(_ALIGNMENTS[self._align])
        layout.setTextOption(option)
        layout.setFormats(self._formats(base))
        layout.beginLayout()
        pitch, count = self._theme.px(self._line), 0
        while (line := layout.createLine()).isValid():
            line.setLineWidth(max(1, width))
            line.setPosition(QPointF(0, count * pitch + (pitch - line.height()) / 2))
            count += 1
        layout.endLayout()
        return layout, max(1, count) * pitch if self._text else 0

    def _place_chips(self) -> None:
        if self._layout is None:
            return
        pitch = self._theme.px(self._line)
        for position, button in self._chips:
            line = self._layout.lineForTextPosition(position)
            edges = [_x(line.cursorToX(position)), _x(line.cursorToX(position + 1))]
            top = line.lineNumber() * pitch + (pitch - button.height()) // 2
            button.move(round(min(edges)) + 1, top)

    def hasHeightForWidth(self) -> bool:
        """Qt: the height depends on the width."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Qt: the height of the text at a width."""
        height = self._heights.get(width)
        if height is None:
            if len(self._heights) >= _MOST_HEIGHTS:
                self._heights.clear()
            height = self._heights[width] = self._lay_out(width)
        return height

    def sizeHint(self) -> QSize:
        """Qt: one line per paragraph; layouts ask for the height at their own width."""
        paragraphs = self._text.count("\u2028") + 1
        return QSize(self.natural_width(), paragraphs * self._theme.px(self._line) if self._text else 0)

    def natural_width(self) -> int:
        """The width in pixels at which nothing wraps."""
        if self._natural < 0:
            layout, _ = self._made_layout(10_000_000)
            lines = (layout.lineAt(n) for n in range(layout.lineCount()))
            self._natural = int(max((line.naturalTextWidth() for line in lines), default=0.0)) + 2
        return self._natural

    def minimumSizeHint(self) -> QSize:
        """Qt: it can be narrow."""
        return QSize(self._theme.px(40), self._theme.px(self._line) if self._text else 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt: lay the text out again."""
        self._lay_out(self.width())
        self._place_chips()
        super().resizeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Qt: paint the text and the selection."""
        self._lay_out(self.width())
        self._place_chips()
        assert self._layout is not None
        painter = QPainter(self)
        painter.setPen(self._theme.color(self._role))
        selected = []
        if self._anchor != self._cursor:
            marked = QTextCharFormat()
            marked.setBackground(self._theme.color("accent"))
            marked.setForeground(self._theme.color("on_accent"))
            first, last = sorted((self._anchor, self._cursor))
            selected.append(_format_range(first, last - first, marked))
        self._layout.draw(painter, QPointF(0, 0), selected, QRectF(event.rect()))
        painter.end()

    def _position(self, event: QMouseEvent) -> int:
        assert self._layout is not None
        number = int(event.position().y()) // self._theme.px(self._line)
        if not self._layout.lineCount():
            return 0
        line = self._layout.lineAt(min(max(0, number), self._layout.lineCount() - 1))
        return line.xToCursor(event.position().x())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Qt: begin a selection."""
        self._anchor = self._cursor = self._position(event)
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Qt: a click on a run that stands for something."""
        if self._anchor == self._cursor and event.button() == Qt.MouseButton.LeftButton:
            value = self._value_at(event)
            if value is not None:
                self.activated.emit(value)

    def _value_at(self, event: QMouseEvent) -> object:
        """What the run under the mouse stands for."""
        place = self._position(event)
        runs = (run for start, length, run in self._runs if run.value is not None and start <= place < start + length)
        return next((run.value for run in runs), None)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Qt: extend the selection."""
        self._cursor = self._position(event)
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Qt: select everything."""
        self._anchor, self._cursor = 0, len(self._text)
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt: copy what is selected."""
        if event.matches(QKeySequence.StandardKey.Copy):
            first, last = sorted((self._anchor, self._cursor))
            is_part = self._anchor != self._cursor and (not self._is_cut or last - first < len(self._text))
            clipboard.copy_text(self._plain(self._text[first:last]) if is_part else self.plain_text())
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QEvent) -> None:
        """Qt: drop the selection."""
        self._anchor = self._cursor = 0
        self.update()


def _words(piece: Piece) -> str:
    return piece if isinstance(piece, str) else piece.text if isinstance(piece, Run) else piece.words or _CHIP_CHARACTER


def _code_families() -> list[str]:
    return ["DejaVu Sans Mono", "Menlo", "Consolas", *QFontDatabase.systemFont(_FIXED).families()]


def _format_range(start: int, length: int, made: QTextCharFormat) -> QTextLayout.FormatRange:
    found = QTextLayout.FormatRange()
    found.start, found.length, found.format = start, length, made
    return found


def _x(found: object) -> float:
    """The x coordinate: `cursorToX` returns a number or (number, cursor), depending on the PySide version."""
    return float(found[0] if isinstance(found, tuple) else found)  # type: ignore[arg-type]
