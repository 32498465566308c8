"""What every test of the window needs: a screen, the fonts, a product, and a window that is put away again."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

if not os.environ.get("DISPLAY"):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from app.services.tacit import Tacit
from app.ui.theme import Theme, load_fonts
from app.ui.window import MainWindow
from tests.ui import staging


@pytest.fixture(scope="session")
def screen(qapp: QApplication) -> QApplication:
    """The application with the bundled fonts."""
    load_fonts()
    return qapp


@pytest.fixture
def theme(screen: QApplication) -> Theme:
    """The light theme."""
    made = Theme(screen)
    made.choose("light")
    return made


@pytest.fixture
def tacit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tacit:
    """The real product in a folder of its own."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return staging.product(tmp_path)


@pytest.fixture
def show(screen: QApplication) -> Iterator[Callable[[Tacit], MainWindow]]:
    """Opens windows, and closes them at the end."""
    opened: list[MainWindow] = []

    def make(tacit: Tacit) -> MainWindow:
        opened.append(staging.shown(tacit))
        return opened[-1]

    yield make
    for window in opened:
        staging.close(window)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The offscreen plugin says of each dialog that it can't tell a window manager its size."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.qt_log_ignore("This plugin does not support propagateSizeHints", extend=True))
