"""A window on a vault in a folder of its own, and ways to wait for what it does."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import shiboken6
from PySide6.QtCore import QEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from app import assembly
from app.services.application import Application
from app.ui.key_entry.recovery_key_page import RecoveryKeyPage
from app.ui.main_window import MainWindow, open_window
from app.ui.settings.page import PAGE as SETTINGS
from app.ui.settings.settings_page import SettingsPage
from app.ui.shell.workspace import Workspace
from app.ui.unlock.first_models_page import FirstModelsPage
from tests.doubles.keychains import Memory, keychain_on
from tests.running import CHEAP

T = TypeVar("T", bound=QWidget)
PASSPHRASE = "correct horse battery staple"


def product(
    folder: Path, keychain: Memory | None = None, door: tuple[int, int] | None = None, *, proposes_models: bool = False
) -> Application:
    """The real product, with everything that it writes inside `folder`, a keychain in memory, and maybe a door."""
    os.environ["XDG_CONFIG_HOME"] = str(folder / "config")
    made = assembly.build(
        folder / "vault", folder / "models", is_offline_enforced=True, cost=CHEAP,
        keychain=keychain_on(keychain or Memory()), door=door,
    )  # fmt: skip
    if not proposes_models:  # else a worker measures this computer for each new vault
        made.first_offers = list  # type: ignore[method-assign]
    return made


def until(is_so: Callable[[], object], seconds: float = 30.0, what: str = "") -> None:
    """Run the window until something is so.

    Raises:
        AssertionError: it is not so after that time.
    """
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        QApplication.processEvents()
        if is_so():
            return
        time.sleep(0.005)
    raise AssertionError(f"waited {seconds} s in vain for {what or is_so}")


def settle(seconds: float = 0.3) -> None:
    """Run the window for a while."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        QApplication.processEvents()
        time.sleep(0.005)


def shown(tacit: Application, scale: float | None = None) -> MainWindow:
    """A window of the design's size on the screen; `scale` is another size of text than the system's."""
    window = open_window(tacit, scale)
    window.resize(1320, 860)
    window.show()
    settle(0.1)
    return window


def desk_of(window: MainWindow) -> Workspace:
    """The desk, once the vault is open; models are left for later."""
    until(lambda: window.workspace is not None or window.findChildren(FirstModelsPage), what="the desk")
    if window.workspace is None:
        window.findChildren(FirstModelsPage)[-1].later_button.click()
    desk = window.workspace
    assert desk is not None
    return desk


def write_down(window: MainWindow) -> str:
    """Type back what the page with the recovery key asks for; the key."""
    until(lambda: window.findChildren(RecoveryKeyPage), what="the recovery key")
    page = window.findChildren(RecoveryKeyPage)[-1]
    key = page.shown.text().replace("\n", "")
    for field, place in zip(page.fields, page.asked, strict=True):
        field.setText(key.split("-")[place])
    page.done_button.click()
    return key


def enter(window: MainWindow, passphrase: str = PASSPHRASE) -> Workspace:
    """Make the vault or unlock it, by the page that is shown."""
    if window.create_page is not None:
        window.create_page.field.setText(passphrase)
        window.create_page.repeat.setText(passphrase)
        window.create_page.create_button.click()
        until(lambda: window.workspace is not None or window.findChildren(RecoveryKeyPage), what="the vault")
        if window.workspace is None:
            write_down(window)
    elif window.unlock_page is not None:
        window.unlock_page.field.setText(passphrase)
        window.unlock_page.unlock_button.click()
    return desk_of(window)


def close(window: MainWindow) -> None:
    """Close the vault and drop the window, without ending the application; once is enough."""
    if not shiboken6.isValid(window):
        return
    window.clipboard.clear()
    if window.session is not None:
        window.session.close()
    window.bridge.detach()
    window.hide()
    window.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    QApplication.processEvents()


def everything(window: QWidget) -> list[QWidget]:
    """All widgets that can be seen."""
    return [w for w in [window, *window.findChildren(QWidget)] if w.isVisibleTo(window)]


def settings_of(desk: Workspace) -> SettingsPage:
    """The settings, reached by their keys."""
    QTest.keySequence(desk, "Ctrl+,")
    until(lambda: desk.is_shown(SETTINGS), what="the settings")
    settle(0.1)
    return desk.page(SETTINGS)


def page_of(window: QWidget, kind: type[T]) -> T:
    """The page of a kind, once it is there."""
    until(lambda: window.findChildren(kind), what=kind.__name__)
    return window.findChildren(kind)[-1]
