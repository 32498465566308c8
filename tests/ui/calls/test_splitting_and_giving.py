"""Lines are split, joined, removed and given to others by keys alone, undone and redone, and nothing typed is lost."""

from collections.abc import Callable

import msgspec
import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QLineEdit, QPushButton

from app.core.change import Change
from app.core.errors import AssistantError
from app.core.transcript import names_of
from app.services.application import Application
from app.ui.calls.call_page import CallPage
from app.ui.calls.commands import GIVE, REPLACE
from app.ui.calls.giving_dialog import GivingDialog
from app.ui.calls.line_words import LineWords
from app.ui.calls.replace_dialog import ReplaceDialog
from app.ui.main_window import MainWindow
from app.ui.shell.workspace import Workspace
from tests.ui.calls.test_correcting import REDO, UNDO, choose, field, press, said
from tests.ui.doubles import SessionDouble, as_tacit
from tests.ui.example_calls import call
from tests.ui.stage import enter, settle, until

Show = Callable[[Application], MainWindow]
CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def session() -> SessionDouble:
    return SessionDouble()


@pytest.fixture
def page(show: Show, session: SessionDouble) -> CallPage:
    """The page of a call of six lines, by turns on two tracks."""
    one = session.library.add(call("Supply contract"))
    desk = enter(show(as_tacit(session)))
    desk.calls.open(one.id)
    made: CallPage = desk.calls.call
    until(lambda: made.transcript.lines.rowCount() == 6)
    settle(0.2)
    return made


def texts(page: CallPage) -> list[str]:
    lines = page.transcript.lines
    return [lines.utterance(row).text for row in range(lines.rowCount())]


def stored(page: CallPage, session: SessionDouble) -> list[str]:
    call_id = page.open_call_id
    assert call_id is not None
    return [line.text for line in session.library.transcript(call_id).utterances]


def settled(page: CallPage, session: SessionDouble) -> list[str]:
    """What is shown once all is written and read again."""
    until(lambda: not page.changes.unsaved() and texts(page) == stored(page, session), what="that it is written")
    settle(0.5)
    assert texts(page) == stored(page, session), "and stays so"
    return texts(page)


def words_of(page: CallPage) -> LineWords:
    words = page.transcript.words
    assert words is not None
    return words


def split_at(page: CallPage, row: int, words: int) -> None:
    """Put the cursor behind some words of a line by keys, and press Enter."""
    choose(page, row)
    typed = field(page)
    QTest.keyClick(typed, Qt.Key.Key_Home, CONTROL)
    for _ in " ".join(said(page, row).split()[:words]):
        QTest.keyClick(typed, Qt.Key.Key_Right)
    QTest.keyClick(typed, Qt.Key.Key_Return)


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
    assert said(page, 0)


def hold_backspace(words: LineWords, times: int) -> None:
    """As a keyboard does it: one press, which then repeats by itself."""
    for number in range(times):
        kind, key = QEvent.Type.KeyPress, Qt.Key.Key_Backspace
        QApplication.sendEvent(words, QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier, "", number > 0))


def test_backspace_held_until_a_line_is_empty_takes_nothing_of_the_one_before(
    page: CallPage, session: SessionDouble
) -> None:
    before = texts(page)
    choose(page, 3)
    typed = field(page)
    hold_backspace(typed, len(before[3]) + 20)
    assert page.transcript.words is typed
    assert typed.toPlainText() == ""
    QTest.keyClick(typed, Qt.Key.Key_Return)
    assert settled(page, session) == [*before[:3], *before[4:]]


def test_what_is_typed_in_the_second_half_stands_in_the_line_again_if_it_was_not_split(
    page: CallPage, session: SessionDouble
) -> None:
    before = texts(page)
    choose(page, 2)
    typed = field(page)
    QTest.keyClick(typed, Qt.Key.Key_Home, CONTROL)
    for _ in before[2].split()[0]:
        QTest.keyClick(typed, Qt.Key.Key_Right)
    session.library.error = AssistantError("The disk is full.", "Nothing was changed.")
    QTest.keyClick(typed, Qt.Key.Key_Return)
    QTest.keyClicks(words_of(page), "Typed since. ")
    until(lambda: "The disk is full." in page.line_notice.text, what="the error")
    until(lambda: page.transcript.typed_in == page.transcript.lines.utterance(2).id, what="the field on the line")
    first, rest = before[2].split(" ", 1)
    assert words_of(page).toPlainText() == f"{first} Typed since. {rest}"
    session.library.error = None
    QTest.keyClick(words_of(page), Qt.Key.Key_End, CONTROL)
    QTest.keyClick(words_of(page), Qt.Key.Key_Return)
    assert settled(page, session)[2] == f"{first} Typed since. {rest}"


