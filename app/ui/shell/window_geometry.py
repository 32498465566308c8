"""Where the window was, as numbers, so that a fresh one appears in its place."""

from PySide6.QtCore import QRect
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

_SEEN = 80  # pixels of a window that must lie on a screen, or it could not be found again


def place_of(window: QWidget) -> tuple[int, ...]:
    """Left, top, width and height where it is not maximized, and 1 if it is."""
    is_maximized = window.isMaximized()
    frame = window.normalGeometry() if is_maximized else QRect(window.pos(), window.size())
    return frame.x(), frame.y(), frame.width(), frame.height(), int(is_maximized)


def put_back(window: QWidget, place: tuple[int, ...]) -> None:
    """Put a window where one was, unless no screen is there any more."""
    if len(place) != 5:
        return
    frame = QRect(*place[:4])
    for screen in QGuiApplication.screens():
        seen = frame.intersected(screen.availableGeometry())
        if seen.width() >= _SEEN and seen.height() >= _SEEN:
            window.move(frame.topLeft())
            window.resize(frame.size())
            if place[4]:
                window.showMaximized()
            return
