"""The summary of a note beside it: each sentence with the lines that bear it, or marked where none does."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.core.readable_text import owner_and_due
from app.core.summary import ActionItem, Point, Summary, SummarySection
from app.core.writing.text_lines import TextLines
from app.core.writing.written import Written
from app.ui.style.theme import Theme
from app.ui.widgets.basics import label
from app.ui.widgets.rich_text import Chip, Piece, RichText, Run

_NONE = "No summary yet. “Summarise” writes one; it is not stored."
_NOTHING_FOUND = "Tacit found no line of the note that says what stands here. Read the note before you rely on it."
_NOT_FOUND = "Not found in the note"
_DOUBT = Chip("not confirmed", "Not confirmed: no line of the note that Tacit found says this. It can still be right.")


class NoteSummary(QWidget):
    """Shows a summary; `line_wanted` carries the number of a line, from 0, and what it said."""

    line_wanted = Signal(int, str)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName("Summary")
        self._theme = theme
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(theme.px(18), theme.px(14), theme.px(18), theme.px(14))
        self._column.setSpacing(theme.px(9))
        self.show_none()

    def show_none(self) -> None:
        """Show that there is no summary."""
        self._clear()
        self._add([Run(_NONE, role="second")])
        self._column.addStretch(1)

    def show_written(self, written: Written) -> None:
        """Show the summary of a note."""
        self._clear()
        summary, lines = written.summary, written.lines
        if summary is not None and lines is not None:
            if not summary.has_evidence:
                self._add([Run(_NOTHING_FOUND, role="second")])
            for section in summary.sections_as_shown:
                if not section.is_empty:
                    self._add_section(section, summary, lines)
        self._add([Run(f"Written by {written.model}.", role="second")])
        self._column.addStretch(1)

    def _add_section(self, section: SummarySection, summary: Summary, lines: TextLines) -> None:
        is_borne = summary.has_evidence
        if section is not summary.lead:
            self._column.addWidget(label(section.title, "head", self))
        if section.text:
            pieces: list[Piece] = []
            for one in section.sentences:
                pieces += [" " if pieces else "", one.text, *_marks(one, lines, is_borne=is_borne)]
            self._add(pieces or [section.text])
        for item in section.found_items:
            self._add([f"• {_words(item)}", *_marks(item, lines, is_borne=is_borne)])
        if section.items_not_found and is_borne:  # where nothing of a summary is found, that is said once
            self._add([Run(_NOT_FOUND, role="second"), " ", _DOUBT])
        for item in section.items_not_found:
            self._add([f"• {_words(item)}"])

    def _add(self, pieces: list[Piece]) -> None:
        words = RichText(self._theme, self)
        words.set_pieces(pieces)
        words.activated.connect(self._go)
        self._column.addWidget(words)

    def _go(self, value: object) -> None:
        if isinstance(value, tuple):
            self.line_wanted.emit(*value)

    def _clear(self) -> None:
        while (item := self._column.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()


def _words(item: Point | ActionItem) -> str:
    if isinstance(item, Point):
        return item.text
    who = owner_and_due(item, ())
    return f"{item.task} ({who})" if who else item.task


def _marks(item: Point | ActionItem, lines: TextLines, *, is_borne: bool) -> list[Piece]:
    """The lines that bear an item, after what they say otherwise; or that none does."""
    pieces: list[Piece] = []
    if item.instead:
        pieces += [" ", Run(f"the note says otherwise: {', '.join(item.instead)}", role="danger")]
    said = {one.line: one.text for one in lines.transcript.utterances if one.id in {e.utterance for e in item.evidence}}
    for number in lines.numbers(item):
        pieces += [" ", Chip(f"line {number}", f"Show line {number}", (number - 1, said[number]))]
    return pieces if pieces or not is_borne else [" ", _DOUBT]
