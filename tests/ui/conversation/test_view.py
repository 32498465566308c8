"""A conversation in its column: where it is scrolled to, what is made of it, and that nothing holds the window."""

import gc
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import msgspec
import pytest
from PySide6.QtWidgets import QAbstractSlider, QApplication

from app.core.conversation import Citation, Conversation, Mark, Message, Role
from app.core.ids import CallId, ConversationId, UtteranceId
from app.ui.conversation.source_cards import Source
from app.ui.conversation.view import ConversationView
from app.ui.style.theme import Theme
from app.ui.widgets.rich_text import RichText
from tests.ui.stage import settle, until

MOST_STALL = 0.1  # seconds of this thread's own time
SHORT = "We renew for **two years** [4], with a discount of five percent [3].\n\n- Leo sends the list.\n- Priya signs."
PART = (
    "## Part {n}\n\nThe price went up *again* by twelve percent, and the last delivery was late.\n\n- one thing\n"
    "- another\n\n| a | b |\n|---|---|\n| {n} | 2 |\n\n```python\nprint({n})\n```\n\n"
)
LONG = "".join(PART.format(n=n) for n in range(60))


def conversation(turns: int, reply: str = SHORT, id_: str = "a") -> Conversation:
    messages: list[Message] = []
    for n in range(turns):
        messages += [Message(Role.USER, f"Question {n}: what was agreed?"), Message(Role.ASSISTANT, f"{n}. {reply}")]
    return Conversation(ConversationId(id_), "A chat", datetime.now(UTC), None, tuple(messages))


@pytest.fixture
def view(theme: Theme, screen: QApplication) -> Iterator[ConversationView]:
    """An empty conversation in a window."""
    made = ConversationView(theme, None, shows_times=False, widest=784, empty="Ask.")  # type: ignore[arg-type]
    made.resize(800, 700)
    made.show()
    settle(0.05)
    yield made
    made.close()


def seen_at_top(view: ConversationView) -> tuple[str, int]:
    """The text of the first message in sight, and where its top is in the pane."""
    for widget in view._widgets:
        top = view._top_of(widget) - view._bar.value()
        if top + widget.height() > 0:
            return widget.findChildren(type(view._empty))[0].plain_text(), top
    raise AssertionError


def scroll(view: ConversationView, value: int) -> None:
    """Scroll as a wheel does."""
    view._bar.setSliderPosition(value)
    view._bar.triggerAction(QAbstractSlider.SliderAction.SliderMove)
    settle(0.15)


def turn() -> float:
    """One turn of the event loop, and the seconds that it took of this thread."""
    began = time.thread_time()
    QApplication.processEvents()
    return time.thread_time() - began


def test_it_opens_at_its_end_and_comes_back_to_where_it_was_left(view: ConversationView) -> None:
    view.show_conversation(conversation(20))
    settle(0.3)
    assert view._bar.value() == view._bar.maximum() > 0
    scroll(view, view._bar.maximum() - 900)
    place = seen_at_top(view)
    for other in (conversation(3, id_="b"), None):
        view.show_conversation(other)
        settle(0.2)
        view.show_conversation(conversation(20))
        settle(0.3)
        assert seen_at_top(view) == place
    view.show_conversation(conversation(3, id_="b"))
    settle(0.3)
    assert view._bar.value() == view._bar.maximum(), "the place belongs to the other"


def test_what_is_read_again_moves_and_remakes_nothing(view: ConversationView) -> None:
    known = conversation(20)
    view.show_conversation(known)
    settle(0.3)
    scroll(view, view._bar.maximum() - 700)
    place, widgets = seen_at_top(view), list(view._widgets)
    view.show_conversation(known)
    citation = Citation(CallId("c"), UtteranceId("u"), 1.0, 2.0)
    view.show_sources(39, [Source(citation, "1 · A call", "Tuesday")])
    settle(0.3)
    assert seen_at_top(view) == place
    assert view._widgets == widgets
    assert view.replies[-1].sources.isVisible(), "the last message is the reply that has them"


def test_the_sources_of_many_replies_are_taken_without_a_stall(view: ConversationView) -> None:
    known = conversation(2_000)
    view.show_conversation(known)
    settle(0.3)
    sources = [Source(Citation(CallId("c"), UtteranceId("u"), 1.0, 2.0), "1 · A call", "Tuesday")]
    early = range(1, len(known.messages) - 200, 2)  # of those that have no widget yet
    began = time.thread_time()
    for number in early:
        view.show_sources(number, sources)
    assert time.thread_time() - began < MOST_STALL
    view.show_sources(0, sources)
    view.show_sources(len(known.messages), sources)
    settle(0.1)
    assert not any(reply.sources.isVisible() for reply in view.replies), "a question has none, nor what is not there"


def test_the_reply_that_was_written_stays_the_same_widget(view: ConversationView) -> None:
    view.begin("Question 0: what was agreed?")
    view.append("0. " + SHORT)
    settle(0.1)
    reply = view.replies[0]
    blocks = list(reply.words.blocks)
    view.show_conversation(conversation(1))
    settle(0.1)
    assert view.replies == [reply]
    assert reply.words.blocks == blocks, "nothing flashes"


