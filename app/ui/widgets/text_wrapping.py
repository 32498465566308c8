"""Text wrapped into lines of a width: laid out where it is painted, only counted where its height is all one needs."""

import re
from functools import lru_cache

from PySide6.QtCore import QPointF
from PySide6.QtGui import QFont, QFontMetricsF, QTextLayout, QTextOption

from app.ui.widgets.long_text import MOST_CHARACTERS, beginning

_MOST_LAYOUTS = 64  # kept: those of the rows in sight, which are painted again with each step of the player
_MOST_WORDS = 50_000  # whose widths are kept; a call has a few thousand different ones
_LETTER = "0-9A-Za-zÀ-ÖØ-öø-ɏΑ-ωЀ-ӿ"
# Words of alphabets that lines break between and nowhere else: letters, then what stands at their end (Unicode's line
# breaking, UAX 14, has no opportunity within). Anything else, a hyphen or a Chinese letter, is left to Qt.
_WORDS = re.compile(rf"[{_LETTER}]+(?:['’][{_LETTER}]+)*[.,?!:;]*(?: [{_LETTER}]+(?:['’][{_LETTER}]+)*[.,?!:;]*)*")
# By so much of the font's height a line may be wider or narrower than its words and spaces by themselves: for rounding
# (Inter: 0.06 at most over 4,000 lines of real words), and for each word, where a font kerns over a space.
_ROUNDING, _KERNING = 0.1, 0.01


class TextWrapping:
    """Wraps texts in one font into lines at a fixed pitch in pixels."""

    def __init__(self, font: QFont, pitch: int) -> None:
        self._font, self._pitch = font, pitch
        metrics = QFontMetricsF(font)
        self._width_of = lru_cache(_MOST_WORDS)(metrics.horizontalAdvance)
        self._space = metrics.horizontalAdvance(" ")
        self._rounding, self._kerning = _ROUNDING * metrics.height(), _KERNING * metrics.height()
        self.layout = lru_cache(_MOST_LAYOUTS)(self._laid_out)

    def line_count(self, text: str, width: int) -> int:
        """The number of lines of a text (its beginning, if it is very long) at a width in pixels.

        Always what `layout(text, width).lineCount()` is; for a whole call it takes half the time of laying it out.
        """
        is_plain = len(text) <= MOST_CHARACTERS and _WORDS.fullmatch(text)
        return (is_plain and self._counted(text, width)) or self.layout(text, width).lineCount()

    def _counted(self, text: str, width: int) -> int:
        """The number of lines by the widths of words; 0 where a line ends too close to the edge to tell."""
        rounding, kerning, space, width_of = self._rounding, self._kerning, self._space, self._width_of
        lines, x, slack = 1, 0.0, rounding
        for word in text.split(" "):
            advance = width_of(word)
            slack += kerning
            x += advance
            if x > width + slack:
                lines, x, slack = lines + 1, advance, rounding + kerning
            if x > width - slack:  # too close to the edge, or a word wider than a line
                return 0
            x += space
        return lines

    def _laid_out(self, text: str, width: int) -> QTextLayout:
        """A text, its beginning if it is very long, in lines of a width in pixels."""
        layout = QTextLayout(beginning(text), self._font)
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        layout.setTextOption(option)
        layout.beginLayout()
        while (line := layout.createLine()).isValid():
            line.setLineWidth(width)
            line.setPosition(QPointF(0, line.lineNumber() * self._pitch + (self._pitch - line.height()) / 2))
        layout.endLayout()
        return layout
