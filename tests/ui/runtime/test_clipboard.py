"""What is copied: marked for clipboard histories, taken back after its time, and never what others have copied."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QClipboard, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit

from app.services.application import Application
from app.ui.calls.page import PAGE as CALLS
from app.ui.chats.page import PAGE as CHATS
from app.ui.main_window import MainWindow
from app.ui.runtime import clipboard
from tests.running import ROOT
from tests.ui.stage import enter, settle, until

_HINT = "x-kde-passwordManagerHint"
Show = Callable[[Application], MainWindow]


@pytest.fixture
def board(screen: object) -> QClipboard:
    """The clipboard, empty."""
    found = QGuiApplication.clipboard()
    found.clear()
    return found


@pytest.fixture
def window(tacit: Application, show: Show, board: QClipboard) -> MainWindow:
    """A window whose copies last a second."""
    tacit.settings.change(clipboard_seconds=1)
    made = show(tacit)
    enter(made)
    return made


def test_a_copy_asks_not_to_be_kept_and_goes_after_its_time(window: MainWindow, board: QClipboard) -> None:
    clipboard.copy_text("Priya will send it")
    assert board.text() == "Priya will send it"
    formats = board.mimeData().formats()
    assert bytes(board.mimeData().data(_HINT).data()) == b"secret"
    assert "ExcludeClipboardContentFromMonitorProcessing" in formats
    settle(0.6)
    clipboard.copy_text("a second copy begins its own time")
    settle(0.6)
    assert board.text()
    until(lambda: not board.text(), 3, "the copy to go")


def test_what_another_program_has_copied_stays(window: MainWindow, board: QClipboard) -> None:
    clipboard.copy_text("Priya will send it")
    other = QMimeData()
    other.setText("of another program")
    board.setMimeData(other)
    settle(1.3)
    window.clipboard.clear()
    assert board.text() == "of another program"


def test_what_qt_copies_by_itself_goes_the_same_way(window: MainWindow, board: QClipboard) -> None:
    desk = window.workspace
    assert desk is not None
    fields: list[QPlainTextEdit | QLineEdit] = [desk.calls.search, desk.chats.composer.field]
    for field, keys in [(field, keys) for field in fields for keys in ("Ctrl+C", "Ctrl+X")]:
        desk.show_page(CHATS) if isinstance(field, QPlainTextEdit) else desk.show_page(CALLS)
        field.setFocus(Qt.FocusReason.OtherFocusReason)
        QTest.keyClicks(field, "my own words")
        field.selectAll()
        board.clear()
        QTest.keySequence(field, keys)
        assert board.text() == "my own words", keys
        assert board.mimeData().hasFormat(_HINT), keys
        field.clear()


def test_a_secret_field_copies_nothing(tacit: Application, show: Show, board: QClipboard) -> None:
    page = show(tacit).create_page
    assert page is not None
    page.field.setText("correct horse battery staple")
    page.field.selectAll()
    for keys in ("Ctrl+C", "Ctrl+X"):
        QTest.keySequence(page.field, keys)
    assert not board.text()


@pytest.mark.parametrize(("seconds", "is_left"), [(60, False), (0, True)])
def test_closing_takes_it_back_unless_that_is_never_wanted(
    tacit: Application, show: Show, board: QClipboard, monkeypatch: pytest.MonkeyPatch, seconds: int, is_left: bool
) -> None:
    tacit.settings.change(clipboard_seconds=seconds)
    window = show(tacit)
    enter(window)
    ends: list[bool] = []
    monkeypatch.setattr(window, "_quit", lambda: ends.append(True))
    clipboard.copy_text("Priya will send it")
    window.close()
    until(lambda: ends, 10, "the end")
    assert bool(board.text()) is is_left


@pytest.mark.skipif(sys.platform != "linux", reason="Xvfb is Linux's")
def test_the_window_ends_well_with_a_copy_left(tmp_path: Path) -> None:
    """With the plug-in of a real display; a copy of Python's making outlives much there."""
    code = (
        "import sys; from PySide6.QtWidgets import QApplication; from app.ui.runtime import clipboard;"
        "app = QApplication([]); clipboard.copy_text('left'); app.processEvents(); sys.exit(7)"
    )
    xvfb = shutil.which("xvfb-run")
    assert xvfb, "xvfb is needed: make test installs it"
    # Its status by a file: xvfb-run has one of its own where it can't clean up behind itself.
    status = tmp_path / "status"
    command = [xvfb, "-a", "sh", "-c", '"$0" -c "$1"; echo $? > "$2"', sys.executable, code, str(status)]
    environment = os.environ | {"QT_QPA_PLATFORM": "xcb"}
    subprocess.run(command, cwd=ROOT, env=environment, check=False, timeout=60)
    assert status.read_text() == "7\n"
