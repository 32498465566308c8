"""How the Markdown of a note looks as it stands: sizes, colours, and marks that hide while the caret is elsewhere."""

from functools import lru_cache
from itertools import groupby

from PySide6.QtGui import QColor, QFont, QFontDatabase, QSyntaxHighlighter, QTextBlock, QTextCharFormat, QTextDocument

from app.core.note_markup import Line, LineKind, Span, SpanKind, fence_after, line_of
from app.ui.style.theme import Theme
from app.ui.widgets.text_offsets import in_qt

_HEADINGS = {1: (18.0, 700), 2: (15.0, 700)}
_SMALL_HEADING = (14.0, 700)
_CHIP_SIZE = 12.5  # pixels of the letters of a link or a tag
_END_GAP, _QUOTE_GAP = 5.0, 8.0  # pixels at the ends of a chip, and before what is quoted
_BOX_GAP, _TICK, _BULLET_GAP = 7.0, 3.0, 3.0  # pixels behind and in the box of a task, and behind a bullet
# What is said of a letter beside its line, as bits.
_PLAIN, _CHIP, _MARK, _HIDDEN, _END = 0, 1, 2, 4, 12
_LOOKS: dict[SpanKind, int] = {"strong": 16, "emphasis": 32, "strike": 64, "code": 128, "link": _CHIP, "tag": _CHIP}
_Base = tuple[LineKind, int, bool]
_TEXT: _Base = ("text", 0, False)
_CLEAR = QColor(0, 0, 0, 0)
_line = lru_cache(4_000)(line_of)


