"""The ring of the focus: around one control, and only while keys are used; and Enter presses what it is around."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QCheckBox,
    QLineEdit,
    QPlainTextEdit,
    QWidget,
)

from app.core.call import SUMMARIZE, TRANSCRIBE
from app.services.application import Application
from app.storage.tables.calls import CallStore
from app.storage.vault import Vault
from app.ui.calls.page import PAGE as CALLS
from app.ui.main_window import MainWindow
from app.ui.models.page import PAGE as MODELS
from app.ui.settings.page import PAGE as SETTINGS
from app.ui.shell.workspace import Workspace
from app.ui.style.focus_ring import has_ring
from app.ui.widgets.basics import PressButton
from tests.running import CHEAP
from tests.storage.calls import add
from tests.ui.stage import PASSPHRASE, enter, everything, settle, until


@pytest.fixture
def desk(tacit: Application, show: Callable[[Application], MainWindow]) -> Workspace:
    """The desk with a call open, and the window in front."""
    vault = Vault.create(tacit.vault_folder, PASSPHRASE, CHEAP)
    known = add(CallStore(vault), "We agree.", "When is it due?", "On Friday.", title="Supply contract")
    for step in (TRANSCRIBE, SUMMARIZE):
        CallStore(vault).finish_step(known, step)
    vault.close()
    made = enter(show(tacit))
    until(lambda: made.calls.list.rows.rows)
    made.calls.open(made.calls.list.rows.rows[0].call)
    until(lambda: made.calls.call.call is not None and made.calls.call.transcript.lines.rowCount())
    made.window().activateWindow()
    settle(0.2)
    return made


def press(desk: Workspace, key: Qt.Key) -> None:
    """A key as the system sends it: to the window."""
    QTest.keyClick(desk.window().windowHandle(), key)
    settle(0.02)


def click(desk: Workspace, widget: QWidget, point: QPoint | None = None) -> None:
    """A click as the system sends it: to the window."""
    place = widget.mapTo(desk.window(), point or widget.rect().center())
    QTest.mouseClick(desk.window().windowHandle(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)
    settle(0.02)


def ringed(desk: Workspace) -> list[QWidget]:
    return [widget for widget in everything(desk.window()) if has_ring(widget)]


def picture(widget: QWidget) -> QImage:
    return widget.grab().toImage()


def test_a_click_shows_no_ring_anywhere(desk: Workspace) -> None:
    calls = desk.calls
    row = calls.list.visualRect(calls.list.rows.index(0)).center()
    line = calls.call.transcript.visualRect(calls.call.transcript.lines.index(1)).center()
    for part, point in (
        (calls.list.viewport(), row), (calls.call.transcript.viewport(), line), (calls.call.side.ask_tab, None),
        (calls.call.side.summary_tab, None), (desk.side_bar.rows[SETTINGS.key], None),
        (desk.side_bar.rows[MODELS.key], None), (desk.side_bar.rows[CALLS.key], None),
    ):  # fmt: skip
        click(desk, part, point)
        assert ringed(desk) == [], part.accessibleName()


def test_a_clicked_line_is_painted_without_a_frame(desk: Workspace) -> None:
    shown = desk.calls.call.transcript
    rect = shown.visualRect(shown.lines.index(1))
    click(desk, shown.viewport(), rect.center())
    settle(0.5)
    assert shown.hasFocus()
    assert shown.currentIndex().row() == 1
    edge = QPoint(rect.center().x(), rect.top() + 1)
    without = picture(shown.viewport()).pixelColor(edge)
    press(desk, Qt.Key.Key_Down)
    press(desk, Qt.Key.Key_Up)
    assert picture(shown.viewport()).pixelColor(edge) != without, "and by keys with one"


def test_tab_rings_one_control_after_another(desk: Workspace) -> None:
    seen: set[QWidget] = set()
    for _ in range(60):
        press(desk, Qt.Key.Key_Tab)
        focused = QApplication.focusWidget()
        assert focused is not None
        is_field = isinstance(focused, QLineEdit | QPlainTextEdit)
        assert ringed(desk) == ([] if is_field else [focused]), focused.accessibleName()
        if not is_field and not isinstance(focused, QAbstractItemView):
            assert isinstance(focused, QAbstractButton) or focused.height() < 120, "a control, and no pane"
            seen.add(focused)
    assert len(seen) >= 12


def test_the_ring_is_painted_and_goes_with_a_click(desk: Workspace) -> None:
    press(desk, Qt.Key.Key_Tab)
    while not isinstance(QApplication.focusWidget(), PressButton):
        press(desk, Qt.Key.Key_Tab)
    (around,) = ringed(desk)
    with_ring = picture(around)
    click(desk, desk.calls.call.header.title)
    assert ringed(desk) == []
    assert picture(around) != with_ring
    press(desk, Qt.Key.Key_Shift)
    assert ringed(desk) == [], "a modifier alone means nothing"


def test_what_a_click_puts_the_focus_on_has_no_ring(desk: Workspace) -> None:
    press(desk, Qt.Key.Key_Tab)
    click(desk, desk.side_bar.new_chat_button)
    desk.show_page(CALLS)
    desk.calls.list.setFocus(Qt.FocusReason.OtherFocusReason)
    assert ringed(desk) == []


def test_enter_presses_every_button(desk: Workspace) -> None:
    desk.show_page(SETTINGS)
    settle(0.2)
    buttons = [made for made in desk.window().findChildren(QAbstractButton) if not made.objectName().startswith("qt_")]
    assert len(buttons) > 30
    assert [b.accessibleName() for b in buttons if not isinstance(b, PressButton | QCheckBox)] == []
