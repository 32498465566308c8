"""What the language model does with the text of a note: asked for, shown below it, and put where a person wants it."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QTextCursor

from app.core.writing.action import TextAction
from app.core.writing.written import Written
from app.ui.runtime import clipboard
from app.ui.style.phrases import COPIED
from app.ui.writing.text_job import DoesWriting, TextJob

if TYPE_CHECKING:
    from app.ui.notes.note_editor import NoteEditor
    from app.ui.notes.result_pane import ResultPane
    from app.ui.runtime.bridge import Bridge
    from app.ui.widgets.notice_bar import NoticeBar

_CHANGED = "This part of the note was changed meanwhile, so it is not replaced. Insert the result below it, or copy it."
_STOPPED = ("Stopped.", "The note is as it was.")


class NoteWriting(QObject):
    """Runs actions on what is selected in a note, or on all of it."""

    summed_up = Signal(object)  # the summary of the note, as `Written`; its lines are those of the note

    def __init__(
        self,
        writing: DoesWriting,
        bridge: "Bridge",
        editor: "NoteEditor",
        pane: "ResultPane",
        notice: "NoticeBar",
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._editor, self._notice = editor, notice
        self.pane, self.card = pane, pane.card
        self._action, self._source = TextAction.PROOFREAD, ""
        self._place: QTextCursor | None = None  # of the text that is worked on; it moves with what is typed before
        self.job = TextJob(writing, bridge, self)
        job, card = self.job, self.card
        job.began.connect(self._begin)
        job.text_changed.connect(card.show_text)
        job.waiting.connect(card.say)
        job.ended.connect(self._show_result)
        job.failed.connect(self._show_error)
        job.stopped.connect(self._show_stopped)
        card.stop_wanted.connect(job.stop)
        card.taken.connect(self._take)
        card.left.connect(self._close)

    @property
    def source(self) -> str:
        """What an action would work on: the selected text, or else the whole."""
        cursor = self._editor.textCursor()
        return _selected(cursor) if cursor.hasSelection() else self._editor.text()

    def run(self, action: TextAction, target: str = "") -> None:
        """Begin an action, in the place of the one before; `target` is the language to translate into."""
        cursor = self._editor.textCursor()
        place = QTextCursor(self._editor.document())
        if cursor.hasSelection() and action is not TextAction.SUMMARY:
            place.setPosition(cursor.selectionStart())
            place.setPosition(cursor.selectionEnd(), QTextCursor.MoveMode.KeepAnchor)
        else:
            place.select(QTextCursor.SelectionType.Document)
        place.setKeepPositionOnInsert(True)  # what is typed right behind it is no part of it
        self._notice.hide()
        self._action, self._place, self._source = action, place, _selected(place)
        self.job.run(action, self._source, target)

    def leave(self) -> None:
        """Another note is shown, or none: stop what is under way, and show no result."""
        self._place, self._source = None, ""
        self.job.stop()
        self.card.hide()

    def _begin(self) -> None:
        self.card.begin(self._action)
        self.card.stop_button.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_result(self, written: Written) -> None:
        if self._place is None:
            return
        if written.action is TextAction.SUMMARY:
            self._close()
            self.summed_up.emit(written)
            return
        is_writing = self._editor.hasFocus()
        self.card.show_written(written)
        if is_writing:  # whoever writes on would press a button with the next key
            self._editor.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_error(self, error: Exception) -> None:
        if self._place is not None:
            self._close()
            self._notice.show_error(error)

    def _show_stopped(self) -> None:
        if self._place is not None:
            self._close()
            self._notice.show_note(*_STOPPED)

    def _close(self) -> None:
        had_focus = self.card.isAncestorOf(self.card.focusWidget() or self._editor)
        self._place, self._source = None, ""
        self.card.hide()
        if had_focus:
            self._editor.setFocus(Qt.FocusReason.OtherFocusReason)

    def _take(self, text: str, where: str) -> None:
        """Do with a result what the person chose."""
        place = self._place
        if place is None:
            return
        if where == "copy":
            clipboard.copy_text(text)
            self._notice.show_note(*COPIED)
            return
        if where == "replace":
            if _selected(place) != self._source or self._editor.isReadOnly():
                self.card.offer_without("replace", text, _CHANGED)
                return
            _put(place, text)
        else:
            self._insert_below(place, text)
        self._editor.setTextCursor(place)
        self._editor.ensureCursorVisible()
        self._close()

    def _insert_below(self, place: QTextCursor, text: str) -> None:
        end = place.selectionEnd() if place.hasSelection() else self._editor.document().characterCount() - 1
        place.setPosition(end)
        place.movePosition(QTextCursor.MoveOperation.EndOfBlock)
        place.setKeepPositionOnInsert(False)
        _put(place, "\n\n" + text.strip("\n"))


def _put(cursor: QTextCursor, text: str) -> None:
    """Put a text in the place of what is selected, in one step that can be undone; the caret is behind it."""
    cursor.setKeepPositionOnInsert(False)
    cursor.beginEditBlock()
    cursor.insertText(text)
    cursor.endEditBlock()


def _selected(cursor: QTextCursor) -> str:
    """What is selected, letter by letter."""
    start, end = cursor.selectionStart(), cursor.selectionEnd()
    raw = cursor.document().toRawText().encode("utf-16-le", "surrogatepass")
    return raw[2 * start : 2 * end].decode("utf-16-le", "surrogatepass").replace("\u2029", "\n")
