"""The ring around the control that has the focus: drawn while the keyboard is used, never after a click."""

import shiboken6
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QWindow
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QApplication,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QScrollArea,
    QTextEdit,
    QWidget,
)

_RING = "ring"
_MODIFIERS = (Qt.Key.Key_Shift, Qt.Key.Key_Control, Qt.Key.Key_Alt, Qt.Key.Key_Meta, Qt.Key.Key_AltGr)
_STYLED = (QAbstractButton, QAbstractSlider, QComboBox)  # whose ring is drawn by the style sheet
_WITHOUT = (
    QLineEdit,
    QPlainTextEdit,
    QTextEdit,
    QScrollArea,
)  # a field shows its caret and frame, whichever way it was reached


def has_ring(widget: QWidget) -> bool:
    """Whether a widget that paints its own ring is to paint it."""
    return bool(widget.property(_RING))


class FocusRing(QObject):
    """Sets the property `ring` on the one control that has the focus while keys are used."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._is_by_keys = False
        self._ringed: QWidget | None = None
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusWindowChanged.connect(self._watch)
        app.focusChanged.connect(self._follow)
        self._watch(app.focusWindow())

    def _watch(self, window: QWindow | None) -> None:
        if window is not None:
            window.installEventFilter(self)  # installing it twice has no further effect

    def _follow(self, before: QWidget | None, focused: QWidget | None) -> None:
        self._take_ring()
        if before is not None and shiboken6.isValid(before):
            before.removeEventFilter(self)
        if focused is not None:
            focused.installEventFilter(self)  # also for keys that did not come by a window
            if self._is_by_keys:
                self._give_ring(focused)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Qt: note whether a key or the mouse was used last."""
        kind = event.type()
        if kind == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and event.key() not in _MODIFIERS:
            if not self._is_by_keys:
                self._is_by_keys = True
                if (focused := QApplication.focusWidget()) is not None:
                    self._give_ring(focused)
        elif kind == QEvent.Type.MouseButtonPress:
            self._is_by_keys = False
            self._take_ring()
        return False

    def _give_ring(self, widget: QWidget) -> None:
        if not isinstance(widget, _WITHOUT):
            self._ringed = widget
            _show_ring(widget, is_shown=True)

    def _take_ring(self) -> None:
        ringed, self._ringed = self._ringed, None
        if ringed is not None and shiboken6.isValid(ringed):
            _show_ring(ringed, is_shown=False)


def _show_ring(widget: QWidget, *, is_shown: bool) -> None:
    widget.setProperty(_RING, is_shown)
    if isinstance(widget, _STYLED):
        widget.style().unpolish(widget)
        widget.style().polish(widget)
    drawn_on = widget.viewport() if isinstance(widget, QAbstractItemView) else widget
    drawn_on.update()
