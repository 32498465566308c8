"""The notices of what went wrong, or of what was done and can be undone."""

from collections.abc import Callable

from PySide6.QtCore import QSize, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QVBoxLayout, QWidget

from app.ui.runtime.unexpected_errors import error_sentences
from app.ui.style.theme import Theme
from app.ui.widgets.basics import button, restyle
from app.ui.widgets.rich_text import RichText, Run

_NOTE_LASTS = 12_000  # milliseconds
_NARROW = 420  # design pixels


class NoticeText(RichText):
    """A message in a page, without a frame; as with a bar, the window keeps room for all of it while it is shown."""


class NoticeBar(QWidget):
    """One message with at most one action; hidden, margins included, while there is none."""

    def __init__(
        self, theme: Theme, parent: QWidget, left: int = 0, top: int = 0, right: int = 0, bottom: int = 0
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName("Notice")
        around = QVBoxLayout(self)
        around.setContentsMargins(theme.px(left), theme.px(top), theme.px(right), theme.px(bottom))
        self._frame = QFrame(self)
        self._frame.setProperty("part", "notice")
        self._frame.setAccessibleName("Notice")
        around.addWidget(self._frame)
        row = self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self._frame)
        row.setContentsMargins(theme.px(14), theme.px(9), theme.px(8), theme.px(9))
        row.setSpacing(theme.px(8))
        words = QVBoxLayout()
        words.setSpacing(0)
        self._words = RichText(theme, self._frame, size=13, line=19)
        words.addWidget(self._words)
        row.addLayout(words, 1)
        self._does: Callable[[], object] | None = None
        self._action = button("", self._frame, "plain", self._act, "Do it")
        self._close = button("Close", self._frame, "link", self.hide, "Close this notice")
        self._buttons = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._buttons.setSpacing(theme.px(8))
        self._buttons.addWidget(self._action)
        self._buttons.addWidget(self._close)
        self._buttons.addStretch(1)
        row.addLayout(self._buttons)
        self._narrow = theme.px(_NARROW)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.hide)
        self.hide()

    @property
    def text(self) -> str:
        """The message shown, or "" while it is hidden."""
        return "" if self.isHidden() else self._words.plain_text()

    def show_error(self, error: BaseException, action: str = "", does: Callable[[], object] | None = None) -> None:
        """Show an error in two sentences."""
        self.show_failure(*error_sentences(error), action, does)

    def show_failure(self, title: str, advice: str, action: str = "", does: Callable[[], object] | None = None) -> None:
        """Show what went wrong in words of its own."""
        self._show("error", title, advice, action, does)

    def show_note(
        self, title: str, advice: str = "", action: str = "", does: Callable[[], object] | None = None
    ) -> None:
        """Show that something went well; the message disappears by itself."""
        self._show("note", title, advice, action, does)
        self._timer.start(_NOTE_LASTS)

    def show_until_closed(
        self, title: str, advice: str, action: str = "", does: Callable[[], object] | None = None
    ) -> None:
        """Show a message that stays until it is closed."""
        self._show("note", title, advice, action, does)

    def _show(self, tone: str, title: str, advice: str, action: str, does: Callable[[], object] | None) -> None:
        self._timer.stop()
        self._frame.setProperty("tone", tone)
        restyle(self._frame)
        self._words.set_pieces([Run(title, 600), *([" " + advice] if advice else [])])
        self.setAccessibleName(f"{title} {advice}")
        self._does = does
        self._action.setText(action)
        self._action.setAccessibleName(action or "Do it")
        self._action.setVisible(bool(action))
        self.show()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt: in a narrow bar the buttons stand under the words."""
        super().resizeEvent(event)
        ways = QBoxLayout.Direction
        self._row.setDirection(ways.TopToBottom if self.width() < self._narrow else ways.LeftToRight)

    def minimumSizeHint(self) -> QSize:
        """Qt: a message is never cut off in its height."""
        return QSize(1, max(super().minimumSizeHint().height(), self.heightForWidth(self.width())))

    def _act(self) -> None:
        self.hide()
        if self._does is not None:
            self._does()
