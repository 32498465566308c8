"""The line above a transcript that says how much of the speech has text, and leads through the gaps."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.core.coverage import Coverage, coverage_note, gap_note
from app.core.durations import format_time
from app.core.speech import Speech
from app.ui.style.theme import Theme
from app.ui.widgets.basics import button, glyph
from app.ui.widgets.rich_text import Piece, RichText, Run


class GapBar(QWidget):
    """Shown only where speech without text is; `current` is the gap that a person looks at, None before the first."""

    shown = Signal(float)  # the seconds at which the gap begins that a person wants to see
    hear_wanted = Signal(float, float)  # seconds, from and to
    writing_wanted = Signal()  # a person wants to write what is said in the current gap

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName("Speech without text")
        self._theme = theme
        self._known: Coverage | None = None
        self._names: Sequence[str] = ()
        self._place = -1
        px = theme.px
        row = QHBoxLayout(self)
        row.setContentsMargins(px(22), px(10), px(22), 0)
        row.setSpacing(px(6))
        self.words = RichText(theme, self, size=13, line=19)
        row.addWidget(self.words, 1, Qt.AlignmentFlag.AlignVCenter)
        self.hear_button = button("", self, "plain", self._hear, "Hear this gap")
        self.write_button = button("Write it…", self, "plain", self.writing_wanted.emit, "Write what is said there")
        self.next_button = button("", self, "plain", self.show_next, "Show the first gap")
        for one in (self.hear_button, self.write_button, self.next_button):
            row.addWidget(one, 0, Qt.AlignmentFlag.AlignTop)
        theme.changed.connect(self._draw_glyphs)
        self._draw_glyphs()
        self.hide()

    @property
    def current(self) -> Speech | None:
        """The gap that is shown."""
        gaps = () if self._known is None else self._known.gaps
        return gaps[self._place] if 0 <= self._place < len(gaps) else None

    def show_coverage(self, known: Coverage | None, names: Sequence[str] = ()) -> None:
        """Say how much of a call's speech has text; `names` are those of its tracks, where it has several.

        Of the same call anew, the gap that was shown stays, or the one that follows it.
        """
        before = self.current
        self._known, self._names = known, names
        gaps = () if known is None else known.gaps
        if before is not None:
            place = next(
                (at for at, gap in enumerate(gaps) if (gap.start, gap.track) >= (before.start, before.track)), 0
            )
            self._place = place if gaps else -1
        self.setVisible(bool(gaps))
        if gaps:
            self._tell()

    def leave_call(self) -> None:
        """Show nothing, and begin at the first gap of the next call."""
        self._place = -1
        self.show_coverage(None)

    def show_next(self) -> None:
        """Show the next gap, behind the last the first."""
        if self._known is not None and self._known.gaps:
            self._place = (self._place + 1) % len(self._known.gaps)
            self._tell()
            self.shown.emit(self._known.gaps[self._place].start)

    def _hear(self) -> None:
        if self.current is not None:
            self.hear_wanted.emit(self.current.start, self.current.end)

    def _tell(self) -> None:
        assert self._known is not None
        gap, gaps = self.current, self._known.gaps
        pieces: list[Piece] = [Run(coverage_note(self._known), role="second")]
        if gap is not None:
            who = f", {self._names[gap.track]}" if 0 <= gap.track < len(self._names) else ""
            where = f"{format_time(gap.start)}{who}: {gap_note(gap)}"
            number = f" ({self._place + 1} of {len(gaps)})" if len(gaps) > 1 else ""
            pieces = [Run(f"{where}{number}.", role="warning")]
        self.words.set_pieces(pieces)
        for one in (self.hear_button, self.write_button):
            one.setVisible(gap is not None)
        self.next_button.setVisible(gap is None or len(gaps) > 1)
        self.next_button.setText("Next gap" if gap is not None else "Show")
        self.next_button.setAccessibleName("Show the next gap" if gap is not None else "Show the first gap")

    def _draw_glyphs(self) -> None:
        self.hear_button.setIcon(glyph(self._theme, "play", "text", 12))