class NoteFormats(QSyntaxHighlighter):
    """Formats a note's lines; the marks that the caret touches are shown, all others are hidden."""

    def __init__(self, theme: Theme, document: QTextDocument) -> None:
        super().__init__(document)
        self._theme = theme
        self._fences = [""]  # the fence for each state of a block
        self._caret: tuple[int, int] | None = None  # the block that has the caret, and the place in it
        self._made: dict[object, QTextCharFormat] = {}
        theme.changed.connect(self.restyle)

    def restyle(self) -> None:
        """Format everything anew, as after a change of the colours."""
        self._made.clear()
        self.rehighlight()

    def show_caret(self, caret: tuple[int, int] | None) -> None:
        """Show the marks beside the caret: its block and its place there; None while nobody writes."""
        before, self._caret = self._caret, caret
        if before == caret:
            return
        for number in {place[0] for place in (before, caret) if place is not None}:
            block = self.document().findBlockByNumber(number)
            if block.isValid():
                self.rehighlightBlock(block)

    def line(self, block: QTextBlock) -> Line:
        """What the line of a block is."""
        before = block.previous()
        state = before.userState() if before.isValid() else 0
        return _line(block.text(), self._fences[max(0, state)])

    def caret_in(self, block: QTextBlock) -> int | None:
        """The place of the caret in a block, None if it is elsewhere."""
        return self._caret[1] if self._caret is not None and self._caret[0] == block.blockNumber() else None

    def shows_marks(self, block: QTextBlock, line: Line, span: Span) -> bool:
        """Whether the marks of a stretch are shown, because the caret touches it."""
        caret = self.caret_in(block)
        return caret is not None and in_qt(line.text, span.start) <= caret <= in_qt(line.text, span.end)

    def shows_prefix(self, block: QTextBlock, line: Line) -> bool:
        """Whether what makes a heading, an item or a quote is shown as it is written."""
        caret = self.caret_in(block)
        if caret is None:
            return False
        return line.kind in ("heading", "rule", "quote") or 0 < caret < line.prefix

    def highlightBlock(self, text: str) -> None:
        """Qt: format one line."""
        block = self.currentBlock()
        fence = self._fences[max(0, self.previousBlockState())]
        line = _line(text, fence)
        self.setCurrentBlockState(self._state(fence_after(text, fence)))
        if line.kind == "rule" and not self.shows_prefix(block, line):
            self.setFormat(0, len(text), self._invisible())
            return
        looks = [_PLAIN] * in_qt(text, len(text))
        for span in line.spans:
            self._add_look(looks, block, line, span)
        base = (line.kind, line.level if line.kind == "heading" else 0, line.is_done)
        at = 0
        for look, letters in groupby(looks):
            length = len(list(letters))
            if look != _PLAIN or base != _TEXT:
                self.setFormat(at, length, self._made_format(base, look))
            at += length
        if line.prefix:
            self._format_prefix(block, line, base)

    def _state(self, fence: str) -> int:
        if fence not in self._fences:
            self._fences.append(fence)
        return self._fences.index(fence)

    def _add_look(self, looks: list[int], block: QTextBlock, line: Line, span: Span) -> None:
        start, end, first, last = (in_qt(line.text, at) for at in (span.start, span.end, span.first, span.last))
        if span.kind == "tag":
            first, last = start, end
        marks = _MARK if self.shows_marks(block, line, span) else _HIDDEN
        for at in range(start, end):
            looks[at] |= _LOOKS[span.kind] if first <= at < last else marks
        if span.kind == "link" and marks == _HIDDEN:  # room for the ends of the chip
            looks[first - 1] = looks[last] = _END

    def _format_prefix(self, block: QTextBlock, line: Line, base: _Base) -> None:
        if line.kind == "number" or self.shows_prefix(block, line):
            self.setFormat(0, line.prefix, self._made_format(base, _MARK))
        elif line.kind in ("heading", "quote"):
            self.setFormat(0, line.prefix, self._hidden(_QUOTE_GAP if line.kind == "quote" else 0.0))
        elif line.kind == "task":
            box = line.text.index("[")
            self.setFormat(line.level, box - line.level, self._hidden())
            self.setFormat(box, line.prefix - box, self._invisible())
            self.setFormat(box + 1, 1, self._hidden(_TICK))  # of one width, whether it is ticked or not
            if line.prefix > box + 3:
                self.setFormat(box + 3, 1, self._hidden(_BOX_GAP))
        elif line.kind == "bullet":
            self.setFormat(line.level, 1, self._invisible(_BULLET_GAP))

    def _made_format(self, base: _Base, look: int) -> QTextCharFormat:
        if look & _HIDDEN:
            return self._hidden(_END_GAP if look & _END == _END else 0.0)
        if (base, look) not in self._made:
            self._made[base, look] = self._new_format(base, look)
        return self._made[base, look]

    def _new_format(self, base: _Base, look: int) -> QTextCharFormat:
        theme, made = self._theme, QTextCharFormat()
        kind, level, is_done = base
        size, weight = _HEADINGS.get(level, _SMALL_HEADING) if kind == "heading" else (14.0, 400)
        font = theme.font(size, 700 if look & _LOOKS["strong"] else weight)
        if look & _CHIP:
            font = theme.font(_CHIP_SIZE, font.weight(), is_tabular=True)
        font.setItalic(bool(look & _LOOKS["emphasis"]))
        font.setStrikeOut(is_done or bool(look & _LOOKS["strike"]))
        if kind in ("code", "fence") or look & _LOOKS["code"]:
            font.setFamilies(_code_families())
            font.setPixelSize(theme.px(13))
        made.setFont(font)
        is_second = kind in ("quote", "fence") or is_done or look & _MARK
        made.setForeground(theme.color("accent" if look & _CHIP else "second" if is_second else "text"))
        if look & _LOOKS["code"]:
            made.setBackground(theme.color("column"))
        return made

    def _hidden(self, width: float = 0.0) -> QTextCharFormat:
        """The format of a letter that is not seen; the room that it takes is `width`, in the design's pixels."""
        key = ("hidden", width)
        if key not in self._made:
            font = self._theme.font()
            font.setPixelSize(1)
            if width:
                font.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, self._theme.px(width))
            else:
                font.setLetterSpacing(QFont.SpacingType.PercentageSpacing, 1)
            made = QTextCharFormat()
            made.setFont(font)
            made.setForeground(_CLEAR)
            self._made[key] = made
        return self._made[key]

    def _invisible(self, gap: float = 0.0) -> QTextCharFormat:
        """The format of letters in whose place something is painted, with a gap in the design's pixels behind each."""
        made, font = QTextCharFormat(), self._theme.font()
        if gap:
            font.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, self._theme.px(gap))
        made.setFont(font)
        made.setForeground(_CLEAR)
        return made


@lru_cache(1)
def _code_families() -> list[str]:
    fixed = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    return ["DejaVu Sans Mono", "Menlo", "Consolas", *fixed.families()]
