"""The first start as a person meets it who wants to look around first, or to decide later."""

import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton

from app.catalog.download import network_log
from app.services.application import Application
from app.services.privacy.network_ledger import logged_entries
from app.ui.key_entry.recovery_key_page import RecoveryKeyPage
from app.ui.main_window import MainWindow
from app.ui.unlock.first_models_page import FirstModelsPage
from tests.ui.stage import PASSPHRASE, close, desk_of, page_of, product, settle, until

Show = Callable[[Application], MainWindow]


def test_the_demo_can_be_tried_before_anything_is_chosen_and_leaves_nothing(
    tacit: Application, show: Show, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    (tmp_path / "models").mkdir()
    network_log.NetworkLogWriter(tacit.models.folder, "qwen3-0.6b").close("stopped")
    window = show(tacit)
    assert window.create_page is not None
    QTest.mouseClick(window.create_page.demo_button, Qt.MouseButton.LeftButton)
    desk = desk_of(window)
    assert desk.notice.text.startswith("This is the demo. Its vault, with all that you add to it, is deleted when")
    session = window.session
    assert session is not None
    (folder,) = tmp_path.glob("tacit-vanishing-*")
    assert (folder / "vault.hdr").is_file()
    until(lambda: desk.calls.list.rows.rows, what="the demo call")
    assert len(session.ledger.entries()) == 1
    locks: list[bool] = []
    desk.lock_wanted.disconnect()
    desk.lock_wanted.connect(lambda: locks.append(True))
    next(b for b in desk.notice.findChildren(QPushButton) if b.text() == "Make my own vault").click()
    assert locks == [True], "a fresh window asks for a passphrase then"
    close(window)
    assert not folder.exists()
    assert not tacit.vault_exists()
    assert len(logged_entries(tacit.models.folder)) == 1, "the ledger waits for a vault that stays"


def test_what_a_sudden_end_left_of_a_demo_is_deleted_at_the_next_start(
    tacit: Application, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    others = tmp_path / "kept"
    others.mkdir()
    (others / "vault.lock").touch()
    (tmp_path / "tacit-vanishing-link").symlink_to(others)
    session = tacit.try_out()
    (folder,) = (path for path in tmp_path.glob("tacit-vanishing-*") if not path.is_symlink())
    tacit.prepare()
    assert (folder / "vault.hdr").is_file(), "it is open"
    session.vanishes = False
    session.close()
    tacit.prepare()
    assert not folder.exists()
    assert (others / "vault.lock").is_file()


def test_each_step_says_where_it_stands_and_can_be_left_for_later(tmp_path: Path, show: Show) -> None:
    window = show(product(tmp_path, proposes_models=True))
    create = window.create_page
    assert create is not None
    assert "Step 1 of 2" in [label.text() for label in create.findChildren(QLabel)]
    QTest.keyClicks(create.field, PASSPHRASE)
    QTest.keyClicks(create.repeat, PASSPHRASE)
    QTest.keyClick(create.repeat, Qt.Key.Key_Return)
    key = page_of(window, RecoveryKeyPage)
    assert "Step 1 of 2" in [label.text() for label in key.findChildren(QLabel)]
    QTest.keyClick(key.later_button, Qt.Key.Key_Space)
    models = page_of(window, FirstModelsPage)
    assert "Step 2 of 2" in [label.text() for label in models.findChildren(QLabel)]
    until(models.later_button.hasFocus, what="the focus")
    until(models.pull_button.isEnabled, what="the proposal")
    settle(0.1)
    assert models.later_button.hasFocus(), "else a key that means Later would open the network"
    QTest.keyClick(window.focusWidget(), Qt.Key.Key_Space)
    until(lambda: window.workspace is not None, what="the desk")
    assert window.workspace is not None
    assert window.workspace.notice.text.startswith("No recovery key is on paper.")
    assert window.workspace.calls.empty.demo_button.isVisible(), "the demo call is at hand"