def test_another_chat_is_not_taken_for_the_one_that_was_just_begun(view: ConversationView) -> None:
    view.begin("Something else?")
    view.append("Perhaps.")
    view.show_conversation(conversation(1))
    settle(0.1)
    assert len(view._widgets) == 2
    assert "renew" in view.replies[0].words.plain_text()


def test_a_citation_is_a_chip_as_soon_as_it_is_written(view: ConversationView) -> None:
    view.begin("What was agreed?")
    text = "\n\nWe renew for two years [4]. The rest"
    view.append(text)
    settle(0.1)
    assert "[4]" in view.replies[0].words.plain_text()
    citation = Citation(CallId("c"), UtteranceId("u"), 30.0, 35.0, marker=4)
    start = text.strip().index("[4]")
    marks = (Mark(start, start + 3, (4,)), Mark(start + 4, start + 4))
    view.show_cited(Message(Role.ASSISTANT, text.strip(), (citation,), marks=marks))
    settle(0.1)
    assert [chip.text() for chip in view.replies[0].words.chips()] == ["1"], "and nothing is in doubt yet"
    assert "[4]" not in view.replies[0].words.plain_text()
    view.append(" comes later.")
    settle(0.1)
    assert [chip.text() for chip in view.replies[0].words.chips()] == ["1"]
    assert view.replies[0].words.plain_text().endswith("The rest comes later.")


def test_an_early_message_is_revealed(view: ConversationView) -> None:
    view.show_conversation(conversation(100))
    view.reveal(20)
    until(lambda: seen_at_top(view)[0].startswith("Question 10:"), 20)
    settle(0.3)
    assert abs(seen_at_top(view)[1]) <= 1


@pytest.mark.alone
@pytest.mark.parametrize(("turns", "reply"), [(250, SHORT), (20, LONG)], ids=["500 messages", "20 long ones"])
def test_many_messages_open_and_scroll_without_a_stall(view: ConversationView, turns: int, reply: str) -> None:
    known = conversation(turns, reply)
    gc.collect()
    gc.disable()  # as the window has it, which collects on a timer
    try:
        began = time.thread_time()
        view.show_conversation(known)
        stalls = [time.thread_time() - began]
        for _ in range(40):
            stalls.append(turn())
            time.sleep(0.002)
        pages = 0
        while (view._first or view._bar.value()) and pages < 3_000:
            pages += 1
            began = time.thread_time()
            view._bar.triggerAction(QAbstractSlider.SliderAction.SliderPageStepSub)
            stalls += [time.thread_time() - began, turn()]
            time.sleep(0.002)
    finally:
        gc.enable()
    assert len(view._widgets) == len(known.messages), "all of it was scrolled through"
    assert max(stalls) < MOST_STALL, sorted(stalls)[-5:]


def test_what_is_made_above_has_no_other_message_laid_out_again(
    view: ConversationView, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: set[int] = set()
    height_for_width = RichText.heightForWidth

    def noted(self: RichText, width: int) -> int:
        asked.add(id(self))
        return height_for_width(self, width)

    monkeypatch.setattr(RichText, "heightForWidth", noted)
    view.show_conversation(conversation(100))
    settle(0.3)
    most = 0
    while view._first or view._bar.value():
        asked.clear()
        view._bar.triggerAction(QAbstractSlider.SliderAction.SliderPageStepSub)
        turn()
        most = max(most, len(asked))
    assert 0 < most <= 64, "those of a batch and of what is painted, of some 300"


def test_a_message_that_changed_is_shown_anew_in_place(view: ConversationView) -> None:
    known = conversation(20)
    view.show_conversation(known)
    settle(0.3)
    scroll(view, view._bar.maximum() - 700)
    place = seen_at_top(view)
    changed = msgspec.structs.replace(known.messages[-1], text="39. It was deleted.")
    view.show_conversation(msgspec.structs.replace(known, messages=(*known.messages[:-1], changed)))
    settle(0.3)
    assert seen_at_top(view) == place
    assert "deleted" in view.replies[-1].words.plain_text()


def test_an_answer_is_followed_until_the_person_scrolls_away(view: ConversationView, theme: Theme) -> None:
    view.show_conversation(conversation(4))
    view.begin("More?")
    for n in range(12):
        view.append(f"Sentence {n} of the answer, long enough for the line.\n\n")
        theme.choose("dark" if n % 2 else "light")  # everything is laid out anew
        settle(0.06)
    settle(0.2)
    assert view._bar.value() == view._bar.maximum()
    scroll(view, view._bar.maximum() - 300)
    place = view._bar.value()
    view.append("And more.\n\n" * 5)
    settle(0.2)
    assert view._bar.value() == place
    scroll(view, view._bar.maximum())
    view.append("And more.\n\n" * 5)
    settle(0.2)
    assert view._bar.value() == view._bar.maximum(), "and again from the end on"
    theme.choose("light")
