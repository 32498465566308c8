"""How single words of a transcript are marked: the one that plays, doubtful ones, and what is looked for."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QBrush, QPainter, QPen, QTextCharFormat, QTextLayout

from app.core.ids import UtteranceId
from app.core.transcript import Utterance
from app.core.word_places import WordPlace, doubtful_places, word_places
from app.ui.style.theme import Theme
from app.ui.widgets.text_offsets import in_python, in_qt

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.core.found import Spans

_PLAYING_SHARE = 0.16  # of the text's colour in the ground of the word that plays
_ENDS = ".,;:?!"  # what is not underlined at the end of a word
Mark = tuple[UtteranceId, int, int]
"""A line, and where something begins and ends in its text."""


class WordMarks:
    """What is marked now; the view repaints the lines concerned."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self.playing: WordPlace | None = None  # in the line that plays
        self.found: Mapping[UtteranceId, Spans] = {}
        self.chosen: Mark | None = None  # the doubtful word or the place found that a person went to last

    def formats(self, said: Utterance, *, is_playing: bool) -> list[QTextLayout.FormatRange]:
        """The grounds to lay behind the words of a line; later ones lie over earlier ones."""
        theme, made = self._theme, list[QTextLayout.FormatRange]()
        if is_playing and self.playing is not None:
            ground = QBrush(theme.blend("text", "playing", _PLAYING_SHARE))
            made.append(_range(said.text, self.playing.first, self.playing.last, QBrush(theme.color("text")), ground))
        for first, last in self.found.get(said.id, ()):
            ground, ink = (QBrush(theme.color(role)) for role in ("not_found", "on_not_found"))
            made.append(_range(said.text, first, last, ink, ground))
        if self.chosen is not None and self.chosen[0] == said.id:
            ground, ink = (QBrush(theme.color(role)) for role in ("accent", "on_accent"))
            made.append(_range(said.text, *self.chosen[1:], ink, ground))
        return made

    def underline(self, painter: QPainter, layout: QTextLayout, said: Utterance, origin: QPointF) -> None:
        """Draw a dotted line below each doubtful word."""
        pen = QPen(self._theme.color("warning"), max(1.5, self._theme.scale * 1.6))
        pen.setStyle(Qt.PenStyle.CustomDashLine)
        pen.setDashPattern([1.1, 1.1])
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        painter.setPen(pen)
        for place in doubtful_places(said):
            first = in_qt(said.text, place.first)
            line = layout.lineForTextPosition(first)
            if not line.isValid():
                continue
            end = in_qt(said.text, place.first + len(said.text[place.first : place.last].rstrip(_ENDS)))
            stop = min(end, line.textStart() + line.textLength())
            left, right = (_x_of(line.cursorToX(offset)) for offset in (first, stop))
            y = origin.y() + line.y() + line.ascent() + self._theme.px(4)
            painter.drawLine(QPointF(origin.x() + left, y), QPointF(origin.x() + right, y))


def word_under(layout: QTextLayout, said: Utterance, point: QPointF) -> WordPlace | None:
    """The word of a line at a point of its layout, with the space behind it; None beside its words."""
    for number in range(layout.lineCount()):
        line = layout.lineAt(number)
        ink = line.naturalTextRect()
        if ink.left() <= point.x() <= ink.right() and line.y() <= point.y() <= line.y() + line.height():
            offset = in_python(said.text, line.xToCursor(point.x(), line.CursorPosition.CursorOnCharacter))
            before = [place for place in word_places(said) if place.first <= offset]
            return before[-1] if before else None
    return None


def _range(text: str, first: int, last: int, ink: QBrush, ground: QBrush) -> QTextLayout.FormatRange:
    form = QTextCharFormat()
    form.setForeground(ink)
    form.setBackground(ground)
    made = QTextLayout.FormatRange()
    made.start = in_qt(text, first)
    made.length, made.format = in_qt(text, last) - made.start, form
    return made


def _x_of(cursor_x: object) -> float:
    return float(cursor_x[0] if isinstance(cursor_x, tuple) else cursor_x)  # type: ignore[arg-type]
