"""The transcript view: a list of lines, and what clicks and keys on them do."""

from collections.abc import Callable

from PySide6.QtCore import QItemSelectionModel, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QApplication, QFrame, QListView, QWidget

from app.core.ids import UtteranceId
from app.core.line_changes import LineChange
from app.core.transcript import Utterance
from app.core.word_places import word_at
from app.ui.calls.commands import COMMANDS, place_of_speaker
from app.ui.calls.line_words import LineWords
from app.ui.calls.transcript_delegate import LINE_PITCH, MARGIN, TranscriptDelegate
from app.ui.calls.transcript_model import TranscriptModel
from app.ui.calls.word_marks import WordMarks
from app.ui.navigation.command import command_for_key
from app.ui.runtime import clipboard
from app.ui.style.theme import Theme

_PATIENCE = 300  # milliseconds in which a second click makes a double click; longer, and playing would feel slow
_FRAME = 5  # design pixels around the words of a line that is corrected


class TranscriptView(QListView):
    """The transcript as a list of lines."""

    seek_wanted = Signal(float)  # seconds: the start of the word that was clicked, or of a line chosen otherwise
    corrected = Signal(object, str)  # an utterance, and what it is to say
    split_wanted = Signal(object, str, str)  # an utterance, and what the two that it becomes are to say
    join_wanted = Signal(object, object, str)  # an utterance, the one that is to become its end, and what that says
    removal_wanted = Signal(object)  # an utterance
    giving_wanted = Signal(list, int)  # utterances, and the place of a speaker in the call, from 1
    typing_changed = Signal(bool)  # whether a line is being corrected now

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._words: LineWords | None = None  # laid out with the lines, from here on
        self._words_of: UtteranceId | None = None
        self.lines = TranscriptModel(self)
        self._delegate = TranscriptDelegate(theme, self.lines, self)
        self.setModel(self.lines)
        self.setItemDelegate(self._delegate)
        self.lines.modelReset.connect(self._fit_words)
        self.lines.dataChanged.connect(self._fit_words)
        for changed in (self.lines.modelReset, self.lines.dataChanged, self.selectionModel().currentRowChanged):
            changed.connect(self._forget_chosen_words)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setResizeMode(QListView.ResizeMode.Fixed)
        self.verticalScrollBar().setSingleStep(theme.px(LINE_PITCH) * 2)
        self.viewport().setMouseTracking(True)
        self.plays_on_click = True
        self._pressed: QPoint | None = None
        self._click_timer = QTimer(self)  # a double click is not also a click
        self._click_timer.setSingleShot(True)
        self._click_timer.setInterval(min(_PATIENCE, QApplication.doubleClickInterval()))
        self._click_timer.timeout.connect(self._play_clicked)
        self._clicked = 0.0  # seconds
        self.setAccessibleName("Transcript")
        self.viewport().setAccessibleName("Transcript")
        self._settle_timer = QTimer(self)
        self._settle_timer.setSingleShot(True)
        self._settle_timer.setInterval(60)
        self._settle_timer.timeout.connect(self._lay_out_rows)
        theme.changed.connect(self.viewport().update)

    def set_plays_on_click(self, plays: bool) -> None:
        """Choose whether a click on a line plays it."""
        self.plays_on_click = plays

    def mark(self, row: int, follows: bool) -> None:
        """Mark the playing line; with `follows`, scroll it into view."""
        if row == self._delegate.playing_row:
            return
        old, self._delegate.playing_row = self._delegate.playing_row, row
        for changed in (old, row):
            if 0 <= changed < self.lines.rowCount():
                self.update(self.lines.index(changed))
        if follows and row >= 0:
            self.reveal(row)

    def mark_word(self, seconds: float) -> None:
        """Mark the word of the playing line that is said at a second."""
        row = self.marked_row
        word = word_at(self.lines.utterance(row), seconds) if 0 <= row < self.lines.rowCount() else None
        if word != self.marks.playing:
            self.marks.playing = word
            self.update(self.lines.index(row))

    def choose_words(self, row: int, first: int, last: int) -> None:
        """Choose a line, scroll to it, and mark some words of it until another is chosen."""
        self.setCurrentIndex(self.lines.index(row))
        self.marks.chosen = (self.lines.utterance(row).id, first, last)
        self.update(self.lines.index(row))
        self.reveal(row)

    @property
    def chosen_place(self) -> tuple[int, int]:
        """The current row, and where the words that were chosen in it begin; -1 without any."""
        chosen = self.marks.chosen
        is_here = chosen is not None and self.current_row == self.lines.row_of(chosen[0])
        return self.current_row, chosen[1] if chosen is not None and is_here else -1

    def _forget_chosen_words(self) -> None:
        self.marks.chosen = None  # another line is current, or they may stand elsewhere now

    @property
    def marks(self) -> WordMarks:
        """What is marked in the words."""
        return self._delegate.marks

    @property
    def marked_row(self) -> int:
        """The row marked as playing, or -1."""
        return self._delegate.playing_row

    def reveal(self, row: int, is_centred: bool = False) -> None:
        """Scroll a row into view; -1 scrolls nothing."""
        hints = QAbstractItemView.ScrollHint
        self.scrollTo(self.lines.index(row), hints.PositionAtCenter if is_centred else hints.EnsureVisible)

    def place(self) -> tuple[UtteranceId, int] | None:
        """The line at the top and the pixels from its top; None at the beginning of the transcript."""
        index = self.indexAt(QPoint(self._theme.px(MARGIN), 1))
        if not self.verticalScrollBar().value() or not index.isValid():
            return None
        return self.lines.utterance(index.row()).id, -self.visualRect(index).top()

    def go_to(self, place: tuple[UtteranceId, int] | None) -> None:
        """Scroll to a place, or to the beginning."""
        row, offset = (-1, 0) if place is None else (self.lines.row_of(place[0]), place[1])
        self.doItemsLayout()
        bar = self.verticalScrollBar()
        bar.setValue(0 if row < 0 else bar.value() + self.visualRect(self.lines.index(row)).top() + offset)

    def copy(self) -> None:
        """Copy the selected lines to the clipboard."""
        rows = {index.row() for index in self.selectedIndexes()}
        if rows:
            clipboard.copy_text(self.lines.as_copied(rows))

    def copy_words(self) -> None:
        """Copy the chosen lines to the clipboard, without their times."""
        if rows := {self.lines.row_of(said.id) for said in self.chosen}:
            clipboard.copy_text(self.lines.as_words(rows))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt: lay the lines out again once the width has settled."""
        super().resizeEvent(event)
        if self._words is not None and self._words.is_editable:  # a person goes on typing where they see it
            self.reveal(self.lines.row_of(self._words_of))
        if event.oldSize().width() != event.size().width():
            self._settle_timer.start()

    def doItemsLayout(self) -> None:
        """Qt: lay out all rows, for the width that the view has now."""
        self._delegate.take_width()
        super().doItemsLayout()
        self._fit_words()

    def _lay_out_rows(self) -> None:
        self.go_to(self.place())

    def _is_over_time(self, point: QPoint) -> bool:
        index = self.indexAt(point)
        return index.isValid() and self._delegate.is_time_at(index.row(), point - self.visualRect(index).topLeft())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Qt: a click on a time seeks to it, elsewhere it selects; released where it was pressed, it plays the line."""
        point = event.position().toPoint()
        self._close_words()
        self._click_timer.stop()
        has_modifier = event.modifiers() != Qt.KeyboardModifier.NoModifier
        is_click = event.button() == Qt.MouseButton.LeftButton and not has_modifier
        self._pressed = point if is_click and not self._is_over_time(point) else None
        if event.button() == Qt.MouseButton.LeftButton and self._is_over_time(point):
            self.seek_wanted.emit(self.lines.utterance(self.indexAt(point).row()).start)
            return
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Qt: a click on a word plays from it, beside words the line; not if it is dragged or the first of two."""
        super().mouseReleaseEvent(event)
        pressed, self._pressed = self._pressed, None
        point = event.position().toPoint()
        index = self.indexAt(point)
        if pressed is None or not index.isValid() or self.indexAt(pressed) != index:
            return
        if (point - pressed).manhattanLength() < QApplication.startDragDistance() and self.plays_on_click:
            word = self._delegate.word_at(index.row(), self.visualRect(index), point)
            self._clicked = self.lines.utterance(index.row()).start if word is None else word.start
            self._click_timer.start()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Qt: a double click selects the word under it, in a field from which words can be copied."""
        self._click_timer.stop()
        self._pressed = None
        index = self.indexAt(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and index.isValid():
            self._open_words(index.row(), event.position().toPoint())

    def _play_clicked(self) -> None:
        if self.lines.rowCount():
            self.seek_wanted.emit(self._clicked)

    @property
    def current_row(self) -> int:
        """The row that a person chose last, else the one that plays; -1 without one."""
        index = self.currentIndex()
        return index.row() if index.isValid() else self.marked_row

    def begin_correction(
        self, utterance: UtteranceId | None = None, text: str | None = None, at: int | None = None
    ) -> None:
        """Lay a field over a line, else the current one, in which it is corrected.

        It holds this text, if there is one, and has the cursor `at` a character of it, or at its end.
        """
        self._close_words()  # what was typed in another field is a part of the line by now
        row = self.current_row if utterance is None else self.lines.row_of(utterance)
        if row >= 0:
            self.setCurrentIndex(self.lines.index(row))
            self.reveal(row)
            said = self.lines.utterance(row)
            words = self._lay_words(row, is_editable=True)
            words.textChanged.connect(self._fit_words)
            words.written.connect(lambda written: self.corrected.emit(said, written))
            words.split_wanted.connect(lambda *halves: self._leave_for(lambda: self._split(said, *halves)))
            words.join_wanted.connect(lambda typed: self._leave_for(lambda: self._join(said, typed)))
            words.removal_wanted.connect(lambda: self._leave_for(lambda: self.removal_wanted.emit(said)))
            words.giving_wanted.connect(self.give)
            words.setFocus(Qt.FocusReason.ShortcutFocusReason)
            if text is not None:
                words.setPlainText(text)
            words.put_cursor(at)
            self._fit_words()
            self.typing_changed.emit(True)

    def _leave_for(self, act: Callable[[], None]) -> None:
        """Close the field, whose text is dealt with, give the keys to the list, and act."""
        self._leave_words()
        act()

    def _split(self, said: Utterance, first: str, second: str) -> None:
        now, tail = self.lines.as_now(said)
        self.split_wanted.emit(now, first, second + tail)

    def _join(self, said: Utterance, text: str) -> None:
        row = self.lines.row_of(said.id)
        before = self.lines.before_on_track(row) if row >= 0 else -1
        now, tail = self.lines.as_now(said)
        if before >= 0:
            self.join_wanted.emit(self.lines.utterance(before), now, text + tail)
        else:  # there is nothing to join it to: the person types on
            self.begin_correction(said.id, text + tail, 0)

    @property
    def typed_in(self) -> UtteranceId | None:
        """The line in which a person types; None without one."""
        return self._words_of if self._words is not None and self._words.is_editable else None

    def give_up_words(self) -> str:
        """Close the field in which a person types; what was typed there, which is not written."""
        typed = "" if self._words is None else self._words.give_up()
        self._leave_words()
        return typed

    @property
    def chosen(self) -> list[Utterance]:
        """The lines that are selected, or the one that is corrected, chosen or played."""
        words_row = self.lines.row_of(self._words_of) if self._words is not None else -1
        rows = {words_row} if words_row >= 0 else {index.row() for index in self.selectedIndexes()}
        return [self.lines.utterance(row) for row in sorted(rows or {self.current_row}) if row >= 0]

    def take_chosen(self) -> list[Utterance]:
        """The chosen lines as they are once what was typed in one of them is taken."""
        ids = [said.id for said in self.chosen]
        self._leave_words()
        return [self.lines.utterance(self.lines.row_of(one)) for one in ids]

    def give(self, place: int) -> None:
        """Ask for the chosen lines to be given to the speaker in a place of the call."""
        if lines := self.take_chosen():
            self.giving_wanted.emit(lines, place)

    def show_change(self, change: LineChange) -> None:
        """Show what a person did to lines, where the list is."""
        if change.is_of_words:
            self.lines.change(change)
            return
        place, chosen = self.place(), {said.id for said in self.chosen}
        current = self.lines.utterance(self.current_row).id if self.current_row >= 0 else None
        playing = self.lines.utterance(self.marked_row).id if self.marked_row >= 0 else None
        scrolled = self.verticalScrollBar().value()
        self.lines.change(change)
        self.go_to(place)
        if place is not None and self.lines.row_of(place[0]) < 0:
            self.verticalScrollBar().setValue(scrolled)
        self._choose_again(current, chosen)
        self._delegate.playing_row = self.lines.row_of(playing)

    def _choose_again(self, current: UtteranceId | None, chosen: set[UtteranceId]) -> None:
        if (row := self.lines.row_of(current)) >= 0:
            self.setCurrentIndex(self.lines.index(row))
        for one in chosen:
            if (row := self.lines.row_of(one)) >= 0:
                flag = QItemSelectionModel.SelectionFlag.Select
                self.selectionModel().select(self.lines.index(row), flag)

    def finish_words(self) -> None:
        """Take what was typed, and close the field."""
        self._close_words()

    def _open_words(self, row: int, point: QPoint) -> None:
        """Lay a field with the words of a line over it, with the word at a point selected."""
        words = self._lay_words(row)
        words.setFocus(Qt.FocusReason.MouseFocusReason)
        words.select_word_at(point - words.pos())

    def _lay_words(self, row: int, *, is_editable: bool = False) -> LineWords:
        self._close_words()
        place = self._delegate.words_rect(row, self.visualRect(self.lines.index(row)))
        said = self.lines.utterance(row)
        self._words_of = said.id
        self._words = LineWords(self._theme, said.text, self.viewport(), is_editable=is_editable)
        self._words.setGeometry(place)
        self._words.show()
        self._words.closed.connect(self._leave_words)
        return self._words

    def _fit_words(self) -> None:
        """Make the field in which a line is corrected as high as its text, with its frame around the words."""
        if self._words is not None and self._words.is_editable:
            row = self.lines.row_of(self._words_of)
            if row < 0:  # the line is gone: what was typed is not
                self._close_words()
                return
            place = self._delegate.words_rect(row, self.visualRect(self.lines.index(row)))
            edge = self._theme.px(_FRAME)
            lines = max(1, round(self._words.document().size().height()))
            height = lines * self._words.fontMetrics().lineSpacing() + 2 * edge
            self._words.setGeometry(place.left() - edge, place.top(), place.width() + 2 * edge, height)
            self._words.verticalScrollBar().setValue(0)
            self._delegate.give_room(row, height - place.height())

    def _leave_words(self) -> None:
        had_focus = self._words is not None and self._words.hasFocus()
        self._close_words()
        if had_focus:
            self.setFocus(Qt.FocusReason.OtherFocusReason)

    def _close_words(self) -> None:
        words, self._words = self._words, None
        if words is not None:
            self._delegate.give_room(-1, 0)
            words.finish()
            words.hide()
            words.deleteLater()
            if words.is_editable:
                self.typing_changed.emit(False)

    @property
    def words(self) -> "LineWords | None":
        """The field with the words of one line, while they are being selected."""
        return self._words

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """Qt: the field with words is on its line only until that moves; one being typed in goes along."""
        if self._words is None or not self._words.is_editable:
            self._close_words()
        super().scrollContentsBy(dx, dy)
        self._fit_words()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Qt: show a link's cursor over times."""
        is_over_time = self._is_over_time(event.position().toPoint())
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if is_over_time else Qt.CursorShape.ArrowCursor)
        super().mouseMoveEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt: copy, play from the current line, and pass the keys of commands on."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.seek_wanted.emit(self.lines.utterance(self.currentIndex().row()).start)
        elif place := place_of_speaker(event):
            self.give(place)
        elif command_for_key(COMMANDS, event) is not None:
            event.ignore()
        else:
            super().keyPressEvent(event)
