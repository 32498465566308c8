"""Nothing that a person types in a line is lost, whatever happens to the line meanwhile."""

import msgspec
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.core.change import Change
from app.core.errors import AssistantError
from app.ui.calls.call_page import CallPage
from app.ui.calls.line_words import LineWords
from tests.ui.calls.edited_call import cursor_behind, settled, split_at, texts, words_of
from tests.ui.calls.test_correcting import CONTROL, UNDO, choose, field, press
from tests.ui.doubles import SessionDouble
from tests.ui.example_calls import call
from tests.ui.stage import until


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
    typed = cursor_behind(page, 2, 1)
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
    cursor_behind(page, 5, 1)
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


def test_what_was_not_taken_in_another_call_is_saved_at_a_lock_too(page: CallPage, session: SessionDouble) -> None:
    first = page.open_call_id
    other = session.library.add(call("Another"))
    session.library.error = AssistantError("The disk is full.", "Nothing was changed.")
    choose(page, 1)
    QTest.keyClicks(field(page), " Typed.")
    page.open(other.id)
    until(lambda: "The disk is full." in page.line_notice.text, what="the error")
    (unsaved,) = page.unsaved_changes()
    assert (unsaved.call, unsaved.after[0].text[-7:]) == (first, " Typed.")
