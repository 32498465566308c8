"""The first start says what Tacit is and why a button is grey; a passphrase is shown on request and never copied."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QClipboard
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit

from app.services.application import Application
from app.ui.key_entry.recovery_key_page import RecoveryKeyPage
from app.ui.main_window import MainWindow
from tests.ui.stage import PASSPHRASE, page_of

Show = Callable[[Application], MainWindow]
DOTS, LETTERS = QLineEdit.EchoMode.Password, QLineEdit.EchoMode.Normal


def test_the_first_page_says_what_tacit_is_and_why_the_button_is_grey(tacit: Application, show: Show) -> None:
    page = show(tacit).create_page
    assert page is not None
    assert page.words.plain_text().startswith("Tacit transcribes and summarizes your recorded calls")
    said = []
    for field, text in ((None, ""), (page.field, "short"), (page.field, PASSPHRASE[5:]), (page.repeat, PASSPHRASE)):
        if field is not None:
            QTest.keyClicks(field, text)
        said.append((page.create_button.isEnabled(), page.reason.isVisible(), page.reason.plain_text()))
        assert page.create_button.toolTip() == page.fields.missing
    assert said[0] == (False, True, "Type a passphrase to go on.")
    assert said[1] == (False, True, "This passphrase is too easy to guess to go on.")
    assert said[2] == (False, True, "Type the same passphrase again to go on.")
    page.field.clear()
    page.repeat.clear()
    for field in (page.field, page.repeat):
        QTest.keyClicks(field, PASSPHRASE)
    assert page.create_button.isEnabled()
    assert page.reason.isHidden()


def test_the_eye_shows_what_is_typed_by_mouse_and_by_keys(tacit: Application, show: Show) -> None:
    page = show(tacit).create_page
    assert page is not None
    QTest.keyClicks(page.field, PASSPHRASE)
    assert page.field.echoMode() is DOTS
    QTest.mouseClick(page.field.eye, Qt.MouseButton.LeftButton)
    assert page.field.echoMode() is LETTERS
    assert page.field.text() == PASSPHRASE
    assert page.field.eye.accessibleName() == "Hide what is typed"
    assert page.repeat.echoMode() is DOTS
    QTest.keyClick(page.field.eye, Qt.Key.Key_Space)
    assert page.field.echoMode() is DOTS
    page.field.eye.setChecked(True)
    page.field.setEnabled(False)  # as while the key is derived
    assert page.field.echoMode() is DOTS


def test_what_is_shown_is_not_copied_either(tacit: Application, show: Show) -> None:
    board = QApplication.clipboard()
    board.clear()
    page = show(tacit).create_page
    assert page is not None
    QTest.keyClicks(page.field, PASSPHRASE)
    page.field.eye.setChecked(True)
    for keys in ("Ctrl+A", "Ctrl+C", "Ctrl+X"):
        QTest.keySequence(page.field, keys)
    QTest.mouseDClick(page.field, Qt.MouseButton.LeftButton)
    assert not page.field.hasSelectedText()
    assert board.text() == ""
    if board.supportsSelection():
        assert board.text(QClipboard.Mode.Selection) == ""
    assert page.field.text() == PASSPHRASE


def test_the_groups_of_a_recovery_key_are_numbered_and_asked_for_by_number(tacit: Application, show: Show) -> None:
    window = show(tacit)
    assert window.create_page is not None
    for field in (window.create_page.field, window.create_page.repeat):
        field.setText(PASSPHRASE)
    window.create_page.create_button.click()
    page = page_of(window, RecoveryKeyPage)
    groups = page.shown.text().split("-")
    assert [shown.accessibleName() for shown in page.shown.groups] == [
        f"Group {n}: {group}" for n, group in enumerate(groups, 1)
    ]
    assert [field.placeholderText() for field in page.fields] == [f"Group {index + 1}" for index in page.asked]
    first, second = (index + 1 for index in page.asked)
    assert page.reason.plain_text() == f"Type group {first} and group {second} to go on."
    QTest.keyClicks(page.fields[0], "W" * len(groups[page.asked[0]]))
    assert page.reason.plain_text() == f"Group {first} is not as it is shown above."
    page.fields[0].clear()
    QTest.keyClicks(page.fields[0], groups[page.asked[0]].lower())
    assert page.reason.plain_text() == f"Type group {second} to go on."
    assert not page.done_button.isEnabled()
    QTest.keyClicks(page.fields[1], groups[page.asked[1]])
    assert page.done_button.isEnabled()
    assert page.reason.isHidden()
    page.clear_secrets()
    assert page.shown.text().strip("-") == ""
    assert not any(group in shown.accessibleName() for group in groups for shown in page.shown.groups)
