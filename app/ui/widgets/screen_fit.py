"""Keeping a window or dialog wholly on one screen, at any scale and after a screen has gone."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize, QTimer
from PySide6.QtGui import QGuiApplication, QScreen
from PySide6.QtWidgets import QMenu, QStyle, QWidget


def fitted(frame: QRect, screens: Sequence[QRect]) -> QRect:
    """The frame, made smaller and moved as far as it must be to lie on one screen.

    That is the screen it lies on most; one that lies on none is put in the middle of the first.
    """
    screen = max(screens, key=lambda known: _area(known.intersected(frame)))
    size = frame.size().boundedTo(screen.size())
    if not screen.intersects(frame):
        spare = screen.size() - size
        return QRect(screen.topLeft() + QPoint(spare.width() // 2, spare.height() // 2), size)
    left = min(max(frame.left(), screen.left()), screen.left() + screen.width() - size.width())
    top = min(max(frame.top(), screen.top()), screen.top() + screen.height() - size.height())
    return QRect(QPoint(left, top), size)


def _area(rect: QRect) -> int:
    return rect.width() * rect.height()


def keep_on_screen(menu: QMenu) -> None:
    """Let a menu be no wider than its screen, with the pixel beside it that Qt leaves on each side."""
    menu.aboutToShow.connect(lambda: menu.setMaximumWidth(menu.screen().availableGeometry().width() - 2))


def screens() -> list[QRect]:
    """The room on each screen, the primary one first, without panels."""
    primary = QGuiApplication.primaryScreen()
    others = [screen for screen in QGuiApplication.screens() if screen is not primary]
    return [screen.availableGeometry() for screen in (primary, *others)]


def room_for(window: QWidget) -> QSize:
    """The largest size of a window's contents that its screen has room for, its title bar left out."""
    own: QWidget = window.parentWidget() or window
    room = own.screen().availableGeometry().size()
    frame = window.frameGeometry().size() - window.size()
    title = window.style().pixelMetric(QStyle.PixelMetric.PM_TitleBarHeight) if frame.isEmpty() else 0
    return room - QSize(max(0, frame.width()), max(title, frame.height()))


class ScreenFit(QObject):
    """Makes a window smaller, and moves it, whenever its screen has no room for it as it is.

    Made before the window is shown. What its layouts would not shrink to must scroll.
    """

    def __init__(self, window: QWidget, smallest: QSize) -> None:
        super().__init__(window)
        self._window, self._smallest = window, smallest
        self._has_screen = False
        window.setMinimumSize(smallest.boundedTo(room_for(window)))
        window.resize(window.size().boundedTo(room_for(window)))
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Qt: look again once the window has its frame and its native window."""
        if watched is self._window and event.type() == QEvent.Type.Show:
            if not self._has_screen and (native := self._window.windowHandle()) is not None:
                self._has_screen = True
                native.screenChanged.connect(self._follow)
                self._follow(native.screen())
            QTimer.singleShot(0, self, self.fit)
        return False

    def _follow(self, screen: QScreen | None) -> None:
        if screen is not None:
            screen.availableGeometryChanged.connect(self._fit_soon)
        self._fit_soon()

    def _fit_soon(self, _: QRect | None = None) -> None:
        QTimer.singleShot(0, self, self.fit)

    def fit(self) -> None:
        """Make the window fit now; one that fills its screen is left to the system."""
        window = self._window
        if not window.isVisible() or window.isMaximized() or window.isFullScreen():
            return
        window.setMinimumSize(self._smallest.boundedTo(room_for(window)))
        frame = window.frameGeometry()
        found = fitted(frame, screens())
        if found.size() != frame.size():
            window.resize(window.size() - (frame.size() - found.size()))
        if found.topLeft() != frame.topLeft():
            window.move(found.topLeft())
