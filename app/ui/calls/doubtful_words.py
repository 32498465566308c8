"""The way from one doubtful word of a call to the next."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.core.word_places import count_doubtful, doubtful_places
from app.ui.calls.commands import CORRECT, PLAY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.ui.calls.transcript_view import TranscriptView
    from app.ui.widgets.notice_bar import NoticeBar


class DoubtfulWords(QObject):
    """Goes to them in the order in which they stand, from the last to the first again; `reached` carries seconds."""

    reached = Signal(float)

    def __init__(self, view: "TranscriptView", notice: "NoticeBar") -> None:
        super().__init__(view)
        self._view, self._notice = view, notice

    def go(self, *, is_back: bool = False) -> None:
        """Choose the line of the next one, or of the one before, mark it, and say how many are left."""
        view = self._view
        view.finish_words()  # a word that is corrected in it is not doubtful any more
        counts = [count_doubtful(said) for said in view.lines.all]
        if not any(counts):
            self._notice.show_note("There is no doubtful word.", "The speech model was sure of each, or you wrote it.")
            return
        row, number = self._next(counts, is_back=is_back)
        place = doubtful_places(view.lines.utterance(row))[number]
        view.choose_words(row, place.first, place.last)
        self.reached.emit(place.start)
        known, of = sum(counts[:row]) + number + 1, sum(counts)
        advice = f"{PLAY.hint} plays it, {CORRECT.hint} corrects its line."
        self._notice.show_note(f"Doubtful word {known} of {of} ({of - known} left).", advice)

    def _next(self, counts: "Sequence[int]", *, is_back: bool) -> tuple[int, int]:
        """The row of the word to go to, and its number among those of its line."""
        row, first = self._view.chosen_place
        here = doubtful_places(self._view.lines.utterance(row)) if row >= 0 else ()
        numbers = [n for n, place in enumerate(here) if (place.first < first if is_back else place.first > first)]
        if numbers:
            return row, numbers[-1 if is_back else 0]
        begin, step = (max(row, 0), -1) if is_back else (row, 1)
        found = next(at for n in range(1, len(counts) + 1) if counts[at := (begin + step * n) % len(counts)])
        return found, counts[found] - 1 if is_back else 0
