"""Finding words in the open call: a bar above its lines, and the places that it found."""

from collections import defaultdict
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from app.core.found import places_of
from app.ui.calls.commands import FIND_BEFORE, FIND_NEXT
from app.ui.style.theme import Theme
from app.ui.widgets.basics import button, label, set_label_text

if TYPE_CHECKING:
    from app.core.found import Spans
    from app.core.ids import UtteranceId
    from app.ui.calls.transcript_view import TranscriptView
    from app.ui.runtime.bridge import Bridge

_PAUSE = 120  # milliseconds without typing or a change before it looks


class FindBar(QWidget):
    """Hidden until it is opened. Places found are marked in the lines; one at a time is gone to."""

    def __init__(self, theme: Theme, view: "TranscriptView", bridge: "Bridge", parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName("Find in the call")
        self._view, self._bridge = view, bridge
        self._places: list[tuple[int, int, int]] = []  # a row, and where the words begin and end in its text
        self._looked_for: str | None = None
        self._is_typed = False  # what is looked for, so that the nearest place is gone to
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(22), theme.px(8), theme.px(14), theme.px(6))
        row.setSpacing(theme.px(4))
        self.field = QLineEdit(self)
        self.field.setPlaceholderText("Find in the call")
        self.field.setAccessibleName("Find in the call")
        self.field.setAcceptDrops(False)  # a file dropped here is imported, not pasted as text
        self.field.setMinimumWidth(theme.px(60))
        self.count = label("", "second", self)
        self.before_button = button("‹", self, "inline", lambda: self.go(-1), FIND_BEFORE.title)
        self.next_button = button("›", self, "inline", lambda: self.go(1), FIND_NEXT.title)
        self.close_button = button("Close", self, "link", self.close_bar, "Close the find bar")
        self.before_button.setToolTip(FIND_BEFORE.with_hint(FIND_BEFORE.title))
        self.next_button.setToolTip(FIND_NEXT.with_hint(FIND_NEXT.title))
        row.addWidget(self.field, 1)
        for part in (self.count, self.before_button, self.next_button, self.close_button):
            row.addWidget(part)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_PAUSE)
        self._timer.timeout.connect(self._look)
        self.field.textChanged.connect(self._look_soon)
        self.field.installEventFilter(self)
        for changed in (view.lines.modelReset, view.lines.dataChanged, view.lines.rowsInserted):
            changed.connect(self._look_again)
        self.hide()

    @property
    def is_open(self) -> bool:
        """Whether it is there."""
        return not self.isHidden()

    def open_bar(self) -> None:
        """Open it with the words that are selected in a line, if there are some, and let a person type."""
        words = self._view.words
        chosen = words.textCursor().selectedText() if words is not None else ""
        self._view.finish_words()
        if chosen:
            self.field.setText(chosen)
        self.show()
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()
        self._look_soon()

    def close_bar(self) -> None:
        """Close it, and give the keys to the lines."""
        if self.is_open:
            self._timer.stop()
            self.hide()
            self._show([], "")
            self._view.marks.chosen = None
            self._view.setFocus(Qt.FocusReason.OtherFocusReason)

    def go(self, step: int) -> None:
        """Go to the next place, or with -1 to the one before; from the last to the first, and the other way round."""
        if self._looked_for != self.field.text():
            self._timer.stop()
            self._is_typed = True
            self._look()  # which goes to the nearest
        elif self._places:
            here = self._view.chosen_place
            found = [place[:2] for place in self._places]
            beyond = [n for n, place in enumerate(found) if (place > here if step > 0 else place < here)]
            self._go_to(beyond[0 if step > 0 else -1] if beyond else (0 if step > 0 else len(found) - 1))

    def _go_to(self, number: int) -> None:
        self._view.choose_words(*self._places[number])
        set_label_text(self.count, f"{number + 1} of {len(self._places)}")

    def _look_soon(self) -> None:
        self._is_typed, self._looked_for = True, None
        self._timer.start()

    def _look_again(self) -> None:
        """Look for the same in the lines as they are now, and stay where the person is."""
        if self.is_open:
            self._looked_for = None
            self._timer.start()

    def _look(self) -> None:
        """Look for what is typed, beside the window: ten thousand lines take a while."""
        lines, text = self._view.lines.all, self.field.text()

        def show(found: "list[Spans]") -> None:
            if self.is_open and text == self.field.text() and lines is self._view.lines.all:
                self._show([(row, *span) for row, spans in enumerate(found) for span in spans], text)

        self._bridge.run_in_thread(lambda: [places_of(said.text, text) for said in lines], show)

    def _show(self, places: list[tuple[int, int, int]], text: str) -> None:
        self._places, self._looked_for = places, text
        marked: defaultdict[UtteranceId, list[tuple[int, int]]] = defaultdict(list)
        for row, first, last in places:
            marked[self._view.lines.utterance(row).id].append((first, last))
        self._view.marks.found = {key: tuple(spans) for key, spans in marked.items()}
        self._view.viewport().update()
        here = self._view.chosen_place
        if self._is_typed and places:
            self._go_to(next((n for n, place in enumerate(places) if place[:2] >= here), 0))
        else:
            number = next((n for n, place in enumerate(places, 1) if place[:2] == here), 0)
            set_label_text(self.count, f"{number} of {len(places)}" if text.strip() else "")
        self._is_typed = False

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Qt: in the field Enter goes on, and with Shift back."""
        is_press = isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress
        if is_press and isinstance(event, QKeyEvent) and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.go(-1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
            return True
        return super().eventFilter(watched, event)
