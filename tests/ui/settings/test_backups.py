"""Checking, backing up and restoring through the widgets, and how all pages of keys and backups look."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPushButton, QWidget

from app.core import exit_status
from app.services.application import Application
from app.services.vault import maintenance
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


def _is_found(page: RestorePage) -> bool:
    return "The backup is whole" in page.found.plain_text()


def _is_restored(page: RestorePage) -> bool:
    return page.notice.text.startswith("The backup was restored.")


def test_where_the_window_may_not_write_beside_the_vault_a_window_of_its_own_restores(
    made: Application, show: Show, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The walls themselves are tried in `tests/test_writable_folders.py`; here is what the two windows do."""
    window, file = show(made), tmp_path / "b.tacit"
    page = settings_of(enter(window))
    page.backups.back_up(file)
    until(lambda: page.notice.text.startswith("The backup was written and checked."))
    close(window)
    ended: list[int] = []
    monkeypatch.setattr(QApplication, "exit", ended.append)
    monkeypatch.setattr(maintenance, "can_restore_beside", lambda _: False)
    window = show(made)
    assert window.unlock_page is not None
    window.unlock_page.restore_button.click()
    until(lambda: ended == [exit_status.RESTORING])
    for is_left_early in (True, False):
        window = show(made)
        window.unlock_flow.begin_restore()
        restore = page_of(window, RestorePage)
        if not is_left_early:
            restore.choose_backup(file)
            restore.field.setText(PASSPHRASE)
            restore.go_button.click()
            until(partial(_is_found, restore))
            restore.go_button.click()
            until(partial(_is_restored, restore))
            assert (restore.leave_button.text(), restore.go_button.isVisible()) == ("Open the vault", False)
        del ended[:]
        restore.leave_button.click()
        until(lambda: ended == [exit_status.LOCKED])


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


def test_a_backup_of_somebody_else_gets_new_keys(made: Application, show: Show, tmp_path: Path) -> None:
    session = made.unlock(PASSPHRASE)
    session.maintenance.back_up(tmp_path / "b.tacit")
    session.close()
    window = show(made.at(tmp_path / "elsewhere"))
    assert window.create_page is not None
    window.create_page.restore_button.click()
    restore = page_of(window, RestorePage)
    assert not restore.keys_box.isVisible()
    restore.choose_backup(tmp_path / "b.tacit")
    restore.field.setText(PASSPHRASE)
    restore.go_button.click()
    until(lambda: restore.go_button.text() == "Restore")
    assert "opens this vault" in restore.keys_words.plain_text()
    assert not restore.new_fields.isVisible()
    restore.keys_box.click()
    assert restore.new_fields.isVisible()
    assert not restore.go_button.isEnabled()
    check_look(window)
    for typed in (PASSPHRASE, "nine brown kettles whistle softly"):  # the first one is what the others know
        restore.new_fields.field.setText(typed)
        restore.new_fields.repeat.setText(typed)
        restore.go_button.click()
        until(lambda: restore.notice.text.startswith("This passphrase opens") or not restore.go_button.isEnabled())
        until(lambda: restore.go_button.isEnabled() or bool(window.findChildren(RecoveryKeyPage)))
    shown = page_of(window, RecoveryKeyPage)
    shown.skipped.emit()
    until(lambda: window.unlock_page is not None)
    assert window.unlock_page is not None
    assert "your new passphrase" in window.unlock_page.notice.text
    window.unlock_page.field.setText(PASSPHRASE)
    window.unlock_page.unlock_button.click()
    until(lambda: window.unlock_page is not None and window.unlock_page.notice.text.startswith("That passphrase does"))
    made.at(tmp_path / "elsewhere").unlock("nine brown kettles whistle softly").close()


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
