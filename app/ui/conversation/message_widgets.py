"""The widgets of one message: a question in a bubble, or a reply with its chips, sources and notes."""

from collections.abc import Sequence

import msgspec
from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.core.conversation import Citation, Message, MessageVersion, ReplyMeasure, Role, StopReason
from app.core.durations import format_time
from app.core.figures import token_speed
from app.core.prompts import plain_answer
from app.ui.conversation.reply_blocks import Place
from app.ui.conversation.reply_text import STOP_REASON_NOTES, ReplyText
from app.ui.conversation.source_cards import Source, SourceCards
from app.ui.conversation.versions import Versions
from app.ui.runtime import clipboard
from app.ui.style.theme import Theme
from app.ui.widgets.basics import button, label, set_label_text
from app.ui.widgets.rich_text import DOUBT, Chip, Piece, RichText

_FRAME = 33  # milliseconds between two paintings of a reply that is being written
_WIDEST = 0.86  # of the column's width: the most that a question may take


class QuestionWidget(QWidget):
    """A question by the user, at the right edge; with `has_actions` it can be edited."""

    edit_wanted = Signal(object)  # this widget
    turned = Signal(object, int)  # this widget, and -1 for the version before or 1 for the one after

    def __init__(self, theme: Theme, text: str, parent: QWidget, *, has_actions: bool = False) -> None:
        super().__init__(parent)
        self.setAccessibleName("You asked")
        self._theme, self.text = theme, text
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addStretch(1)
        self._row = row
        self.versions: Versions | None = None  # made for the few that were written anew
        if has_actions:
            self.edit = button("Edit", self, "link", self._want_edit, "Edit the question")
            row.addWidget(self.edit, 0, Qt.AlignmentFlag.AlignBottom)
        self._bubble = _Bubble(theme, self)
        row.addWidget(self._bubble)
        inner = QVBoxLayout(self._bubble)
        inner.setContentsMargins(theme.px(14), theme.px(9), theme.px(14), theme.px(9))
        self.words = RichText(theme, self._bubble)
        self.words.set_text(text)
        inner.addWidget(self.words)
        self._natural_width = self.words.natural_width() + theme.px(28) + 2

    def _want_edit(self) -> None:
        self.edit_wanted.emit(self)

    def _turn(self, step: int) -> None:
        self.turned.emit(self, step)

    def show_version(self, version: MessageVersion, *, is_last: bool) -> None:
        """Show which version of the question this is."""
        if self.versions is None and version.count > 1:
            self.versions = Versions(self._theme, self)
            self.versions.turned.connect(self._turn)
            self._row.insertWidget(1, self.versions, 0, Qt.AlignmentFlag.AlignBottom)
        if self.versions is not None:
            self.versions.show_version(version)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt: as wide as the text needs, up to most of the column."""
        self._bubble.setFixedWidth(min(self._natural_width, int(self.width() * _WIDEST)))
        super().resizeEvent(event)


class _Bubble(QWidget):
    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setAccessibleName("Question")

    def paintEvent(self, event: QPaintEvent) -> None:
        """Qt: three wide corner radii, and a small one at the user's side."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        large, r, small = self._theme.px(10), float(self.width()), float(self._theme.px(3))
        path = QPainterPath()
        path.setFillRule(Qt.FillRule.WindingFill)
        path.addRoundedRect(self.rect(), large, large)
        path.addRoundedRect(r - 2 * large, self.height() - 2.0 * large, 2 * large, 2 * large, small, small)
        painter.fillPath(path, self._theme.color("soft"))
        painter.end()


