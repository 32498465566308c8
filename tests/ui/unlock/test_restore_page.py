"""From the moment a checked backup takes the vault's place, nothing cancels it until the new recovery key is shown."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from app.services.application import Application
from app.ui.key_entry.recovery_key_page import RecoveryKeyPage
from app.ui.main_window import MainWindow
from app.ui.unlock.restore_page import RestorePage
from tests.ui.stage import PASSPHRASE, page_of, settle, until

NEW = "nine brown kettles whistle softly"


@pytest.fixture
def ended(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The exit statuses with which the window has ended its process."""
    statuses: list[int] = []
    monkeypatch.setattr(QApplication, "exit", statuses.append)
    return statuses


@pytest.fixture
def page(made: Application, show: Callable[[Application], MainWindow], tmp_path: Path, ended: list[int]) -> RestorePage:
    """The page of a window that only restores, with a checked backup."""
    session = made.unlock(PASSPHRASE)
    session.maintenance.back_up(tmp_path / "b.tacit")
    session.close()
    window = show(made)
    window.unlock_flow.begin_restore()
    shown = page_of(window, RestorePage)
    shown.choose_backup(tmp_path / "b.tacit")
    shown.field.setText(PASSPHRASE)
    shown.go_button.click()
    until(lambda: shown.go_button.text() == "Replace the vault")
    assert shown.leave_button.isEnabled()
    return shown


def replace_with_new_keys(page: RestorePage, passphrase: str) -> None:
    page.keys_box.setChecked(True)
    page.new_fields.field.setText(passphrase)
    page.new_fields.repeat.setText(passphrase)
    page.go_button.click()


def test_cancel_ends_nothing_before_the_recovery_key_is_shown(page: RestorePage, ended: list[int]) -> None:
    window = page.window()
    assert isinstance(window, MainWindow)
    replace_with_new_keys(page, NEW)
    assert not page.leave_button.isEnabled()
    page.leave_button.click()
    page_of(window, RecoveryKeyPage)
    settle(0.2)
    assert ended == []


def test_after_new_keys_were_refused_it_cancels_again(page: RestorePage, ended: list[int]) -> None:
    replace_with_new_keys(page, PASSPHRASE)
    assert not page.leave_button.isEnabled()
    until(lambda: page.notice.text.startswith("This passphrase opens"))
    page.leave_button.click()
    until(lambda: bool(ended))


def test_once_it_is_done_the_same_button_opens_the_vault(page: RestorePage, ended: list[int]) -> None:
    page.go_button.click()
    assert not page.leave_button.isEnabled()
    until(lambda: page.leave_button.text() == "Open the vault")
    page.leave_button.click()
    until(lambda: bool(ended))
