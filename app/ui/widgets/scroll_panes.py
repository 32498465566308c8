"""Panes that scroll what has no room: down in a page, both ways in a window smaller than its pages can be."""

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from app.ui.widgets.notice_bar import NoticeBar, NoticeText


class WindowPane(QScrollArea):
    """Holds all of a window; it scrolls only where the window is smaller than `least`."""

    def __init__(self, parent: QWidget, content: QWidget, least: QSize) -> None:
        super().__init__(parent)
        self._least, self._content = least, content
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName("Tacit")
        self.viewport().setAccessibleName("Tacit")
        self.horizontalScrollBar().setAccessibleName("Scroll: Tacit")
        self.verticalScrollBar().setAccessibleName("Scroll: Tacit")
        self.setWidget(content)
        content.installEventFilter(self)

    def sizeHint(self) -> QSize:
        """Qt: a window's size does not follow from its contents."""
        return self._least

    def minimumSizeHint(self) -> QSize:
        """Qt: it can be as small as the screen asks."""
        return QSize(1, 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt: the content fills the window."""
        super().resizeEvent(event)
        self._fill()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Qt: a notice came or went."""
        if watched is self._content and event.type() == QEvent.Type.LayoutRequest:
            self._fill()
        return False

    def _fill(self) -> None:
        """Fill the window, or more than it where it is small; notices need room beside the pages."""
        notices = [*self._content.findChildren(NoticeBar), *self._content.findChildren(NoticeText)]
        heights = [max(0, notice.heightForWidth(notice.width())) for notice in notices if notice.isVisible()]
        least = self._least + QSize(0, sum(heights) + max(heights, default=0))
        self._content.resize(self.viewport().size().expandedTo(least))


class ScrollPane(QScrollArea):
    """Scrolls one widget vertically; it is never wider than the pane, and wraps or elides what has no room."""

    def __init__(self, parent: QWidget, content: QWidget, name: str) -> None:
        super().__init__(parent)
        self._content = content
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)  # Tab goes from control to control; each is scrolled to
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidget(content)
        self.setAccessibleName(name)
        self.viewport().setAccessibleName(name)
        self.verticalScrollBar().setAccessibleName(f"Scroll: {name}")
        self.viewport().setAutoFillBackground(False)
        content.setAutoFillBackground(False)
        content.setAccessibleName(content.accessibleName() or name)

    def scroll_to(self, value: int) -> None:
        """Scroll to a place in pixels, once the content that was just shown has its height."""
        QTimer.singleShot(0, self, lambda: self.verticalScrollBar().setValue(value))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt: scroll vertically; the other arrow keys are left to commands."""
        if event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            event.ignore()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt: keep the content as wide as the pane, since nothing scrolls across."""
        self._content.setMaximumWidth(self.viewport().width())
        super().resizeEvent(event)
