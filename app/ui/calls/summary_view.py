"""The view of a call's summary: its sections, each point and task with its evidence."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.core.call import Call, CallState
from app.core.durations import format_time
from app.core.readable_text import owner_and_due
from app.core.summary import Evidence, Summary, SummarySection
from app.core.transcript import Speaker
from app.ui.style.theme import Theme
from app.ui.widgets.basics import button, label
from app.ui.widgets.rich_text import Chip, Piece, RichText, Run


class SummaryView(QWidget):
    """Shows a summary, or why there is none."""

    play_wanted = Signal(float)  # seconds: the start of the clicked moment
    summary_wanted = Signal()  # a summary is requested

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName("Summary")
        self._theme = theme
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, theme.px(12), 0, theme.px(12))
        self._column.setSpacing(0)

    def _clear(self) -> None:
        while (item := self._column.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()

    def show_summary(self, summary: Summary, speakers: Sequence[Speaker], is_earlier: bool = False) -> None:
        """Show a summary; owners appear under the speakers' current names, and an earlier transcript is named."""
        self._clear()
        px = self._theme.px
        lead = summary.lead
        if lead is not None:
            self._column.addWidget(self._make_prose([lead.text]))
        for section in summary.sections_as_shown:
            if section is not lead and not section.is_empty:
                self._add_section(section, speakers)
        self._column.addSpacing(px(16))
        credit = RichText(self._theme, self, size=12, line=18, role="second")
        credit.set_text(f"Written by {summary.model}{' from an earlier transcript' if is_earlier else ''}.")
        self._column.addWidget(credit)
        self._column.addStretch(1)

    def show_absence(self, call: Call, is_at_work: bool) -> None:
        """Say why there is no summary, and offer to write one where possible."""
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

    def _add_section(self, section: SummarySection, speakers: Sequence[Speaker]) -> None:
        px = self._theme.px
        self._column.addSpacing(px(13))
        head = label(section.title, "head", self)
        head.setFixedHeight(px(21))
        self._column.addWidget(head)
        if section.kind == "prose":
            self._column.addSpacing(px(9))
            self._column.addWidget(self._make_prose([section.text]))
        entries = [
            *((point.text, point.evidence, "") for point in section.points),
            *((task.task, task.evidence, owner_and_due(task, speakers)) for task in section.tasks),
        ]
        for text, evidence, below in entries:
            self._column.addSpacing(px(9))
            self._column.addWidget(self._make_entry(text, evidence, below))

    def _make_entry(self, text: str, evidence: tuple[Evidence, ...], below: str) -> QWidget:
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
        pieces: list[Piece] = [text]
        for moment in evidence:
            pieces += [" ", Chip(format_time(moment.start), f"Play at {format_time(moment.start)}", moment.start)]
        if not evidence:
            pieces += ["  ", Run("not confirmed", role="second")]
        words.addWidget(self._make_prose(pieces, row))
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
