"""What every test of the window needs: a screen, the fonts, a product, and a window that is put away again."""

import gc
import itertools
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

if not os.environ.get("DISPLAY"):
    # A screen as large as people have: the window fits itself to it.
    os.environ["QT_QPA_PLATFORM"] = f"offscreen:configfile={Path(__file__).parent / 'screen.json'}"

from app.core.call import SUMMARIZE, TRANSCRIBE
from app.services.application import Application
from app.storage.tables.calls import CallStore
from app.storage.vault import Vault
from app.ui.main_window import MainWindow
from app.ui.style.theme import Theme, load_fonts
from tests.doubles.keychains import Memory
from tests.running import CHEAP
from tests.storage.calls import add
from tests.ui import stage

_FULL_EVERY = 20  # tests
_tests = itertools.count(1)


@pytest.fixture(autouse=True)
def _collects_as_the_window_does() -> Iterator[None]:
    """Garbage is collected between two tests, as `GcTimer` does it between two events.

    Elsewhere it could run on another thread, or while Qt calls a widget of ours: destroying others there has crashed.
    """
    gc.disable()
    yield
    gc.collect(2 if next(_tests) % _FULL_EVERY == 0 else 1)


@pytest.fixture(scope="session")
def screen(qapp: QApplication) -> Iterator[QApplication]:
    """The application with the bundled fonts."""
    load_fonts()
    yield qapp
    qapp.clipboard().clear()  # offscreen, Qt would delete what Python made after Python has ended, and crash


@pytest.fixture
def theme(screen: QApplication) -> Theme:
    """The light theme."""
    made = Theme(screen)
    made.choose("light")
    return made


@pytest.fixture
def backend() -> Memory:
    """What stands in for the system's keychain."""
    return Memory()


@pytest.fixture
def tacit(tmp_path: Path, backend: Memory, monkeypatch: pytest.MonkeyPatch) -> Application:
    """The real product in a folder of its own."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return stage.product(tmp_path, backend)


@pytest.fixture
def made(tacit: Application) -> Application:
    """The product with a vault of two calls, at which nothing is left to be done."""
    vault = Vault.create(tacit.vault_folder, stage.PASSPHRASE, CHEAP)
    for title in ("One", "Two"):
        known = add(CallStore(vault), "We agree.", title=title)
        for step in (TRANSCRIBE, SUMMARIZE):
            CallStore(vault).finish_step(known, step)
    vault.close()
    return tacit


@pytest.fixture
def show(screen: QApplication) -> Iterator[Callable[[Application], MainWindow]]:
    """Opens windows, and closes them at the end."""
    opened: list[MainWindow] = []

    def make(tacit: Application) -> MainWindow:
        opened.append(stage.shown(tacit))
        return opened[-1]

    yield make
    for window in opened:
        stage.close(window)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The offscreen plugin says of each dialog and tool tip what it can't tell a window manager."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            lacks = ("propagateSizeHints", "raise")
            ignored = [f"This plugin does not support {lack}" for lack in lacks]
            item.add_marker(pytest.mark.qt_log_ignore(*ignored, extend=True))
