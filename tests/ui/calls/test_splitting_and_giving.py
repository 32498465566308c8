"""Lines are split, joined, removed and given to others by keys alone, undone and redone, and nothing typed is lost."""

import msgspec
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QLineEdit, QPushButton

from app.core.change import Change
from app.core.errors import AssistantError
from app.core.transcript import names_of
from app.ui.calls.call_page import CallPage
from app.ui.calls.commands import GIVE, REPLACE
from app.ui.calls.giving_dialog import GivingDialog
from app.ui.calls.replace_dialog import ReplaceDialog
from app.ui.shell.workspace import Workspace
from tests.ui.calls.edited_call import settled, split_at, texts, words_of
from tests.ui.calls.test_correcting import CONTROL, REDO, UNDO, choose, field, press
from tests.ui.doubles import SessionDouble
from tests.ui.example_calls import call
from tests.ui.stage import until


def test_enter_between_words_splits_and_the_person_types_on_in_the_second(
    page: CallPage, session: SessionDouble
) -> None:
    before = texts(page)
    first, second = before[2].split(" ", 2)[:2], before[2].split(" ", 2)[2]
    split_at(page, 2, 2)
    assert texts(page) == [*before[:2], " ".join(first), second, *before[3:]]
    typed = words_of(page)
    assert (typed.toPlainText(), typed.textCursor().position()) == (second, 0)
    assert typed.hasFocus()
    QTest.keyClicks(typed, "Well, ")
    QTest.keyClick(typed, Qt.Key.Key_End, CONTROL)
    QTest.keyClick(typed, Qt.Key.Key_Return)
    assert settled(page, session) == [*before[:2], " ".join(first), f"Well, {second}", *before[3:]]
    assert page.transcript.words is None
    press(page, UNDO)
    press(page, UNDO)
    assert settled(page, session) == before
    press(page, REDO)
    press(page, REDO)
    assert settled(page, session)[3] == f"Well, {second}"


def test_what_was_typed_before_is_split_too(page: CallPage, session: SessionDouble) -> None:
    before = texts(page)
    choose(page, 1)
    typed = field(page)
    typed.selectAll()
    QTest.keyClicks(typed, "First. Second.")
    for _ in range(len("Second.")):
        QTest.keyClick(typed, Qt.Key.Key_Left)
    QTest.keyClick(typed, Qt.Key.Key_Return)
    QTest.keyClick(words_of(page), Qt.Key.Key_Escape)
    assert settled(page, session) == [before[0], "First.", "Second.", *before[2:]]
    press(page, UNDO)
    assert settled(page, session) == before


def test_backspace_at_the_start_joins_with_the_line_before_of_the_same_side(
    page: CallPage, session: SessionDouble
) -> None:
    before = texts(page)
    lines = page.transcript.lines
    assert lines.utterance(2).track != lines.utterance(3).track == lines.utterance(1).track
    choose(page, 3)
    typed = field(page)
    QTest.keyClick(typed, Qt.Key.Key_Home, CONTROL)
    QTest.keyClick(typed, Qt.Key.Key_Backspace)
    joined = f"{before[1]} {before[3]}"
    typed = words_of(page)
    assert (typed.toPlainText(), typed.textCursor().position()) == (joined, len(before[1]) + 1)
    QTest.keyClick(typed, Qt.Key.Key_Escape)
    assert settled(page, session) == [before[0], joined, before[2], *before[4:]]
    press(page, UNDO)
    assert settled(page, session) == before


def test_the_first_line_is_joined_to_nothing_and_keeps_what_was_typed(page: CallPage) -> None:
    choose(page, 0)
    typed = field(page)
    QTest.keyClick(typed, Qt.Key.Key_Home, CONTROL)
    QTest.keyClicks(typed, "Well ")
    QTest.keyClick(typed, Qt.Key.Key_Home, CONTROL)
    QTest.keyClick(typed, Qt.Key.Key_Backspace)
    assert words_of(page).toPlainText().startswith("Well ")
    assert words_of(page).hasFocus()


