"""The view of a call's summary: overview, decisions, action items and key points, each with its evidence."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.core.call import Call, CallState
from app.core.export import format_time, owner_name
from app.core.summary import Evidence, Summary
from app.core.transcript import Speakers
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

    def show_summary(self, summary: Summary, speakers: Speakers) -> None:
        """Show a summary; owners appear under the speakers' current names."""
        self._clear()
        px = self._theme.px
        overview = self._make_prose([summary.overview])
        self._column.addWidget(overview)
        self._add_section("Decisions", [(p.text, p.evidence, "") for p in summary.decisions])
        items = [
            (a.task, a.evidence, ", ".join(part for part in (owner_name(a, speakers), a.due) if part))
            for a in summary.action_items
        ]
        self._add_section("Action items", items)
        self._add_section("Key points", [(p.text, p.evidence, "") for p in summary.key_points])
        self._column.addSpacing(px(16))
        credit = RichText(self._theme, self, size=12, line=18, role="second")
        credit.set_text(f"Written by {summary.model}.")
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

    def _add_section(self, title: str, entries: Sequence[tuple[str, tuple[Evidence, ...], str]]) -> None:
        if not entries:
            return
        px = self._theme.px
        self._column.addSpacing(px(13))
        head = label(title, "head", self)
        head.setFixedHeight(px(21))
        self._column.addWidget(head)
        for n, (text, evidence, below) in enumerate(entries):
            self._column.addSpacing(px(9 if n or title else 6))
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
