"""A text is checked against the open call: verdicts on both sides, moments that play, a report, and nothing kept."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtTest import QTest

from app.core.call import SUMMARIZE, TRANSCRIBE
from app.core.check import report_text
from app.core.errors import AssistantError
from app.core.transcript import Layout
from app.services.application import Application
from app.storage.tables.calls import CallStore
from app.storage.vault import Vault
from app.ui.calls.check_field import MOST_CHARACTERS
from app.ui.calls.check_page import CheckPage
from app.ui.calls.checked_rows import AT_A_TIME
from app.ui.calls.commands import CHECK, CHECK_TEXT, DELETE, REPORTS
from app.ui.main_window import MainWindow
from app.ui.shell.workspace import Workspace
from tests.core.imports.test_docx import document, paragraph, text
from tests.running import CHEAP
from tests.storage.calls import add
from tests.ui.stage import PASSPHRASE, enter, everything, settle, until

SAID = (
    "They offered a five percent discount if we renew for two years.",
    "We pay about twelve percent more than in March.",
    "The last delivery was late and three boxes were damaged.",
)
MINUTES = (
    "We pay about twelve percent more than in March. They offered a 15 percent discount if we renew for two years. "
    "😀 Priya promised a visit to the factory in Lisbon."
)


@pytest.fixture
def desk(tacit: Application, show: Callable[[Application], MainWindow]) -> Workspace:
    """The desk with the page of checks for a call."""
    vault = Vault.create(tacit.vault_folder, PASSPHRASE, CHEAP)
    known = add(CallStore(vault), *SAID, title="Supply contract")
    for step in (TRANSCRIBE, SUMMARIZE):
        CallStore(vault).finish_step(known, step)
    vault.close()
    made = enter(show(tacit))
    until(lambda: made.calls.list.rows.rows)
    made.calls.open(known)
    until(lambda: made.calls.call.call is not None and made.calls.call.transcript.lines.rowCount())
    made.run(CHECK_TEXT)
    return made


def checked(desk: Workspace, words: str = MINUTES) -> CheckPage:
    """The page, once this text is checked."""
    page = desk.calls.check
    page.field.setPlainText(words)
    desk.run(CHECK)
    until(lambda: page.has_report, what="the verdicts")
    return page


def test_each_statement_has_its_verdict_its_lines_and_its_ground(desk: Workspace) -> None:
    page = checked(desk)
    assert page.counts.plain_text() == "3 statements: 1 confirmed, 1 contradicted, 1 not found"
    signs = [(row.sign.text(), row.sign.property("verdict")) for row in page.rows.rows]
    assert signs == [("✓", "confirmed"), ("✕", "contradicted"), ("?", "not_found")]
    says = page.rows.rows[1].evidence.plain_text()
    assert says.startswith("The call says otherwise: ")
    assert SAID[0] in says
    assert page.rows.rows[2].evidence.plain_text().startswith("Not found in the call.")
    marks = page.field.extraSelections()
    assert [mark.cursor.selectedText() for mark in marks] == [
        "They offered a 15 percent discount if we renew for two years.",
        "😀 Priya promised a visit to the factory in Lisbon.",
    ]
    grounds = [mark.format.background().color() for mark in marks]
    assert grounds == [desk.theme.color("contradicted"), desk.theme.color("not_found")]
    lines = [mark.format.underlineStyle() for mark in marks]
    assert len(set(lines)) == 2, "told apart without colour"


def test_a_moment_plays(desk: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    page = checked(desk)
    played: list[float] = []
    monkeypatch.setattr(desk.calls.call.player, "play_from", played.append)
    chip = page.rows.rows[1].evidence.chips()[0]
    assert chip.text() == "0:00"
    chip.click()
    page.rows.rows[0].evidence.chips()[0].click()
    assert played == [0.0, 10.0]
    assert desk.calls.is_checking


def test_a_call_that_can_not_be_played_says_so_here(desk: Workspace) -> None:
    page = checked(desk)
    page.rows.rows[0].evidence.chips()[0].click()  # the sound of this call is no sound
    until(lambda: page.notice.isVisible(), what="the reason")
    assert page.notice.text
    assert desk.calls.is_checking


def test_either_side_shows_the_other(desk: Workspace) -> None:
    page = checked(desk)
    cursor = page.field.textCursor()
    cursor.setPosition(MINUTES.index("discount"))
    page.field.setTextCursor(cursor)
    assert [row.property("chosen") for row in page.rows.rows] == [None, "true", None]
    QTest.mouseClick(page.rows.rows[2].statement, Qt.MouseButton.LeftButton)
    assert [row.property("chosen") for row in page.rows.rows] == [None, "false", "true"]
    rest = page.field.textCursor()
    rest.movePosition(QTextCursor.MoveOperation.End, QTextCursor.MoveMode.KeepAnchor)
    assert rest.selectedText().startswith("😀 Priya")
    page.rows.rows[0].sign.click()
    assert page.field.textCursor().position() == 0


def test_an_edited_text_greys_its_verdicts_and_offers_another_check(desk: Workspace) -> None:
    page = checked(desk)
    page.field.insertPlainText("They are late. ")
    assert not page.has_report
    assert not desk.can_run(REPORTS[0])
    assert page.field.extraSelections() == []
    assert {row.sign.property("verdict") for row in page.rows.rows} == {"old"}
    assert page.old.isVisible()
    assert page.check_button.text() == "Check again"
    desk.run(CHECK)
    until(lambda: page.has_report)
    assert len(page.rows.rows) == 4
    assert not page.old.isVisible()


def test_a_renamed_speaker_or_another_transcript_makes_the_verdicts_old(desk: Workspace) -> None:
    page = checked(desk)
    call = desk.calls.open_call_id
    assert call is not None
    desk.session.library.rename(call, "Another title")
    until(lambda: page.old.isVisible())
    assert "The call was changed" in page.old.plain_text()


def test_keys_check_and_escape_closes_and_forgets(desk: Workspace) -> None:
    page = desk.calls.check
    desk.window().activateWindow()
    until(page.field.hasFocus)
    assert not page.check_button.isEnabled()
    QTest.keyClicks(page.field, SAID[1])
    QTest.keyClick(page.field, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    until(lambda: page.has_report)
    assert page.counts.plain_text() == "1 statement: 1 confirmed"
    assert page.field.toPlainText() == SAID[1], "the key types nothing"
    QTest.keyClick(page.field, Qt.Key.Key_Delete)
    assert desk.calls.is_checking
    assert not desk.can_run(DELETE), "a key of the call under it does nothing here"
    desk.escape()
    until(lambda: not desk.calls.is_checking)
    assert desk.calls.has_call
    desk.run(CHECK_TEXT)
    assert page.field.toPlainText() == ""
    assert page.rows.rows == []


def test_a_check_that_runs_is_cancelled_by_escape_and_keeps_the_text(desk: Workspace) -> None:
    page = desk.calls.check
    page.field.setPlainText(MINUTES * 200)
    desk.run(CHECK)
    assert page.cancel_button.isVisible()
    desk.escape()
    assert desk.calls.is_checking
    assert not page.cancel_button.isVisible()
    settle(0.3)
    assert not page.has_report
    assert page.field.toPlainText() == MINUTES * 200


def test_a_report_is_written_where_the_person_says(
    desk: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = checked(desk)
    asked = []

    def answer(_: object, title: str, ending: str, chosen: Callable[[Path], None]) -> None:
        asked.append((title, ending))
        chosen(tmp_path / f"report.{ending}")

    monkeypatch.setattr("app.ui.calls.check_page.ask_where_to_save", answer)
    for report in REPORTS:
        desk.run(report)
        until(lambda: page.notice.text, what="the notice")
        page.notice.hide()
    assert asked == [("Supply contract, checked", "md"), ("Supply contract, checked", "txt")]
    for ending in ("md", "txt"):
        until((tmp_path / f"report.{ending}").is_file)
        assert "1 contradicted" in (tmp_path / f"report.{ending}").read_text("utf-8")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_text_is_opened_from_a_file(desk: Workspace, tmp_path: Path, encoding: str) -> None:
    page, file = desk.calls.check, tmp_path / "minutes.md"
    file.write_bytes("Grüße.\r\nWe pay.\r\n".encode(encoding))
    page.read(file)
    until(lambda: page.field.toPlainText())
    assert page.field.toPlainText() == "Grüße.\nWe pay."
    assert page.name.text() == "minutes.md"


def test_minutes_of_a_word_processor_are_opened_and_damaged_ones_refused(desk: Workspace, tmp_path: Path) -> None:
    page, file = desk.calls.check, tmp_path / "Minutes.docx"
    file.write_bytes(document("".join(paragraph(text(words)) for words in SAID)))
    page.read(file)
    until(lambda: page.field.toPlainText(), what="the text")
    assert page.field.toPlainText() == "\n\n".join(SAID)
    file.write_bytes(file.read_bytes()[:60])
    page.read(file)
    until(lambda: page.notice.text, what="the refusal")
    assert page.field.toPlainText() == "\n\n".join(SAID)


@pytest.mark.parametrize("content", [b"\x00\x01\x02\x00\x00", b"PK\x03\x04\x00\xff", "Grüße".encode("utf-16"), None])
def test_what_is_no_text_is_refused_in_words(desk: Workspace, tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "minutes.txt"
    if content is not None:
        file.write_bytes(content)
    page = desk.calls.check
    page.field.setPlainText("Kept.")
    page.read(file)
    until(lambda: page.notice.text)
    assert page.field.toPlainText() == "Kept."
    with pytest.raises(AssistantError):
        desk.session.checking.read(file)


def test_a_very_long_text_is_cut_and_its_statements_come_a_part_at_a_time(desk: Workspace) -> None:
    page = desk.calls.check
    page.field.show_text("x" * (2 * MOST_CHARACTERS))
    assert len(page.field.toPlainText()) == 20_000
    assert page.notice.text
    checked(desk, "\n\n".join(f"We pay {number} percent more." for number in range(AT_A_TIME + 5)))
    assert len(page.rows.rows) == AT_A_TIME
    assert page.rows.more_button.isVisible()
    page.field.moveCursor(QTextCursor.MoveOperation.End)
    assert page.rows.rows[-1].property("chosen") == "true", "a place further down is laid out when it is asked for"
    assert not page.rows.more_button.isVisible()


def test_the_statement_at_the_caret_is_shown_however_far_down(desk: Workspace) -> None:
    page = checked(desk, "\n\n".join(f"We pay {number} percent more." for number in range(4 * AT_A_TIME)))
    page.field.moveCursor(QTextCursor.MoveOperation.End)
    until(lambda: len(page.rows.rows) == 4 * AT_A_TIME)
    settle(0.1)
    row, seen = page.rows.rows[-1], page.pane.viewport()
    assert row.property("chosen") == "true"
    top = row.mapTo(seen, row.rect().topLeft()).y()
    assert top >= 0
    assert top + row.height() <= seen.height()


def test_a_text_without_statements_says_so(desk: Workspace) -> None:
    page = checked(desk, "# Minutes\n\nWhat was said?")
    assert page.rows.rows == []
    assert "states nothing" in page.counts.plain_text()


def test_nothing_of_the_text_is_stored(desk: Workspace, tacit: Application) -> None:
    page = checked(desk, "Zanzibar is a word of this text alone.")
    assert page.has_report
    window = desk.window()
    assert isinstance(window, MainWindow)
    assert window.session is not None
    window.session.close()
    vault = Vault.open(tacit.vault_folder, PASSPHRASE)
    try:
        for (table,) in vault.rows("select name from sqlite_master where type = 'table'"):
            rows = vault.rows(f'select * from "{table}"')  # noqa: S608 - the vault's own tables
            assert "Zanzibar" not in str([tuple(row) for row in rows])
    finally:
        vault.close()


def test_a_call_without_times_shows_its_lines(
    tacit: Application, show: Callable[[Application], MainWindow], tmp_path: Path
) -> None:
    desk = enter(show(tacit))
    file = tmp_path / "call.txt"
    file.write_text("\n".join(f"{name}: {text}" for name, text in zip(("Ann", "Bob", "Ann"), SAID, strict=True)))
    desk.calls.take_in([file])
    until(lambda: desk.calls.call.call is not None and desk.calls.call.transcript.lines.rowCount())
    assert desk.calls.call.call is not None
    assert desk.calls.call.call.layout is Layout.WRITTEN
    desk.run(CHECK_TEXT)
    page = checked(desk)
    chip = page.rows.rows[1].evidence.chips()[0]
    assert chip.text() == "line 1"
    assert page._checked is not None
    report = report_text(*page._checked)
    assert f"[line 2] Bob: {SAID[1]}" in report
    assert "0:00" not in report
    chip.click()
    assert not desk.calls.is_checking, "the line is shown in the transcript"
    desk.run(CHECK_TEXT)
    assert page.field.toPlainText() == MINUTES, "and the text is still there"


def test_every_control_has_a_name(desk: Workspace) -> None:
    page = checked(desk)
    assert all(widget.accessibleName() for widget in everything(page) if widget.isVisible())
    assert page.rows.rows[1].sign.accessibleName().startswith("The call says otherwise: They offered")
