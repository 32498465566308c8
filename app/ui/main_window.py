"""The window: it frames the pages, and knows which of them is shown."""

import signal
import sys
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtGui import QCloseEvent, QIcon
from PySide6.QtWidgets import QApplication, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from app.core import resources
from app.core.model import NEEDED_KINDS
from app.services.models.listing import title_of
from app.ui.runtime.bridge import Bridge
from app.ui.runtime.clipboard import ClipboardKeeper
from app.ui.runtime.gc_timer import Collector
from app.ui.runtime.unexpected_errors import catch_unexpected, quiet_qt
from app.ui.shell.auto_lock import Locking
from app.ui.shell.window_geometry import place_of, put_back
from app.ui.style.theme import Choice, Theme, load_fonts
from app.ui.unlock.flow import Entering
from app.ui.widgets.notice_bar import NoticeBar

if TYPE_CHECKING:
    from app.services.application import Tacit
    from app.services.session import Session
    from app.ui.shell.workspace import Desk
    from app.ui.unlock.pages import CreatePage, UnlockPage

_SIZE = (1320, 860)
LOCKED = 75  # the exit status by which the launcher knows that a fresh window is wanted (app/launcher.py)
_LOCKED_BY = 1.5  # seconds until a lock that hangs ends the process all the same; what was saved survives that
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
        self._is_closing = self._is_locking = False
        self.clipboard = ClipboardKeeper(tacit.settings, self)
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
        elif self.session is None:
            self._watch_over()
        self.session = session

    def _watch_over(self) -> None:
        def is_held() -> bool:
            return self.desk is not None and self.desk.is_held

        self.locking = Locking(self._tacit.settings, self.bridge, is_held, self)
        self.locking.wanted.connect(self.lock)

    def enter(self, session: "Session") -> None:
        """Work with an open vault from now on."""
        self._take(session)
        if self._is_closing:
            return
        from app.ui.shell.workspace import Desk

        self.bridge.attach(session)
        self.desk = Desk(self.theme, self._tacit, session, self.bridge, self)
        self.stack.addWidget(self.desk)
        self.stack.setCurrentWidget(self.desk)
        self.desk.theme_chosen.connect(self.choose_theme)
        self.desk.models_changed.connect(self._read_models)
        self.desk.lock_wanted.connect(self.lock)
        self.entering.end()
        self.desk.begin()
        if self.entering.reminder is not None:
            title, advice, action, does = self.entering.reminder
            self.desk.notice.keep(title, advice, action, partial(does, self.desk))
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

    def begin_demo(self, passphrase: str) -> None:
        """Make a vault for the demo, and import its call."""

        def begin(session: "Session") -> None:
            self.enter(session)
            if self.desk is not None:
                self.desk.calls.take_in([resources.demo_call()])

        self.entering.create(passphrase, begin)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Qt: hide at once; the vault is closed behind the curtain."""
        event.ignore()
        if self._is_closing:
            return
        self._is_closing = True
        self._vanish()
        self.clipboard.leave()
        if self.session is not None:
            self._close_session()
        elif not self._is_busy():
            self._quit()

    def _is_busy(self) -> bool:
        if self.entering.is_busy:
            QTimer.singleShot(8_000, self, self._quit)  # the key comes within a second or two; `enter` closes then
            return True
        return False

    def lock(self) -> None:
        """Put everything away and end the process, for only that clears its memory; a fresh one follows."""
        if self.session is None or self._is_closing:
            return
        self._is_closing = self._is_locking = True
        self._vanish()
        self.clipboard.clear()
        self.bridge.end_by(_LOCKED_BY, LOCKED)
        self._close_session()

    def _vanish(self) -> None:
        for shown in QApplication.topLevelWidgets():
            shown.hide()

    def _close_session(self) -> None:
        from app.services.chats.drafts import UnderWay

        session, desk, settings = self.session, self.desk, self._tacit.settings
        if session is None:
            return
        drafts = desk.drafts.unsaved() if desk is not None else {}
        under_way = desk.under_way() if desk is not None and self._is_locking else UnderWay()
        place = place_of(self)

        def put_away() -> None:
            try:
                session.drafting.leave(drafts, under_way)
                if place != settings.current.window:
                    settings.change(window=place)
            finally:
                session.close()

        self.bridge.apart(put_away, lambda _: self._quit(), lambda _: self._quit())

    def _quit(self) -> None:
        self.bridge.detach()
        QApplication.exit(LOCKED if self._is_locking else 0)


def open_window(tacit: "Tacit", scale: float | None = None) -> MainWindow:
    """The window on a product, in the theme that was chosen; there must be a QApplication."""
    theme = Theme(QApplication.instance(), scale)
    theme.choose(tacit.settings.current.theme)
    window = MainWindow(tacit, theme)
    theme.setParent(window)
    return window


def run(tacit: "Tacit", demo_passphrase: str = "") -> int:
    """Open the window, run it until it is closed or locked, and return the exit status.

    With a `demo_passphrase` it makes a vault with that, and imports the demo call.
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
    put_back(window, tacit.settings.current.window)
    window.show()
    if demo_passphrase:
        window.begin_demo(demo_passphrase)
    status = app.exec()
    collector.stop()
    return status
