"""Passphrase, recovery key and keychain through the widgets, on a real vault."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtPrintSupport import QPrinterInfo
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton

from app.core.errors import WrongPassphrase
from app.services.application import Application
from app.ui.chats.page import PAGE as CHATS
from app.ui.key_entry import recovery_key_print
from app.ui.key_entry.recovery_key_page import RecoveryKeyPage
from app.ui.main_window import MainWindow
from app.ui.unlock.pages import FreshPassphrasePage
from app.ui.widgets.dialogs import ConfirmDialog
from tests.doubles.keychains import Memory
from tests.ui.stage import (
    PASSPHRASE,
    close,
    desk_of,
    enter,
    page_of,
    settings_of,
    settle,
    until,
    write_down,
)

Show = Callable[[Application], MainWindow]
NEW = "seven quiet lanterns on the hill"


def opens(tacit: Application, secret: str) -> bool:
    try:
        tacit.unlock(secret).close()
    except WrongPassphrase:
        return False
    return True


# --- The recovery key --------------------------------------------------------------------------


def test_a_new_vault_shows_its_recovery_key_once_and_it_opens_the_vault(tacit: Application, show: Show) -> None:
    window = show(tacit)
    page = window.create_page
    assert page is not None
    assert "recovery key" in page.lost.plain_text()
    page.field.setText(PASSPHRASE)
    page.repeat.setText(PASSPHRASE)
    page.create_button.click()
    shown = page_of(window, RecoveryKeyPage)
    assert window.workspace is None
    assert not shown.done_button.isEnabled()
    shown.fields[0].setText("0000")
    assert not shown.done_button.isEnabled()
    shown.copy_button.click()
    key = QGuiApplication.clipboard().text()
    assert key in shown.shown.accessibleName()
    assert write_down(window) == key
    desk = desk_of(window)
    assert window.session is not None
    assert window.session.recovery_key is None
    assert not [label for label in window.findChildren(QLabel) if key[:9] in label.text() + label.accessibleName()]
    assert not desk.notice.text
    close(window)
    assert opens(tacit, key)


def test_leaving_the_recovery_key_for_later_is_told_and_leads_to_the_settings(tacit: Application, show: Show) -> None:
    window = show(tacit)
    page = window.create_page
    assert page is not None
    page.field.setText(PASSPHRASE)
    page.repeat.setText(PASSPHRASE)
    page.create_button.click()
    shown = page_of(window, RecoveryKeyPage)
    shown.later_button.click()
    desk = desk_of(window)
    assert desk.notice.text.startswith("No recovery key is on paper.")
    next(b for b in desk.notice.findChildren(QPushButton) if b.text() == "Settings").click()


def test_the_recovery_key_can_be_saved_only_after_a_warning(tacit: Application, show: Show, tmp_path: Path) -> None:
    window = show(tacit)
    page = window.create_page
    assert page is not None
    page.field.setText(PASSPHRASE)
    page.repeat.setText(PASSPHRASE)
    page.create_button.click()
    shown = page_of(window, RecoveryKeyPage)
    if not QPrinterInfo.availablePrinterNames():
        shown.print_button.click()
        assert shown.notice.text.startswith("No printer is set up on this computer.")
    shown.save_button.click()
    question = page_of(window, ConfirmDialog)
    assert question.windowTitle() == "This file is not encrypted"
    question.reject()
    shown.save_to(tmp_path / "key.txt")
    assert shown.shown.text().replace("\n", "") in (tmp_path / "key.txt").read_text()
    assert (tmp_path / "key.txt").stat().st_mode & 0o077 == 0
    shown.save_to(tmp_path / "no such folder" / "key.txt")
    assert shown.notice.text.startswith("There is no such folder. The key is still shown here")


def test_the_printed_page_holds_the_key_and_more(show: Show) -> None:
    image = QImage(600, 800, QImage.Format.Format_RGB32)
    image.fill(0xFFFFFF)
    painter = QPainter(image)
    recovery_key_print.draw(painter, image.rect().toRectF(), "HQC5-BXSM-S4VV-D0AJ-69W7-72HN-Y4D1-J7KK6")
    painter.end()
    rows = [y for y in range(0, 800, 4) if any(image.pixelColor(x, y).lightness() < 128 for x in range(0, 600, 2))]
    assert min(rows) < 90
    assert 130 < max(rows) < 320


def test_a_forgotten_passphrase_is_replaced_by_way_of_the_recovery_key(tacit: Application, show: Show) -> None:
    window = show(tacit)
    enter(window)
    close(window)
    key = tacit.key_slots.renew_recovery_key(PASSPHRASE)
    window = show(tacit)
    lock = window.unlock_page
    assert lock is not None
    lock.recovery_button.click()
    assert lock.field.echoMode() is QLineEdit.EchoMode.Normal
    assert lock.field.placeholderText() == "Recovery key"
    lock.field.setText(key.lower().replace("-", " "))
    QTest.keyClick(lock.field, Qt.Key.Key_Return)
    fresh = page_of(window, FreshPassphrasePage)
    assert window.workspace is None
    fresh.fields.field.setText(NEW)
    assert not fresh.change_button.isEnabled()
    fresh.fields.repeat.setText(NEW)
    fresh.change_button.click()
    desk_of(window)
    close(window)
    assert opens(tacit, NEW)
    assert opens(tacit, key)
    assert not opens(tacit, PASSPHRASE)


# --- The settings ------------------------------------------------------------------------------


def test_the_passphrase_is_changed_while_the_vault_is_open(made: Application, show: Show) -> None:
    window = show(made)
    page = settings_of(enter(window))
    keys = page.keys
    keys.change_button.click()
    keys.passphrase_form.field.setText("not the one")
    keys.fresh.field.setText(NEW)
    keys.fresh.repeat.setText(NEW[:-1])
    assert not keys.passphrase_form.do_button.isEnabled()
    keys.fresh.repeat.setText(NEW)
    QTest.keyClick(keys.fresh.repeat, Qt.Key.Key_Return)
    until(lambda: page.notice.text.startswith("That passphrase does not open this vault."))
    keys.passphrase_form.field.setText(PASSPHRASE)
    keys.passphrase_form.do_button.click()
    until(lambda: page.notice.text.startswith("The passphrase was changed."))
    assert not any(field.text() for field in page.findChildren(QLineEdit))
    assert not keys.is_asking
    close(window)
    assert opens(made, NEW)
    assert not opens(made, PASSPHRASE)


def test_a_new_recovery_key_is_shown_and_escape_does_not_close_it(made: Application, show: Show) -> None:
    window = show(made)
    desk = enter(window)
    page = settings_of(desk)
    page.keys.recovery_button.click()
    page.keys.recovery_form.field.setText(PASSPHRASE)
    page.keys.recovery_form.do_button.click()
    page_of(window, RecoveryKeyPage)
    desk.escape()
    assert desk.stack.currentWidget() is page
    key = write_down(window)
    until(lambda: page.notice.text.startswith("The new recovery key opens this vault."))
    close(window)
    assert opens(made, key)


def test_the_keychain_is_turned_on_opens_by_one_click_and_is_turned_off(
    made: Application, backend: Memory, show: Show
) -> None:
    window = show(made)
    page = settings_of(enter(window))
    assert "whoever can use your account" in page.keys._keychain_row.words.plain_text()
    page.keys.on_button.click()
    page.keys.keychain_form.field.setText("not the one")
    page.keys.keychain_form.do_button.click()
    until(lambda: page.notice.text.startswith("That passphrase does not open"))
    page.keys.keychain_form.field.setText(PASSPHRASE)
    page.keys.keychain_form.do_button.click()
    until(lambda: page.keys.off_button.isVisible() and not page.keys.on_button.isVisible(), what="the keychain")
    assert len(backend.kept) == 1
    close(window)
    window = show(made)
    lock = window.unlock_page
    assert lock is not None
    until(lock.keychain_button.isVisible, what="the offer")
    settle(0.3)
    assert window.workspace is None, "never by itself"
    QTest.keyClick(lock.field, Qt.Key.Key_Return)
    page = settings_of(desk_of(window))
    until(page.keys.off_button.isVisible)
    page.keys.off_button.click()
    until(page.keys.on_button.isVisible)
    assert not backend.kept
    close(window)
    window = show(made)
    settle(0.3)
    assert window.unlock_page is not None
    assert not window.unlock_page.keychain_button.isVisible()


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("is_locked", "The keychain is locked, or did not let Tacit in."),
        ("is_silent", "The keychain does not answer."),
        ("stale", "The keychain does not hold what opens this vault."),
    ],
)
def test_a_keychain_that_fails_leaves_the_passphrase_field_in_use(
    made: Application, backend: Memory, show: Show, fault: str, told: str
) -> None:
    made.key_slots.turn_keychain_on(PASSPHRASE)
    window = show(made)
    lock = window.unlock_page
    assert lock is not None
    until(lock.keychain_button.isVisible)
    if fault == "stale":
        backend.kept.clear()
    else:
        setattr(backend, fault, True)
    lock.keychain_button.click()
    assert lock.field.isEnabled()
    assert lock.unlock_button.isEnabled()
    until(lambda: lock.notice.text.startswith(told), 5)
    assert lock.keychain_button.isEnabled()
    enter(window)


def test_the_passphrase_typed_while_the_keychain_thinks_wins(made: Application, backend: Memory, show: Show) -> None:
    made.key_slots.turn_keychain_on(PASSPHRASE)
    window = show(made)
    lock = window.unlock_page
    assert lock is not None
    until(lock.keychain_button.isVisible)
    backend.is_silent = True
    lock.keychain_button.click()
    desk = enter(window)
    settle(0.8)  # until the keychain has failed
    assert not window.notice.text
    assert not desk.notice.text


def test_choices_are_kept_and_escape_leads_back(made: Application, show: Show) -> None:
    window = show(made)
    desk = enter(window)
    desk.show_page(CHATS)
    page = settings_of(desk)
    page.locking.minutes.choose(5)
    page.locking.with_screen.choose(False)
    page.locking.seconds.choose(0)
    page.appearance.theme_button.choose("dark")
    kept = made.settings
    until(lambda: (kept.current.lock_after_minutes, kept.current.clipboard_seconds) == (5, 0))
    until(lambda: kept.current.theme == "dark")
    assert kept.current.locks_with_screen is False
    assert window.theme.is_dark
    page.keys.change_button.click()
    page.keys.passphrase_form.field.setText("something")
    desk.escape()
    assert not page.keys.is_asking
    assert page.keys.passphrase_form.field.text() == ""
    desk.escape()
    assert desk.stack.currentWidget() is desk.chats
