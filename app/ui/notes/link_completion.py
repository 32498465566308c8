"""What is offered while a link is typed: notes and calls, in a list below the caret."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListWidget, QListWidgetItem

from app.ui.style.theme import Theme
from app.ui.widgets.long_text import one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.core.ids import NoteId
    from app.services.notes.linking import Completion
    from app.ui.notes.note_editor import NoteEditor
    from app.ui.notes.note_services import FollowsLinks
    from app.ui.runtime.bridge import Bridge

_WIDTH, _ROW, _PAUSE = 320, 32, 80  # design pixels, and milliseconds without typing before it is looked for
_STEPS = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}
_TAKES = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab)


class LinkCompletion(QListWidget):
    """Shows what `[[` can lead to; the arrow keys choose, Enter takes, Escape closes. `note` is the one written in."""

    def __init__(self, theme: Theme, editor: "NoteEditor", links: "FollowsLinks", bridge: "Bridge") -> None:
        super().__init__(editor)
        self._theme, self._editor, self._links, self._bridge = theme, editor, links, bridge
        self.note: NoteId | None = None
        self._typed, self._found = "", list[str]()
        self.setProperty("part", "completion")
        self.setAccessibleName("Notes and calls to link to")
        self.viewport().setAccessibleName("Notes and calls to link to")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the caret stays in the text
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setUniformItemSizes(True)
        self.itemClicked.connect(lambda _: self.take())
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_PAUSE)
        self._timer.timeout.connect(self._look)
        editor.link_begun.connect(self._follow)
        editor.link_left.connect(self._close)
        editor.installEventFilter(self)
        self.hide()

    def take(self) -> None:
        """Put the chosen link into the text."""
        row = self.currentRow()
        if 0 <= row < len(self._found):
            link = self._found[row]
            self._close()
            self._editor.complete_link(link)

    def _follow(self, typed: str) -> None:
        if typed != self._typed or self.isHidden():
            self._typed = typed
            self._timer.start()

    def _look(self) -> None:
        typed, note, links = self._typed, self.note, self._links

        def show(found: "Sequence[Completion]") -> None:
            if typed == self._typed and not self._timer.isActive():
                self._show(found)

        self._bridge.run_job(lambda _: links.completions(typed, note), show, lambda _: None)

    def _show(self, found: "Sequence[Completion]") -> None:
        self.clear()
        self._found = [one.link for one in found]
        px = self._theme.px
        for one in found:
            item = QListWidgetItem(f"{one.kind}   {one_line(one.title)}")
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{one.title}, {one.kind}")
            item.setSizeHint(QSize(px(100), px(_ROW)))
            self.addItem(item)
        self.setCurrentRow(0)
        if not found or not self._editor.hasFocus():
            self.hide()
            return
        self._place(len(found))
        self.show()
        self.raise_()

    def _place(self, count: int) -> None:
        px, around = self._theme.px, self._editor.rect()
        caret = self._editor.cursorRect().translated(self._editor.viewport().pos())
        width, height = min(px(_WIDTH), around.width()), min(count * px(_ROW) + px(10), around.height())
        left = max(0, min(caret.left(), around.width() - width))
        below = caret.bottom() + px(4)
        top = below if below + height <= around.height() else max(0, caret.top() - px(4) - height)
        self.setGeometry(left, top, width, height)

    def _close(self) -> None:
        self._typed = ""
        self._timer.stop()
        self.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Qt: while it is shown, some of the editor's keys are its own."""
        if watched is not self._editor or self.isHidden() or not isinstance(event, QKeyEvent):
            if watched is self._editor and event.type() == QEvent.Type.FocusOut:
                self._close()
            return False
        key = Qt.Key(event.key())
        is_ours = not event.modifiers() and (key in _STEPS or key in _TAKES or key == Qt.Key.Key_Escape)
        if is_ours and event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        if not is_ours or event.type() != QEvent.Type.KeyPress:
            return False
        if key in _STEPS:
            self.setCurrentRow(max(0, min(self.count() - 1, self.currentRow() + _STEPS[key])))
        elif key in _TAKES:
            self.take()
        else:
            self._editor.end_link()
        return True
