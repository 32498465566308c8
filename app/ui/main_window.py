"""The main window: it holds the pages and knows which one is shown."""

import signal
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, QTimer
from PySide6.QtGui import QCloseEvent, QIcon
from PySide6.QtWidgets import QApplication, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from app.core import exit_status, resources
from app.core.errors import AssistantError
from app.core.job import Lane
from app.core.model import NEEDED_KINDS
from app.services.models.listing import title_of
from app.ui.runtime.bridge import Bridge, catch_unexpected_in_threads
from app.ui.runtime.clipboard import ClipboardKeeper
from app.ui.runtime.gc_timer import GcTimer
from app.ui.runtime.unexpected_errors import catch_unexpected, silence_qt_messages
from app.ui.shell.auto_lock import AutoLock
from app.ui.shell.window_geometry import geometry_of, restore_geometry
from app.ui.style.focus_ring import FocusRing
from app.ui.style.theme import Choice, Theme, load_fonts
from app.ui.unlock.flow import UnlockFlow
from app.ui.widgets.notice_bar import NoticeBar
from app.ui.widgets.screen_fit import ScreenFit
from app.ui.widgets.scroll_panes import WindowPane

if TYPE_CHECKING:
    from app.services.application import Application
    from app.services.session import Session
    from app.ui.shell.workspace import Workspace
    from app.ui.unlock.pages import CreatePage, UnlockPage

_SIZE = (1320, 860)
_SMALLEST = (560, 480)  # pixels; less only where the screen is smaller
_LEAST = (460, 290)  # design pixels that the pages adapt down to; in a smaller window they are scrolled
_LOCK_DEADLINE = 1.5  # seconds after which a hanging lock ends the process anyway; saved work is safe
_SAVE_DEADLINE = 0.5  # seconds that what is being saved may take before the vault is closed
_PREPARE_DELAY = 400  # milliseconds; by then the lock screen takes keys, and loading delays nothing