def test_enter_in_an_emptied_line_removes_it_and_leaving_it_does_not(page: CallPage, session: SessionDouble) -> None:
    before = texts(page)
    choose(page, 4)
    typed = field(page)
    typed.selectAll()
    QTest.keyClick(typed, Qt.Key.Key_Backspace)
    choose(page, 1)
    page.transcript.finish_words()
    assert settled(page, session) == before, "going elsewhere"
    choose(page, 4)
    typed = field(page)
    typed.selectAll()
    QTest.keyClick(typed, Qt.Key.Key_Backspace)
    QTest.keyClick(typed, Qt.Key.Key_Return)
    assert settled(page, session) == [*before[:4], before[5]]
    assert "The line was removed." in page.line_notice.text
    press(page, UNDO)
    assert settled(page, session) == before


def test_ctrl_and_a_number_give_the_chosen_lines_to_a_speaker_old_or_new(
    page: CallPage, session: SessionDouble
) -> None:
    lines = page.transcript.lines
    you, them = lines.speakers
    choose(page, 1)
    QTest.keyClick(page.transcript, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(page.transcript, Qt.Key.Key_1, CONTROL)
    settled(page, session)
    assert [lines.utterance(row).speaker for row in (1, 2)] == [you.id, you.id]
    QTest.keyClick(page.transcript, Qt.Key.Key_3, CONTROL)
    settled(page, session)
    assert names_of(lines.speakers) == (you.name, them.name, "Speaker 3")
    assert [lines.name(row) for row in (1, 2)] == ["Speaker 3", "Speaker 3"]
    inks = {lines.name(row): lines.ink(row) for row in range(lines.rowCount())}
    assert len(set(inks.values())) == len(inks), "each has a colour of their own"
    QTest.keyClick(page.transcript, Qt.Key.Key_9, CONTROL)
    until(lambda: "The call has 3 speakers." in page.line_notice.text, what="why not")
    press(page, UNDO)
    settled(page, session)
    assert lines.speakers == (you, them)
    assert [lines.utterance(row).speaker for row in (1, 2)] == [you.id, you.id]


def test_ctrl_and_a_number_while_typing_keep_what_was_typed(page: CallPage, session: SessionDouble) -> None:
    choose(page, 1)
    typed = field(page)
    QTest.keyClicks(typed, " And more.")
    QTest.keyClick(typed, Qt.Key.Key_1, CONTROL)
    assert settled(page, session)[1].endswith("And more.")
    assert page.transcript.lines.utterance(1).speaker == page.transcript.lines.speakers[0].id
    until(page.transcript.hasFocus, what="the keys are the list's again")


def dialog(page: CallPage) -> GivingDialog:
    found = page.window().findChildren(GivingDialog)
    assert len(found) == 1
    return found[0]


def test_who_says_a_line_can_be_chosen_and_somebody_new_be_named(page: CallPage, session: SessionDouble) -> None:
    desk = page.window().findChild(Workspace)
    assert desk is not None
    choose(page, 1)
    QTest.keyClicks(field(page), " And more.")
    desk.run(GIVE)
    question = dialog(page)
    lines = page.transcript.lines
    other = next(n for n, one in enumerate(lines.speakers) if one.id != lines.utterance(1).speaker)
    assert question.speakers.currentIndex() == other, "the one who does not say it yet"
    assert not question.name.isVisible()
    question.speakers.setCurrentIndex(2)
    assert question.name.isVisible()
    assert isinstance(question.name, QLineEdit)
    question.name.setText("  Dr.\nWeber ")
    question.accept()
    settled(page, session)
    assert page.transcript.lines.name(1) == "Dr. Weber"
    assert texts(page)[1].endswith(" And more."), "what was typed is kept"


def test_words_are_replaced_in_all_calls_and_that_is_undone(page: CallPage, session: SessionDouble) -> None:
    other = session.library.add(call("Another"))
    before = texts(page)
    word = before[2].split()[1]
    desk = page.window().findChild(Workspace)
    assert desk is not None
    desk.run(REPLACE)
    (question,) = page.window().findChildren(ReplaceDialog)
    assert not question.yes_button.isEnabled()
    old, new = question.findChildren(QLineEdit)
    old.setText(f" {word} ")
    new.setText("Zebedee")
    question.findChildren(QCheckBox)[0].setChecked(True)
    QTest.keyClick(new, Qt.Key.Key_Return)
    until(lambda: "Replaced in" in page.line_notice.text, what="what was done")
    assert settled(page, session)[2] == before[2].replace(word, "Zebedee")
    assert "of 2 calls" in page.line_notice.text
    assert "Zebedee" in session.library.transcripts[other.id].utterances[2].text
    next(one for one in page.line_notice.findChildren(QPushButton) if one.text() == "Undo").click()
    assert settled(page, session) == before
    until(lambda: "Zebedee" not in session.library.transcripts[other.id].utterances[2].text, what="the other call")
    page.window().activateWindow()
    desk.run(REPLACE)
    question = page.window().findChildren(ReplaceDialog)[-1]
    question.findChildren(QLineEdit)[0].setText("no such words")
    question.accept()
    until(lambda: "Nothing was replaced." in page.line_notice.text, what="that nothing was")


def test_what_could_not_be_written_stands_in_its_field_again(page: CallPage, session: SessionDouble) -> None:
    before = texts(page)
    choose(page, 2)
    typed = field(page)
    QTest.keyClick(typed, Qt.Key.Key_Home, CONTROL)
    QTest.keyClicks(typed, "Well then ")
    session.library.error = AssistantError("The disk is full.", "Nothing was changed.")
    QTest.keyClick(typed, Qt.Key.Key_Return)
    until(lambda: "The disk is full." in page.line_notice.text, what="the error")
    until(lambda: texts(page) == before, what="the lines as they are")
    until(lambda: page.transcript.words is not None, what="the field again")
    assert words_of(page).toPlainText() == f"Well then {before[2]}"
    assert not page.changes.can_undo


def test_a_text_without_times_is_not_split_and_keeps_what_was_typed(page: CallPage, session: SessionDouble) -> None:
    call_id = page.open_call_id
    assert call_id is not None
    known = session.library.transcripts[call_id]
    lines = tuple(msgspec.structs.replace(line, start=0.0, end=0.0) for line in known.utterances)
    session.library.transcripts[call_id] = msgspec.structs.replace(known, utterances=lines)
    session.library.publish(Change("transcript", call_id))
    until(lambda: page.transcript.lines.utterance(0).end == 0, what="the text without times")
    before = texts(page)
    split_at(page, 2, 2)
    until(lambda: "A line without a time can't be split." in page.line_notice.text, what="why not")
    until(lambda: page.transcript.words is not None, what="the field again")
    assert words_of(page).toPlainText() == before[2]
    assert settled(page, session) == before


def test_a_change_that_fits_no_more_is_not_offered_to_be_undone_for_ever(
    page: CallPage, session: SessionDouble
) -> None:
    split_at(page, 2, 1)
    QTest.keyClick(words_of(page), Qt.Key.Key_Escape)
    settled(page, session)
    call_id = page.open_call_id
    assert call_id is not None
    known = session.library.transcripts[call_id]
    other = msgspec.structs.replace(known.utterances[2], text="Heard anew.")
    lines = (*known.utterances[:2], other, *known.utterances[3:])
    session.library.transcripts[call_id] = msgspec.structs.replace(known, utterances=lines)
    press(page, UNDO)
    until(lambda: "The line was changed meanwhile." in page.line_notice.text, what="why not")
    assert settled(page, session)[2] == "Heard anew."
    assert not page.changes.can_undo


def test_the_keys_are_told_only_while_somebody_types(page: CallPage) -> None:
    assert not page.typing_keys.isVisible()
    choose(page, 0)
    typed = field(page)
    assert page.typing_keys.isVisible()
    QTest.keyClick(typed, Qt.Key.Key_Escape)
    assert not page.typing_keys.isVisible()