def test_a_field_opened_again_in_itself_holds_what_was_typed(page: CallPage, session: SessionDouble) -> None:
    before = texts(page)
    choose(page, 1)
    QTest.keyClicks(field(page), " And more.")
    page.transcript.begin_correction()
    QTest.keyClicks(words_of(page), " And more than that.")
    QTest.keyClick(words_of(page), Qt.Key.Key_Return)
    assert settled(page, session)[1] == f"{before[1]} And more. And more than that."


def test_what_is_heard_behind_a_line_meanwhile_is_in_its_second_half(page: CallPage, session: SessionDouble) -> None:
    before = texts(page)
    choose(page, 5)
    typed = field(page)
    QTest.keyClick(typed, Qt.Key.Key_Home, CONTROL)
    for _ in before[5].split()[0]:
        QTest.keyClick(typed, Qt.Key.Key_Right)
    call_id = page.open_call_id
    assert call_id is not None
    known = session.library.transcripts[call_id]
    grown = msgspec.structs.replace(known.utterances[5], text=f"{before[5]} Heard since.")
    session.library.transcripts[call_id] = msgspec.structs.replace(known, utterances=(*known.utterances[:5], grown))
    session.library.publish(Change("transcript", call_id))
    until(lambda: texts(page)[5].endswith("Heard since."), what="the line as it went on")
    QTest.keyClick(words_of(page), Qt.Key.Key_Return)
    QTest.keyClick(words_of(page), Qt.Key.Key_Escape)
    first, second = before[5].split(" ", 1)
    assert settled(page, session)[5:] == [first, f"{second} Heard since."]


def test_the_same_change_made_twice_is_undone_twice(page: CallPage, session: SessionDouble) -> None:
    lines = page.transcript.lines
    choose(page, 2)
    found = []
    for key in (Qt.Key.Key_2, Qt.Key.Key_1, Qt.Key.Key_2, Qt.Key.Key_1):
        found.append(lines.utterance(2).speaker)
        QTest.keyClick(page.transcript, key, CONTROL)
    settled(page, session)
    while page.changes.can_undo:
        press(page, UNDO)
        settled(page, session)
    assert lines.utterance(2).speaker == found[0]
    assert page.line_notice.text.startswith("Undone.")


def test_an_undo_before_the_change_failed_is_no_second_fault(page: CallPage, session: SessionDouble) -> None:
    before = texts(page)
    session.library.error = AssistantError("The disk is full.", "Nothing was changed.")
    choose(page, 1)
    typed = field(page)
    QTest.keyClicks(typed, " Typed.")
    QTest.keyClick(typed, Qt.Key.Key_Return)
    press(page, UNDO)
    until(lambda: page.transcript.words is not None, what="what was typed, in its field")
    assert words_of(page).toPlainText() == f"{before[1]} Typed."
    session.library.error = None
    QTest.keyClick(words_of(page), Qt.Key.Key_Escape)
    assert settled(page, session) == before


def with_one_start(page: CallPage, session: SessionDouble, end: float) -> None:
    """All lines begin at once, as those of a text do that has no times, or whole minutes."""
    call_id = page.open_call_id
    assert call_id is not None
    known = session.library.transcripts[call_id]
    lines = tuple(msgspec.structs.replace(line, start=0.0, end=end, track=0) for line in known.utterances)
    session.library.transcripts[call_id] = msgspec.structs.replace(known, utterances=lines)
    session.library.publish(Change("transcript", call_id))
    until(lambda: page.transcript.lines.utterance(5).end == end, what="the text")


def test_lines_that_begin_at_one_time_keep_their_order(page: CallPage, session: SessionDouble) -> None:
    with_one_start(page, session, 60.0)
    before = texts(page)
    split_at(page, 2, 1)
    until(lambda: "Several lines begin at this time." in page.line_notice.text, what="why not")
    until(lambda: page.transcript.words is not None, what="the field again")
    QTest.keyClick(words_of(page), Qt.Key.Key_Escape)
    choose(page, 1)
    QTest.keyClick(page.transcript, Qt.Key.Key_3, CONTROL)
    assert texts(page) == before, "at once"
    assert page.transcript.current_row == 1


def test_a_line_that_is_gone_shows_what_was_typed(page: CallPage, session: SessionDouble) -> None:
    choose(page, 2)
    typed = field(page)
    QTest.keyClicks(typed, " Typed.")
    call_id = page.open_call_id
    assert call_id is not None
    known = session.library.transcripts[call_id]
    lines = (*known.utterances[:2], *known.utterances[3:])
    session.library.transcripts[call_id] = msgspec.structs.replace(known, utterances=lines)
    session.library.publish(Change("transcript", call_id))
    until(lambda: "You wrote: «" in page.line_notice.text, what="what was typed")
    assert "Typed." in page.line_notice.text
