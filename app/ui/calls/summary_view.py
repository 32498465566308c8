"""A call's summary as it is read: overview, decisions, action items, key points, each with its moments."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.core.export import clock, owner
from app.core.recording import Recording, RecordingState
from app.core.summary import Evidence, Summary
from app.core.transcript import Speakers
from app.ui.style.theme import Theme
from app.ui.widgets.basics import button, label
from app.ui.widgets.rich_text import Chip, Piece, Prose, Run


class SummaryView(QWidget):
    """`played` emits the seconds of a chip, `wanted` that a summary is asked for."""

    played = Signal(float)
    wanted = Signal()

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
        """Show a summary; owners go by the names that the speakers have now."""
        self._clear()
        px = self._theme.px
        overview = self._prose([summary.overview])
        self._column.addWidget(overview)
        self._section("Decisions", [(p.text, p.evidence, "") for p in summary.decisions])
        items = [
            (a.task, a.evidence, ", ".join(part for part in (owner(a, speakers), a.due) if part))
            for a in summary.action_items
        ]
        self._section("Action items", items)
        self._section("Key points", [(p.text, p.evidence, "") for p in summary.key_points])
        self._column.addSpacing(px(16))
        made_by = Prose(self._theme, self, size=12, line=18, role="second")
        made_by.set_text(f"Written by {summary.model}.")
        self._column.addWidget(made_by)
        self._column.addStretch(1)

    def show_absence(self, recording: Recording, is_at_work: bool) -> None:
        """Say why there is no summary, and offer one where that helps."""
        self._clear()
        self._column.addWidget(self._prose([Run(self._why(recording, is_at_work), role="second")]))
        if recording.state in (RecordingState.TRANSCRIBED, RecordingState.SUMMARIZED) and not is_at_work:
            row = QWidget(self)
            row.setAccessibleName("Actions")
            across = QHBoxLayout(row)
            across.setContentsMargins(0, self._theme.px(12), 0, 0)
            across.addWidget(button("Summarize", row, "plain", self.wanted.emit))
            across.addStretch(1)
            self._column.addWidget(row)
        self._column.addStretch(1)

    @staticmethod
    def _why(recording: Recording, is_at_work: bool) -> str:
        if recording.state in (RecordingState.IMPORTED, RecordingState.TRANSCRIBING):
            return "The summary is written once the transcript is whole."
        return "The summary is being written." if is_at_work else "There is no summary of this call yet."

    def _section(self, title: str, entries: Sequence[tuple[str, tuple[Evidence, ...], str]]) -> None:
        if not entries:
            return
        px = self._theme.px
        self._column.addSpacing(px(13))
        head = label(title, "head", self)
        head.setFixedHeight(px(21))
        self._column.addWidget(head)
        for n, (text, evidence, below) in enumerate(entries):
            self._column.addSpacing(px(9 if n or title else 6))
            self._column.addWidget(self._entry(text, evidence, below))

    def _entry(self, text: str, evidence: tuple[Evidence, ...], below: str) -> QWidget:
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
        for found in evidence:
            pieces += [" ", Chip(clock(found.start), f"Play at {clock(found.start)}", found.start)]
        if not evidence:
            pieces += ["  ", Run("not confirmed", role="second")]
        words.addWidget(self._prose(pieces, row))
        if below:
            second = Prose(self._theme, row, size=13, line=18, role="second")
            second.set_text(below)
            words.addWidget(second)
        across.addLayout(words, 1)
        return row

    def _prose(self, pieces: Sequence[Piece], parent: QWidget | None = None) -> Prose:
        made = Prose(self._theme, parent or self)
        made.set_pieces(pieces)
        made.activated.connect(self._play)
        return made

    def _play(self, value: object) -> None:
        if isinstance(value, float):
            self.played.emit(value)
