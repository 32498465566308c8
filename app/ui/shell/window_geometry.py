"""The window's position and size as numbers, so that the next one opens in the same place."""

from PySide6.QtCore import QRect
from PySide6.QtWidgets import QWidget

from app.ui.widgets.screen_fit import fitted, screens


def geometry_of(window: QWidget) -> tuple[int, ...]:
    """Left, top, width and height in pixels when not maximized, then 1 if it is maximized, else 0."""
    is_maximized = window.isMaximized()
    frame = window.normalGeometry() if is_maximized else QRect(window.pos(), window.size())
    return frame.x(), frame.y(), frame.width(), frame.height(), int(is_maximized)


def restore_geometry(window: QWidget, geometry: tuple[int, ...]) -> None:
    """Move a window to a saved geometry, if it still fits there: the screen may be gone, or be smaller now."""
    if len(geometry) != 5:
        return
    frame = QRect(*geometry[:4])
    if fitted(frame, screens()) != frame:
        return
    window.move(frame.topLeft())
    window.resize(frame.size())
    if geometry[4]:
        window.showMaximized()