class ReplyWidget(QWidget):
    """An answer; grows while it streams."""

    citation_clicked = Signal(object)  # the citation of the clicked chip or card
    grown = Signal()  # more of it is shown
    again_wanted = Signal(object)  # this widget: another reply is wanted in its place
    going_on_wanted = Signal(object)  # this widget: more of it is wanted
    turned = Signal(object, int)  # this widget, and -1 for the version before or 1 for the one after

    def __init__(self, theme: Theme, parent: QWidget, *, shows_times: bool, has_actions: bool = False) -> None:
        super().__init__(parent)
        self._has_actions = has_actions
        self.setAccessibleName("Answer")
        self._theme, self._shows_times = theme, shows_times
        self._message = Message(Role.ASSISTANT, "")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(6))
        self.words = ReplyText(theme, self)
        self.words.activated.connect(self.citation_clicked)
        self.note = RichText(theme, self, size=13, line=19, role="second")
        self.note.hide()
        self.sources = SourceCards(theme, self)
        self.sources.citation_clicked.connect(self.citation_clicked)
        self.sources.hide()
        self._actions = QWidget(self)
        self._actions.setAccessibleName("Actions")
        row = self._row = QHBoxLayout(self._actions)
        row.setContentsMargins(0, 0, 0, 0)
        copy = button("Copy", self._actions, "link", self.copy, "Copy the answer")
        copy.setStyleSheet(f"margin-left: -{theme.px(6)}px;")
        row.addWidget(copy)
        if has_actions:
            self.again = button("Write again", self._actions, "link", self._want_again, "Write another answer")
            row.addWidget(self.again)
        self.more: QPushButton | None = None  # made for the few that were cut off
        self.measure: QLabel | None = None  # made for those that were just written
        self.versions: Versions | None = None  # made for the few that were written anew
        row.addStretch(1)
        self._actions.hide()
        for part in (self.words, self.note, self.sources, self._actions):
            column.addWidget(part)
        self._placeholder = "Reading…"
        self.words.show_reply("", (), self._placeholder)
        self._timer = QTimer(self)  # pieces of a reply come faster than anybody reads
        self._timer.setSingleShot(True)
        self._timer.setInterval(_FRAME)
        self._timer.timeout.connect(self._show_what_came)

    def append(self, text: str) -> None:
        """Append text as it arrives."""
        self._message = msgspec.structs.replace(self._message, text=self._message.text + text)
        if not self._timer.isActive():
            self._timer.start()

    def show_cited(self, cited: Message) -> None:
        """Show where it cites so far: `cited` has the text up to there, and is taken only with numbers that hold."""
        marks = tuple(mark for mark in cited.marks if mark.numbers)
        self._message = msgspec.structs.replace(self._message, citations=cited.citations, marks=marks)
        if not self._timer.isActive():
            self._timer.start()

    def _show_what_came(self) -> None:
        text = self._message.text.lstrip("\n")  # as it will be stored, and as it was looked at for citations
        self.words.show_reply(text, [p for p in self._places(self._message) if p.end <= len(text)], self._placeholder)
        self.grown.emit()

    def show_waiting(self, text: str) -> None:
        """Say what is waited for, as long as there is nothing of the reply."""
        self._placeholder = text
        if not self._message.text:
            self.words.show_reply("", (), text)

    def show_message(self, message: Message) -> None:
        """Show the reply as stored."""
        self._timer.stop()
        self._message = message
        self.words.show_reply(message.text, self._places(message), "There is no answer.")
        notes = [part for part in (message.note, STOP_REASON_NOTES.get(message.stop_reason, "")) if part]
        if any(citation.is_earlier for citation in message.citations):
            notes.append("From an earlier transcript: the call was transcribed anew since.")
        self.note.set_text(" ".join(notes))
        self.note.setVisible(bool(notes))
        self._actions.setVisible(bool(message.text.strip()))

    def begin_going_on(self) -> None:
        """Have what arrives from now on appended to what is there."""
        self._message = msgspec.structs.replace(self._message, stop_reason=StopReason.FINISHED, note="")
        self.note.hide()
        self._actions.hide()

    def _add_action(self, action: QWidget) -> None:
        self._row.insertWidget(self._row.count() - 1, action)  # before what stretches

    def _want_again(self) -> None:
        self.again_wanted.emit(self)

    def _turn(self, step: int) -> None:
        self.turned.emit(self, step)

    def _want_more(self) -> None:
        self.going_on_wanted.emit(self)

    def show_version(self, version: MessageVersion, *, is_last: bool) -> None:
        """Show which version of the reply this is; only the last message can be gone on with."""
        if self.versions is None and version.count > 1:
            self.versions = Versions(self._theme, self._actions)
            self.versions.turned.connect(self._turn)
            self._add_action(self.versions)
        if self.versions is not None:
            self.versions.show_version(version)
        can_go_on = self._has_actions and is_last and self._message.stop_reason is not StopReason.FINISHED
        if can_go_on and self.more is None:
            self.more = button("Go on", self._actions, "link", self._want_more, "Go on with the answer")
            self._add_action(self.more)
        if self.more is not None:
            self.more.setVisible(can_go_on)

    def show_measure(self, measure: ReplyMeasure) -> None:
        """Show how fast the reply was written."""
        if self.measure is None:
            self.measure = label("", "second", self._actions)
            self._add_action(self.measure)
        set_label_text(self.measure, measure_words(measure))

    def show_sources(self, sources: Sequence[Source]) -> None:
        """Show the cards of what the answer cites."""
        self.sources.show_sources(sources)
        self.sources.setVisible(bool(sources))

    def _places(self, message: Message) -> list[Place]:
        """Chips in the places of the citations, and what explains itself where one was not confirmed."""
        chips = {c.marker: self._chip(n, c) for n, c in enumerate(message.citations, 1)}
        found = []
        for mark in message.marks:
            known = [chips[number] for number in mark.numbers if number in chips]
            pieces: list[Piece] = []
            for chip in known or [DOUBT]:
                pieces += [" ", chip] if pieces else [chip]
            found.append(Place(mark.start, mark.end, tuple(pieces)))
        return found

    def _chip(self, number: int, citation: Citation) -> Chip:
        if citation.end <= 0:  # of a text without times
            return Chip("line" if self._shows_times else str(number), "Show the line", citation)
        if self._shows_times:
            return Chip(format_time(citation.start), f"Play at {format_time(citation.start)}", citation)
        return Chip(str(number), f"Open source {number}, at {format_time(citation.start)}", citation)

    def copy(self) -> None:
        """Copy the whole answer to the clipboard: what the model wrote, without its citations."""
        clipboard.copy_text(plain_answer(self._message))


def measure_words(measure: ReplyMeasure) -> str:
    """How fast a reply was written, such as `21 tokens a second · first word 0.4 s`."""
    first = f"first word {measure.seconds_to_first:.1f} s"
    speed = measure.tokens_per_second
    return f"{token_speed(speed)} · {first}" if speed else first
