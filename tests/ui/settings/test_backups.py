"""Checking, backing up and restoring through the widgets, and how all pages of keys and backups look."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QWidget

from app.services.application import Application
from app.ui.key_entry.recovery_key_page import RecoveryKeyPage
from app.ui.main_window import MainWindow
from app.ui.unlock.restore_page import RestorePage
from tests.ui.stage import (
    PASSPHRASE,
    close,
    enter,
    everything,
    page_of,
    settings_of,
    settle,
    until,
)

Show = Callable[[Application], MainWindow]


def test_the_vault_is_checked_and_backed_up_while_it_is_open_and_restored_at_the_lock_screen(
    made: Application, show: Show, tmp_path: Path
) -> None:
    window = show(made)
    desk = enter(window)
    page = settings_of(desk)
    page.backups.check_button.click()
    until(lambda: page.notice.text.startswith("The vault is whole."))
    until(page.backups.check_button.isEnabled)
    said = [w.accessibleName() for w in page.backups.findChildren(QWidget)]
    assert any("every frame as it was sealed" in words for words in said)
    file = tmp_path / "b.tacit"
    page.backups.back_up(file)
    until(lambda: page.notice.text.startswith("The backup was written and checked."))
    page.backups.rewrite_button.click()
    until(lambda: page.notice.text.startswith("The copies were rewritten."))
    until(lambda: "The newest was made" in page.backups.copies.words.plain_text())
    assert window.session is not None
    window.session.library.delete(window.session.library.calls()[0].id)
    close(window)

    window = show(made)
    lock = window.unlock_page
    assert lock is not None
    lock.restore_button.click()
    restore = page_of(window, RestorePage)
    restore.choose_backup(file)
    restore.field.setText("not the one")
    restore.go_button.click()
    until(lambda: restore.notice.text.startswith("That passphrase does not open"))
    restore.field.setText(PASSPHRASE)
    restore.go_button.click()
    until(lambda: "The backup is whole: 2 calls" in restore.found.plain_text())
    assert "what is newer in it will be gone" in restore.found.plain_text()
    restore.go_button.click()
    until(lambda: window.unlock_page is not None and window.unlock_page.notice.text.startswith("The backup was"))
    enter(window)
    assert window.session is not None
    assert len(window.session.library.calls()) == 2


def test_leaving_the_restore_replaces_nothing(made: Application, show: Show, tmp_path: Path) -> None:
    session = made.unlock(PASSPHRASE)
    session.maintenance.back_up(tmp_path / "b.tacit")
    session.close()
    window = show(made)
    assert window.unlock_page is not None
    window.unlock_page.restore_button.click()
    restore = page_of(window, RestorePage)
    restore.choose_backup(tmp_path / "b.tacit")
    restore.field.setText(PASSPHRASE)
    restore.go_button.click()
    until(lambda: restore.go_button.text() == "Replace the vault")
    restore.leave_button.click()
    settle(0.1)
    enter(window)
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith("vault")) == ["vault"]


def test_a_backup_makes_the_first_vault_of_a_new_computer(made: Application, show: Show, tmp_path: Path) -> None:
    session = made.unlock(PASSPHRASE)
    session.maintenance.back_up(tmp_path / "b.tacit")
    session.close()
    window = show(made.at(tmp_path / "elsewhere"))
    assert window.create_page is not None
    window.create_page.restore_button.click()
    restore = page_of(window, RestorePage)
    restore.choose_backup(tmp_path / "b.tacit")
    restore.field.setText(PASSPHRASE)
    restore.go_button.click()
    until(lambda: restore.go_button.text() == "Restore")
    restore.go_button.click()
    until(lambda: window.unlock_page is not None)
    enter(window)


# --- How it looks and reads --------------------------------------------------------------------


@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_every_page_has_names_plain_labels_and_room_for_its_text(made: Application, show: Show, scale: float) -> None:
    window = show(made)
    window.theme.scale = scale
    window.theme.choose("light")
    window.unlock_flow.begin()  # built at this size of text
    lock = window.unlock_page
    assert lock is not None
    lock.offer_keychain()
    check_look(window)
    lock.restore_button.click()
    check_look(window)
    page_of(window, RestorePage).leave_button.click()
    page = settings_of(enter(window))
    page.keys.change_button.click()
    page.keys.on_button.click()
    check_look(window)
    page.keys.recovery_button.click()
    page.keys.recovery_form.field.setText(PASSPHRASE)
    page.keys.recovery_form.do_button.click()
    page_of(window, RecoveryKeyPage)
    check_look(window)


def check_look(window: MainWindow) -> None:
    settle(0.3)
    for widget in everything(window):
        if not widget.objectName().startswith("qt_"):
            assert widget.accessibleName(), (type(widget).__name__, type(widget.parent()).__name__)
        if isinstance(widget, QLabel):
            assert widget.textFormat() is Qt.TextFormat.PlainText
        if isinstance(widget, QLabel | QPushButton | QLineEdit) and widget.text():
            assert widget.height() >= widget.fontMetrics().height() - 1, widget.accessibleName()
        if type(widget) is QPushButton and widget.text():
            assert widget.width() >= widget.fontMetrics().horizontalAdvance(widget.text()), widget.text()
