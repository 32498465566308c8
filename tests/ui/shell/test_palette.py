"""Search everything: by keys and by mouse, from any page, to the line or message that was found."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest

from app.core.conversation import Conversation, Message, Role
from app.core.found import FoundGroup, Place
from app.core.ids import CallId, new_conversation_id
from app.services.application import Application
from app.ui.calls.page import PAGE as CALLS
from app.ui.chats.page import PAGE as CHATS
from app.ui.shell.palette import Palette, visible_part
from app.ui.shell.workspace import Workspace
from app.ui.style.theme import Theme
from tests.ui.doubles import SessionDouble, as_tacit
from tests.ui.example_calls import call
from tests.ui.stage import close, enter, settle, shown, until

Show = Callable[[Application], object]


@pytest.fixture
def desk(show: Show) -> Workspace:
    """A desk with two calls and a chat of forty messages."""
    session = SessionDouble()
    session.library.add(call("Supply contract"))
    session.library.add(call("Kitchen renovation", lines=2))
    messages = tuple(
        Message(Role.USER if n % 2 == 0 else Role.ASSISTANT, f"Something long about {word} {n}. " * 8)
        for n, word in enumerate(["pallets"] * 20 + ["insurance"] + ["pallets"] * 19)
    )
    chat = Conversation(new_conversation_id(), "What is insured?", datetime.now(UTC), None, messages)
    session.answering.kept[chat.id] = chat
    made = enter(show(as_tacit(session)))  # type: ignore[arg-type]
    until(lambda: len(made.calls.list.rows.rows) == 2)
    made.show_page(CHATS)
    return made


def searched(desk: Workspace, words: str) -> Palette:
    QTest.keySequence(desk, "Ctrl+K")
    palette = desk.palette_card
    assert palette.isVisible()
    QTest.keyClicks(palette.field, words)
    until(lambda: not palette._timer.isActive() and not palette._is_searching, what="the search")
    return palette


def texts(palette: Palette) -> list[str]:
    return [row.text for row in palette.rows.rows]


def current(palette: Palette) -> str:
    return palette.rows.rows[palette.list.currentIndex().row()].text


class Close:
    """What is close in meaning, found once it may go on."""

    def __init__(self, group: FoundGroup) -> None:
        self._group = group
        self.may_go_on = threading.Event()

    def grouped(self, query: str) -> list[FoundGroup]:
        self.may_go_on.wait(20)
        return [self._group]


def test_words_are_shown_at_once_and_what_is_close_in_meaning_below_them(desk: Workspace) -> None:
    palette = desk.palette_card
    call = next(row for row in desk.calls.list.rows.rows if row.title == "Kitchen renovation")
    line = desk.calls._services.library.transcript(CallId(call.call)).utterances[1]
    said = Place("The worktop costs too much.", (), line.id, line.start)
    close = Close(FoundGroup("related", call.call, "Kitchen renovation", datetime.now(UTC), (), (said,)))
    palette._sources = (*palette._sources, close)
    QTest.keySequence(desk, "Ctrl+K")
    QTest.keyClicks(palette.field, "price")
    until(lambda: "Calls" in texts(palette), what="the words")
    assert "Close in meaning" not in texts(palette)
    QTest.keyClick(palette.field, Qt.Key.Key_Down)
    chosen = current(palette)
    close.may_go_on.set()
    until(lambda: "Close in meaning" in texts(palette), what="the meaning")
    assert texts(palette).index("Calls") < texts(palette).index("Close in meaning")
    assert current(palette) == chosen, "what was chosen stays chosen"
    row = next(n for n, row in enumerate(palette.rows.rows) if row.text == "The worktop costs too much.")
    palette._open(row)
    until(lambda: desk.is_shown(CALLS) and desk.calls.call.call is not None)
    assert desk.calls.call.call.id == call.call  # type: ignore[union-attr]


def test_enter_opens_what_has_the_words_without_waiting_for_meaning(desk: Workspace) -> None:
    palette = desk.palette_card
    close = Close(FoundGroup("related", "0", "Nothing", datetime.now(UTC)))
    palette._sources = (*palette._sources, close)
    QTest.keySequence(desk, "Ctrl+K")
    QTest.keyClicks(palette.field, "price")
    QTest.keyClick(palette.field, Qt.Key.Key_Return)
    until(lambda: palette.isHidden() and desk.is_shown(CALLS), what="the call")
    close.may_go_on.set()


def test_it_opens_over_any_page_and_helps_while_it_is_empty(desk: Workspace) -> None:
    QTest.keySequence(desk, "Ctrl+K")
    palette = desk.palette_card
    assert desk.is_shown(CHATS), "nothing behind it changes"
    assert palette.field.hasFocus()
    assert palette.words.plain_text().startswith("Type words that were said, asked, answered or noted.")
    assert palette.list.isHidden()
    QTest.keySequence(desk, "Escape")
    assert palette.isHidden()
    assert desk.is_shown(CHATS)


def test_what_is_found_is_grouped_and_dated_and_the_arrow_keys_pass_headings(desk: Workspace) -> None:
    palette = searched(desk, "price")
    rows = palette.rows.rows
    assert [row.text for row in rows if row.is_heading] == ["Calls", "Ask"]
    groups = [row for row in rows if row.group is not None and row.place is None and row.aside]
    assert {row.text for row in groups} == {"Supply contract", "Kitchen renovation"}
    assert all(row.aside.startswith("Call, ") for row in groups)
    line = next(row for row in rows if row.place is not None)
    assert [line.text[start:end] for start, end in line.spans] == ["price"]
    assert palette.list.currentIndex().row() == 1, "the heading is passed over"
    seen = [current(palette)]
    for _ in range(len(rows)):
        QTest.keyClick(palette.field, Qt.Key.Key_Down)
        seen.append(current(palette))
    assert seen[-1] == "Ask about «price»"
    assert not {"Calls", "Ask"} & set(seen)
    for _ in range(len(rows)):
        QTest.keyClick(palette.field, Qt.Key.Key_Up)
    assert palette.list.currentIndex().row() == 1


def test_enter_opens_the_line_that_was_found(desk: Workspace) -> None:
    palette = searched(desk, "damaged")
    QTest.keyClick(palette.field, Qt.Key.Key_Down)
    QTest.keyClick(palette.field, Qt.Key.Key_Return)
    assert palette.isHidden()
    assert desk.is_shown(CALLS)
    page = desk.calls.call
    until(lambda: page.call is not None and page.transcript.marked_row == 1)
    assert page.player.position == 10.0


def test_enter_at_once_opens_what_the_words_find(desk: Workspace) -> None:
    QTest.keySequence(desk, "Ctrl+K")
    QTest.keyClicks(desk.palette_card.field, "kitchen")
    QTest.keyClick(desk.palette_card.field, Qt.Key.Key_Return)
    until(lambda: desk.calls.call.call is not None)
    assert desk.calls.call.call is not None
    assert desk.calls.call.call.title == "Kitchen renovation"


def test_a_click_opens_the_message_that_was_found(desk: Workspace) -> None:
    palette = searched(desk, "insurance")
    row = next(n for n, one in enumerate(palette.rows.rows) if one.place is not None)
    point = palette.list.visualRect(palette.rows.index(row)).center()
    QTest.mouseClick(palette.list.viewport(), Qt.MouseButton.LeftButton, pos=point)
    assert desk.is_shown(CHATS)
    view = desk.chats.conversation
    until(lambda: len(view._messages) == 40 and view._first <= 20)
    settle(0.3)
    message = view._widgets[20 - view._first]
    top = message.mapTo(view.pane.viewport(), QPoint(0, 0)).y()
    assert -5 <= top < view.pane.viewport().height(), "it is in sight, not the end of the chat"


def test_nothing_found_says_what_to_try_and_offers_to_ask(desk: Workspace) -> None:
    palette = searched(desk, "zanzibar")
    assert palette.words.plain_text().startswith("Nothing was found.")
    assert texts(palette) == ["Ask", "Ask about «zanzibar»"]
    QTest.keyClick(palette.field, Qt.Key.Key_Return)
    assert desk.is_shown(CHATS)
    assert desk.chats.composer.field.toPlainText() == "zanzibar"
    assert desk.chats.current is None, "it is not sent"


def test_commands_are_found_by_their_names(desk: Workspace) -> None:
    palette = searched(desk, "import")
    row = next(one for one in palette.rows.rows if one.command is not None)
    assert (row.text, row.aside) == ("Import…", "Ctrl O")


def test_a_click_beside_it_closes_it_and_its_words_stay(desk: Workspace) -> None:
    palette = searched(desk, "price")
    QTest.mouseClick(palette, Qt.MouseButton.LeftButton, pos=QPoint(5, palette.height() - 5))
    assert palette.isHidden()
    QTest.keySequence(desk, "Ctrl+K")
    assert palette.field.selectedText() == "price"


def test_find_in_calls_has_keys_of_its_own(desk: Workspace) -> None:
    QTest.keySequence(desk, "Ctrl+F")
    assert desk.is_shown(CALLS)
    assert desk.calls.search.hasFocus()


@pytest.mark.parametrize("width", [120, 300, 900])
def test_a_long_line_is_cut_so_that_the_found_word_is_seen(theme: Theme, width: int) -> None:
    text = "well " * 60 + "the insurance papers " + "and so on " * 60
    start = text.index("insurance")
    shown, spans = visible_part(text, [(start, start + 9)], width, theme.font(13))
    assert [shown[begin:end] for begin, end in spans] == ["insurance"]
    assert shown.startswith("…")


@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_it_is_whole_where_the_window_is_small(screen: object, scale: float) -> None:
    session = SessionDouble()
    session.library.add(call("Supply contract"))
    window = shown(as_tacit(session), scale)
    try:
        window.resize(640, 480)
        desk = enter(window)
        QTest.keySequence(desk, "Ctrl+K")
        settle(0.2)
        card = desk.palette_card.card
        corner = card.mapTo(window, QPoint(0, 0))
        assert window.rect().contains(QRect(corner, card.size()))
    finally:
        close(window)
