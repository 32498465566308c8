"""The view of a call's summary: its sections, each point and task with its evidence."""

from collections.abc import Mapping, Sequence

import msgspec
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.core.call import Call, CallState
from app.core.durations import moment
from app.core.ids import UtteranceId
from app.core.readable_text import NOT_FOUND, NOTHING_FOUND, owner_and_due, says_otherwise
from app.core.summary import ActionItem, Evidence, Point, Summary, SummarySection
from app.core.transcript import Speaker, Transcript
from app.ui.style.theme import Theme
from app.ui.widgets.basics import button, label
from app.ui.widgets.rich_text import DOUBT, Chip, Piece, RichText, Run


def summary_age(summary: Summary, transcript: Transcript, *, is_earlier: bool) -> str:
    """What a summary was written from, as a sentence, if that is not the transcript that is there; else ""."""
    if is_earlier:
        return "Written from an earlier transcript."
    return "Written before lines were corrected." if summary.is_before_corrections(transcript) else ""


class SummaryView(QWidget):
    """Shows a summary, or why there is none."""

    play_wanted = Signal(float)  # seconds: the start of the clicked moment
    line_wanted = Signal(str)  # the utterance of a clicked moment that has no time
    summary_wanted = Signal()  # a summary is requested

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName("Summary")
        self._theme = theme
        self._contents: tuple[object, ...] = ()
        self._lines: Mapping[UtteranceId, int] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, theme.px(12), 0, theme.px(12))
        self._column.setSpacing(0)

    def _is_shown(self, contents: tuple[object, ...]) -> bool:
        """Whether these are the contents that are shown; those that were read again are not made anew."""
        is_same = contents == self._contents
        self._contents = contents
        return is_same

    def _clear(self) -> None:
        while (item := self._column.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()

    def show_summary(
        self,
        summary: Summary,
        speakers: Sequence[Speaker],
        age: str = "",
        lines: Mapping[UtteranceId, int] | None = None,
    ) -> None:
        """Show a summary; owners appear under the speakers' current names.

        `age` says what it was written from, if that is not what is shown (`summary_age`).
        `lines` are the numbers of a call's lines, by which moments without a time are told.
        """
        if self._is_shown((summary, tuple(speakers), age, lines)):
            return
        self._lines = lines or {}
        self._clear()
        px = self._theme.px
        lead = summary.lead
        is_borne = summary.has_evidence
        if age:
            self._add_age(age)
        if not is_borne:
            self._column.addWidget(self._make_prose([Run(NOTHING_FOUND, role="second")]))
            self._column.addSpacing(px(12))
        if lead is not None:
            self._column.addWidget(self._make_prose(self._prose_pieces(lead, is_borne)))
        for section in summary.sections_as_shown:
            if section is not lead and not section.is_empty:
                self._add_section(section, speakers, is_borne)
        if summary.model:
            self._column.addSpacing(px(16))
            credit = RichText(self._theme, self, size=12, line=18, role="second")
            credit.set_text(f"Written by {summary.model}.")
            self._column.addWidget(credit)
        self._column.addStretch(1)

    def _add_age(self, age: str) -> None:
        """Say what a summary was written from, and offer to write it anew."""
        px = self._theme.px
        box = QFrame(self)
        box.setProperty("part", "notice")
        box.setAccessibleName("Age of the summary")
        inner = QVBoxLayout(box)
        inner.setContentsMargins(px(12), px(8), px(12), px(8))
        inner.setSpacing(px(6))
        words = RichText(self._theme, box, size=13, line=19)
        words.set_text(age)
        inner.addWidget(words)
        row = QHBoxLayout()
        row.addWidget(button("Write it anew", box, "plain", self.summary_wanted.emit))
        row.addStretch(1)
        inner.addLayout(row)
        self._column.addWidget(box)
        self._column.addSpacing(px(12))

    def show_absence(self, call: Call, is_at_work: bool) -> None:
        """Say why there is no summary, and offer to write one where possible."""
        if self._is_shown((call.id, call.state, is_at_work)):
            return
        self._clear()
        self._column.addWidget(self._make_prose([Run(self._reason_for_absence(call, is_at_work), role="second")]))
        if call.state in (CallState.TRANSCRIBED, CallState.SUMMARIZED) and not is_at_work:
            row = QWidget(self)
            row.setAccessibleName("Actions")
            across = QHBoxLayout(row)
            across.setContentsMargins(0, self._theme.px(12), 0, 0)
            across.addWidget(button("Summarize", row, "plain", self.summary_wanted.emit))
            across.addStretch(1)
            self._column.addWidget(row)
        self._column.addStretch(1)

    @staticmethod
    def _reason_for_absence(call: Call, is_at_work: bool) -> str:
        if call.state in (CallState.IMPORTED, CallState.TRANSCRIBING):
            return "The summary is written once the transcript is whole."
        if call.state is CallState.SILENT:
            return "No speech was found, so there is nothing to summarize."
        return "The summary is being written." if is_at_work else "There is no summary of this call yet."

    def _add_section(self, section: SummarySection, speakers: Sequence[Speaker], is_borne: bool) -> None:
        px = self._theme.px
        self._column.addSpacing(px(13))
        head = label(section.title, "head", self)
        head.setFixedHeight(px(21))
        self._column.addWidget(head)
        if section.kind == "prose":
            self._column.addSpacing(px(9))
            self._column.addWidget(self._make_prose(self._prose_pieces(section, is_borne)))
        for item in section.found_items:
            self._add_entry(item, speakers)
        if section.items_not_found and is_borne:  # where nothing of a summary is found, that is said once
            self._column.addSpacing(px(9))
            self._column.addWidget(self._make_prose([Run(NOT_FOUND, role="second"), " ", DOUBT]))
        for item in section.items_not_found:
            self._add_entry(item, speakers)

    def _add_entry(self, item: Point | ActionItem, speakers: Sequence[Speaker]) -> None:
        text, below = (item.text, "") if isinstance(item, Point) else (item.task, owner_and_due(item, speakers))
        self._column.addSpacing(self._theme.px(9))
        self._column.addWidget(self._make_entry(text, self._evidence_pieces(item), below))

    def _make_entry(self, text: str, marks: Sequence[Piece], below: str) -> QWidget:
        px = self._theme.px
        row = QWidget(self)
        row.setAccessibleName(text)
        across = QHBoxLayout(row)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(0)
        dot = QLabel("•", row)
        dot.setTextFormat(Qt.TextFormat.PlainText)
        dot.setProperty("role", "second")
        dot.setAccessibleName("point")
        dot.setFixedSize(px(14), px(21))
        across.addWidget(dot, 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._make_prose([text, *marks], row))
        if below:
            second = RichText(self._theme, row, size=13, line=18, role="second")
            second.set_text(below)
            words.addWidget(second)
        across.addLayout(words, 1)
        return row

    def _make_prose(self, pieces: Sequence[Piece], parent: QWidget | None = None) -> RichText:
        prose = RichText(self._theme, parent or self)
        prose.set_pieces(pieces)
        prose.activated.connect(self._play)
        return prose

    def _play(self, value: object) -> None:
        if isinstance(value, float):
            self.play_wanted.emit(value)
        elif isinstance(value, Evidence):
            self.line_wanted.emit(value.utterance)

    def _evidence_pieces(self, item: Point | ActionItem) -> list[Piece]:
        """The moments that bear an item; before them, what the call says otherwise."""
        pieces: list[Piece] = []
        if item.instead:
            pieces += [" ", Run(says_otherwise(item), role="danger")]
        for one in item.evidence:
            name = moment(one.start, one.end, self._lines.get(one.utterance, 0))
            has_time = one.end > 0
            pieces += [" ", Chip(name, f"Play at {name}", one.start) if has_time else Chip(name, f"Show {name}", one)]
        return pieces

    def _prose_pieces(self, section: SummarySection, is_borne: bool) -> list[Piece]:
        """The sentences of a section, each with the first moment that bears it, or with what is wrong with it."""
        if not section.sentences or not is_borne:
            return [section.text]
        pieces: list[Piece] = []
        for sentence in section.sentences:
            marks = self._evidence_pieces(msgspec.structs.replace(sentence, evidence=sentence.evidence[:1])) or [
                " ",
                DOUBT,
            ]
            pieces += [" " if pieces else "", sentence.text, *marks]
        return pieces
