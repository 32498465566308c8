"""What a call's page says of how its recording was read, and of what was made from an earlier transcript."""

from collections.abc import Callable
from datetime import UTC, datetime

import msgspec
import pytest
from PySide6.QtTest import QTest

from app.core.call import TEXT_CODEC, Survey
from app.core.conversation import Citation, Conversation, Message, Role
from app.core.ids import new_conversation_id
from app.core.transcript import Layout
from app.services.application import Application
from app.ui.calls.calls_page import CallsPage
from app.ui.main_window import MainWindow
from app.ui.widgets.rich_text import RichText
from tests.ui.doubles import SessionDouble, as_tacit
from tests.ui.example_calls import call, line_id
from tests.ui.stage import enter, everything, settle, until

Show = Callable[[Application], MainWindow]
PLAIN = Survey(60.0, 1, (-20.0,), 1.0, b"", False, "pcm")
NOTES = {
    "This recording is very quiet": {"is_quiet": True},
    "This file goes on after what its header counts": {"goes_on": True},
    "One more sound track of this file could not be read.": {"unread_tracks": 1},
    "3 more sound tracks of this file could not be read.": {"unread_tracks": 3},
}


def words_of(page: CallsPage) -> list[str]:
    return [shown.plain_text() for shown in everything(page) if isinstance(shown, RichText)]


@pytest.mark.parametrize(("note", "facts"), NOTES.items(), ids=range(len(NOTES)))
def test_how_a_recording_was_read_is_said_of_its_call_alone(show: Show, note: str, facts: dict[str, int]) -> None:
    session = SessionDouble()
    odd, plain = session.library.add(call("Odd")), session.library.add(call("Plain"))
    session.library.surveys |= {odd.id: msgspec.structs.replace(PLAIN, **facts), plain.id: PLAIN}
    page = enter(show(as_tacit(session))).calls
    page.open(odd.id)
    until(lambda: any(words.startswith(note) for words in words_of(page)), what="the note")
    page.open(plain.id)
    assert page.call.header.notes.isHidden(), "the note of the call before"
    until(lambda: page.call.call is not None, what="the other call")
    settle(0.3)
    assert page.call.header.notes.isHidden()


def test_a_call_that_came_as_text_says_so_and_has_no_player(show: Show) -> None:
    session = SessionDouble()
    text = session.library.add(msgspec.structs.replace(call("Text"), layout=Layout.WRITTEN))
    sound = session.library.add(call("Sound"))
    session.library.surveys |= {text.id: msgspec.structs.replace(PLAIN, codec=TEXT_CODEC), sound.id: PLAIN}
    page = enter(show(as_tacit(session))).calls
    page.open(text.id)
    until(lambda: "This call came as text and has no sound." in words_of(page), what="the sentence")
    until(page.call.player_panel.isHidden, what="no player")
    page.call.side.play_wanted.emit(page.call.transcript.lines.utterance(2).start + 0.01)
    settle(0.1)
    assert page.call.transcript.marked_row == 2
    page.call.side.line_wanted.emit(page.call.transcript.lines.utterance(1).id)
    settle(0.1)
    assert page.call.transcript.marked_row == 1
    page.open(sound.id)
    until(lambda: not page.call.player_panel.isHidden(), what="the player of another call")


def test_a_summary_from_an_earlier_transcript_says_so_until_it_is_written_anew(show: Show) -> None:
    session = SessionDouble()
    one = session.library.add(msgspec.structs.replace(call("One"), has_earlier_summary=True))
    page = enter(show(as_tacit(session))).calls
    page.open(one.id)
    until(lambda: "Written from an earlier transcript." in words_of(page), what="the mark")
    session.library._change(one.id, has_earlier_summary=False)
    until(lambda: "Written from an earlier transcript." not in words_of(page), what="the summary without it")
    until(lambda: "Written by double." in words_of(page), what="who wrote it")


@pytest.mark.parametrize("is_earlier", [True, False])
def test_an_answer_from_an_earlier_transcript_says_so(show: Show, is_earlier: bool) -> None:
    session = SessionDouble()
    one = session.library.add(call("One"))
    cited = Citation(one.id, line_id(6), 50.0, 55.0, 6, is_earlier=is_earlier)
    said = Message(Role.USER, "When?"), Message(Role.ASSISTANT, "By Friday [6].", (cited,))
    about = Conversation(new_conversation_id(), "When?", datetime.now(UTC), one.id, said)
    session.answering.kept[about.id] = about
    page = enter(show(as_tacit(session))).calls
    page.open(one.id)
    QTest.qWait(1)
    side = page.call.side
    note = "From an earlier transcript: the call was transcribed anew since."

    def shown() -> list[str]:
        return [words.plain_text() for words in side.conversation.findChildren(RichText)]

    until(lambda: any("By Friday" in words for words in shown()), what="the answer")
    assert [note in words for words in shown()].count(True) == is_earlier
