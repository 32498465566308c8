"""The window: it frames the pages, and knows which of them is shown."""

import signal
import sys
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtGui import QCloseEvent, QIcon
from PySide6.QtWidgets import QApplication, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from app.core.model import NEEDED_KINDS
from app.services.offering import title_of
from app.ui.bridge import Bridge
from app.ui.collector import Collector
from app.ui.entering import Entering
from app.ui.faults import catch_unexpected, quiet_qt
from app.ui.notice import NoticeBar
from app.ui.theme import Choice, Theme, load_fonts

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from app.services.session import Session
    from app.services.tacit import Tacit
    from app.ui.desk import Desk
    from app.ui.gate_pages import CreatePage, UnlockPage

_SIZE = (1320, 860)
_UNTIL_SHOWN = 400  # milliseconds after which the lock screen takes keys, and loading disturbs nobody


class MainWindow(QMainWindow):
    """Shows the page that fits: make a vault, unlock it, or work with it."""

    def __init__(self, tacit: "Tacit", theme: Theme) -> None:
        super().__init__()
        self.setWindowTitle("Tacit")
        self.setAccessibleName("Tacit")
        self._tacit, self.theme = tacit, theme
        self.session: Session | None = None
        self.desk: Desk | None = None
        self._is_closing = False
        self.bridge = Bridge(self)
        self.bridge.failed.connect(self.show_error)
        frame = QWidget(self)
        frame.setAccessibleName("Tacit")
        column = QVBoxLayout(frame)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.notice = NoticeBar(theme, frame)
        self.stack = QStackedWidget(frame)
        self.stack.setAccessibleName("Page")
        column.addWidget(self.notice)
        column.addWidget(self.stack, 1)
        self.setCentralWidget(frame)
        self.resize(*_SIZE)
        self.setMinimumSize(560, 480)
        self.entering = Entering(tacit, theme, self.bridge, self.stack)
        self.entering.opened.connect(self._take)
        self.entering.entered.connect(self.enter)
        self.entering.begin()
        QTimer.singleShot(_UNTIL_SHOWN, self, lambda: self.bridge.apart(self._tacit.prepare, lambda _: None))

    @property
    def unlock_page(self) -> "UnlockPage | None":
        """The lock screen, while it is there."""
        return self.entering.unlock_page

    @property
    def create_page(self) -> "CreatePage | None":
        """The page that makes a vault, while it is there."""
        return self.entering.create_page

    def _take(self, session: "Session") -> None:
        """The vault is open: whatever is shown, closing the window closes it."""
        if self.session is None and self._is_closing:  # closed while the key was being made
            self.session = session
            self._close_session()
        self.session = session

    def enter(self, session: "Session") -> None:
        """Work with an open vault from now on."""
        self._take(session)
        if self._is_closing:
            return
        from app.ui.desk import Desk

        self.bridge.attach(session)
        self.desk = Desk(self.theme, self._tacit, session, self.bridge, self)
        self.stack.addWidget(self.desk)
        self.stack.setCurrentWidget(self.desk)
        self.desk.theme_chosen.connect(self.choose_theme)
        self.desk.models_changed.connect(self._read_models)
        self.entering.end()
        self.desk.begin()
        if self.entering.reminder is not None:
            self.desk.notice.keep(*self.entering.reminder, "Settings", self.desk.show_settings)
        if self.entering.first_work is not None:
            self.entering.first_work(self.desk)
        self._read_models()
        if self._tacit.settings.problem is not None:
            self.desk.notice.fail(self._tacit.settings.problem)

    def _read_models(self) -> None:
        models = self._tacit.models

        def look() -> tuple[list[str], bool]:
            found = [model for kind in NEEDED_KINDS if (model := models.in_use(kind)) is not None]
            return [title_of(model) for model in reversed(found)], any(model.is_demo for model in found)

        def show(result: tuple[list[str], bool]) -> None:
            if self.desk is not None:
                self.desk.side_bar.show_models(*result)

        self.bridge.apart(look, show)

    def choose_theme(self, choice: Choice) -> None:
        """Put a theme in force and keep the choice."""
        self.theme.choose(choice)
        self.bridge.apart(lambda: self._tacit.settings.change(theme=choice), lambda _: None)

    def show_error(self, error: BaseException) -> None:
        """Tell an error that no page has claimed."""
        self.notice.fail(error)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Qt: hide at once; the vault is closed behind the curtain."""
        event.ignore()
        if self._is_closing:
            return
        self._is_closing = True
        self.hide()
        if self.session is not None:
            self._close_session()
        elif not self._is_busy():
            self._quit()

    def _is_busy(self) -> bool:
        if self.entering.is_busy:
            QTimer.singleShot(8_000, self, self._quit)  # the key comes within a second or two; `enter` closes then
            return True
        return False

    def _close_session(self) -> None:
        session = self.session
        if session is not None:
            self.bridge.apart(session.close, lambda _: self._quit(), lambda _: self._quit())

    def _quit(self) -> None:
        self.bridge.detach()
        QApplication.exit(0)


def open_window(tacit: "Tacit", scale: float | None = None) -> MainWindow:
    """The window on a product, in the theme that was chosen; there must be a QApplication."""
    theme = Theme(QApplication.instance(), scale)
    theme.choose(tacit.settings.current.theme)
    window = MainWindow(tacit, theme)
    theme.setParent(window)
    return window


def run(tacit: "Tacit", session: "Session | None" = None, files: "Sequence[Path]" = ()) -> int:
    """Open the window, run it until it is closed, and return the exit status.

    With a `session` it opens on that vault, which is unlocked already, and imports `files`.
    """
    quiet_qt()
    QApplication.setApplicationName("Tacit")
    QApplication.setDesktopFileName("tacit")
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    app.setQuitOnLastWindowClosed(False)
    app.setWindowIcon(QIcon())
    load_fonts()
    collector = Collector(app)
    collector.start()
    window = open_window(tacit)
    catch_unexpected(window.show_error)
    for name in ("SIGTERM", "SIGHUP", "SIGINT"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda *_: window.close())
    window.show()
    if session is not None:
        window.enter(session)
        if window.desk is not None and files:
            window.desk.calls.take_in(files)
    status = app.exec()
    collector.stop()
    return status