class MainWindow(QMainWindow):
    """Shows the page for the vault's state: create it, unlock it, or work in it."""

    def __init__(self, tacit: "Application", theme: Theme) -> None:
        super().__init__()
        self.setWindowTitle("Tacit")
        self.setAccessibleName("Tacit")
        self._tacit, self.theme = tacit, theme
        self.session: Session | None = None
        self.workspace: Workspace | None = None
        self._is_closing = self._is_locking = False
        self._status = 0
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
        self.setCentralWidget(WindowPane(self, frame, QSize(theme.px(_LEAST[0]), theme.px(_LEAST[1]))))
        self.resize(*_SIZE)
        self._screen_fit = ScreenFit(self, QSize(*_SMALLEST))
        self._focus_ring = FocusRing(self)
        self.unlock_flow = UnlockFlow(tacit, theme, self.bridge, self.stack)
        self.unlock_flow.opened.connect(self._set_session)
        self.unlock_flow.entered.connect(self.enter)
        self.unlock_flow.restart_wanted.connect(self._restart)
        self.unlock_flow.begin()
        QTimer.singleShot(_PREPARE_DELAY, self, lambda: self.bridge.run_in_thread(self._tacit.prepare, lambda _: None))

    @property
    def unlock_page(self) -> "UnlockPage | None":
        """The lock screen, while it is shown."""
        return self.unlock_flow.unlock_page

    @property
    def create_page(self) -> "CreatePage | None":
        """The page that creates a vault, while it is shown."""
        return self.unlock_flow.create_page

    def _set_session(self, session: "Session") -> None:
        """Note that the vault is open: from here on, closing the window closes it, whichever page is shown."""
        if self.session is None and self._is_closing:  # the window was closed while the key was being derived
            self.session = session
            self._close_session()
        elif self.session is None:
            self._start_auto_lock()
        self.session = session

    def _start_auto_lock(self) -> None:
        def is_held() -> bool:
            return self.workspace is not None and self.workspace.defers_auto_lock

        self.auto_lock = AutoLock(self._tacit.settings, self.bridge, is_held, self)
        self.auto_lock.lock_wanted.connect(self.lock)

    def enter(self, session: "Session") -> None:
        """Show the workspace of an open vault."""
        self._set_session(session)
        if self._is_closing:
            return
        from app.ui.shell.workspace import Workspace

        self.bridge.attach(session)
        self.workspace = Workspace(self.theme, self._tacit, session, self.bridge, self)
        self.stack.addWidget(self.workspace)
        self.stack.setCurrentWidget(self.workspace)
        self.workspace.theme_chosen.connect(self.choose_theme)
        self.workspace.models_changed.connect(self._read_models)
        self.workspace.lock_wanted.connect(self.lock)
        self.unlock_flow.end()
        self.workspace.begin(self.unlock_flow.reminder, self.unlock_flow.first_work)
        self._read_models()
        if self._tacit.settings.problem is not None:
            self.workspace.notice.show_error(self._tacit.settings.problem)

    def _read_models(self) -> None:
        models = self._tacit.models

        def look() -> tuple[list[str], bool]:
            found = [model for kind in NEEDED_KINDS if (model := models.in_use(kind)) is not None]
            return [title_of(model) for model in reversed(found)], any(model.is_demo for model in found)

        def show(result: tuple[list[str], bool]) -> None:
            if self.workspace is not None:
                self.workspace.side_bar.show_models(*result)

        self.bridge.run_in_thread(look, show)

    def choose_theme(self, choice: Choice) -> None:
        """Apply a theme and save the choice."""
        self.theme.choose(choice)
        self.bridge.run_in_thread(lambda: self._tacit.settings.change(theme=choice), lambda _: None)

    def show_error(self, error: BaseException) -> None:
        """Show an error that no page has handled."""
        self.notice.show_error(error)

    def begin_demo(self, passphrase: str) -> None:
        """Create a vault for the demo and import its call."""
        self.unlock_flow.create_for_demo(passphrase)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Qt: hide at once, then close the vault in the background."""
        event.ignore()
        if self._is_closing:
            return
        self._is_closing = True
        self._hide_all()
        self.clipboard.clear_at_exit()
        if self.session is not None:
            self._close_session()
        elif not self._defer_quit():
            self._quit()

    def _defer_quit(self) -> bool:
        """Wait for a key that is being derived, 8 s at most; False if there is none to wait for."""
        if self.unlock_flow.is_busy:
            QTimer.singleShot(8_000, self, self._quit)  # ready within 1-2 s; `_set_session` then closes
            return True
        return False

    def lock(self) -> None:
        """Close the vault and end the process, since only that clears its memory; the launcher starts a new one."""
        if self.session is None or self._is_closing:
            return
        self._is_closing = self._is_locking = True
        self._hide_all()
        self.clipboard.clear()
        self.bridge.exit_after(_LOCK_DEADLINE, exit_status.LOCKED)
        self._close_session()

    def _restart(self, restores: bool) -> None:
        """End the process, and have the launcher start a window that restores a backup, or one at the lock screen."""
        if not self._is_closing:
            self._status = exit_status.RESTORING if restores else exit_status.LOCKED
            self.close()

    def _hide_all(self) -> None:
        for shown in QApplication.topLevelWidgets():
            shown.hide()

    def _close_session(self) -> None:
        from app.services.chats.drafts import UnderWay

        session, desk, settings = self.session, self.workspace, self._tacit.settings
        if session is None:
            return
        drafts = desk.drafts.unsaved() if desk is not None else {}
        under_way = desk.under_way() if desk is not None and self._is_locking else UnderWay()
        geometry = geometry_of(self)
        changes = desk.calls.call.unsaved_changes() if desk is not None else []
        notes = desk.notes.unconfirmed() if desk is not None else []

        def save_and_close() -> None:
            try:
                if desk is not None:  # else an older text could land after the newest, which is written here
                    session.lanes.finish(Lane.DRAFTS, within=_SAVE_DEADLINE)
                for one in changes:
                    with suppress(AssistantError):
                        session.library.change(one, is_new=True)
                for note in notes:
                    with suppress(AssistantError):
                        if note.is_new:
                            session.notes.add(note.text, note.note)
                        else:
                            session.notes.save(note.note, note.text)
                session.drafts.leave(drafts, under_way)
                if geometry != settings.current.window:
                    settings.change(window=geometry)
            finally:
                session.close()

        self.bridge.run_in_thread(save_and_close, lambda _: self._quit(), lambda _: self._quit())

    def _quit(self) -> None:
        self.bridge.detach()
        QApplication.exit(exit_status.LOCKED if self._is_locking else self._status)


def open_window(tacit: "Application", scale: float | None = None) -> MainWindow:
    """Make the main window, in the chosen theme; a QApplication must exist."""
    theme = Theme(QApplication.instance(), scale)
    theme.choose(tacit.settings.current.theme)
    window = MainWindow(tacit, theme)
    theme.setParent(window)
    return window


def run(tacit: "Application", demo_passphrase: str = "", *, only_restores: bool = False) -> int:
    """Open the window, run it until it is closed or locked, and return the exit status.

    With a `demo_passphrase`, create a vault under it and import the demo call; with `only_restores`, restore a backup.
    """
    silence_qt_messages()
    QApplication.setApplicationName("Tacit")
    QApplication.setDesktopFileName("tacit")
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    app.setQuitOnLastWindowClosed(False)
    app.setWindowIcon(QIcon(str(resources.icon())))
    load_fonts()
    gc_timer = GcTimer(app)
    gc_timer.start()
    window = open_window(tacit)
    catch_unexpected(window.show_error)
    catch_unexpected_in_threads()
    for name in ("SIGTERM", "SIGHUP", "SIGINT"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda *_: window.close())
    restore_geometry(window, tacit.settings.current.window)
    window.show()
    if only_restores:
        window.unlock_flow.begin_restore()
    if demo_passphrase:
        window.begin_demo(demo_passphrase)
    status = app.exec()
    gc_timer.stop()
    return status
