"""Lines are split, joined, removed and given to others, with the words that were heard for each, and back again."""

import msgspec
import pytest

from app.core.errors import AssistantError
from app.core.ids import CallId, SpeakerId
from app.core.line_changes import LineChange, given, joined, removal, split
from app.core.transcript import Speaker, Utterance, Word, spoken

CALL = CallId("call")


def line(text: str, start: float = 0.0, track: int = 0, heard: str = "") -> Utterance:
    """A line that says this; each word that was heard, else said, takes a second."""
    words = tuple(Word(f" {one}", start + n, start + n + 0.9, 0.5) for n, one in enumerate((heard or text).split()))
    return spoken(track, start, start + len(words), text, words)


def heard(said: Utterance) -> str:
    return "".join(word.text for word in said.words).strip()


def test_each_half_has_the_words_that_were_heard_for_it_and_their_times() -> None:
    said = line("we move the launch", 10.0)
    first, second = split(said, "we move", "the launch")
    assert (first.id, first.text, heard(first), first.start, first.end) == (said.id, "we move", "we move", 10.0, 11.9)
    assert (second.text, heard(second), second.start, second.end) == ("the launch", "the launch", 12.0, 14.0)
    assert second.id != said.id
    assert (second.track, second.speaker) == (said.track, said.speaker)


@pytest.mark.parametrize(
    ("was_heard", "first", "second", "halves"),
    [
        ("frau o konkur signed it", "Frau Okonkwo", "signed it.", ("frau o konkur", "signed it")),
        ("we meat on tuesday then we go", "We meet on Tuesday.", "Then we go.", ("we meat on tuesday", "then we go")),
        ("move it", "We will move it, as I said,", "to Friday.", ("move it", "")),
        ("thanks", "Well, first of all,", "thanks.", ("", "thanks")),
        ("今天 我们 开会", "今天", "我们开会", ("今天", "我们 开会")),
    ],
)
def test_of_a_corrected_line_the_words_beside_the_cursor_decide(
    was_heard: str, first: str, second: str, halves: tuple[str, str]
) -> None:
    said = line(f"{first} {second}", 5.0, heard=was_heard)
    one, other = split(said, first, second)
    assert (one.text, other.text) == (first, second)
    assert (heard(one), heard(other)) == halves
    assert said.start <= one.start <= one.end <= other.start <= other.end <= said.end or "" in halves
    assert one.start == said.start
    assert other.end == said.end


def test_no_half_is_empty_and_a_line_without_a_time_is_not_split() -> None:
    with pytest.raises(AssistantError, match="can't be split there"):
        split(line("one two"), "", "one two")
    with pytest.raises(AssistantError, match="can't be split there"):
        split(line("one two"), "one two", "")
    with pytest.raises(AssistantError, match="without a time"):
        split(msgspec.structs.replace(line("one two"), end=0.0, words=()), "one", "two")


def test_a_line_whose_words_were_not_heard_is_split_in_proportion() -> None:
    said = msgspec.structs.replace(line("aaaa bbbb cccc"), words=(), start=10.0, end=24.0)
    first, second = split(said, "aaaa bbbb", "cccc")
    assert first.end == second.start == 10.0 + 14.0 * 9 / 14


def test_joined_lines_stand_in_order_of_time_and_the_first_given_stays() -> None:
    one, other = line("we go", 10.0), line("well then", 2.0)
    both = joined(one, other)
    assert (both.id, both.text, both.start, both.end) == (one.id, "well then we go", 2.0, 12.0)
    assert heard(both) == both.text
    for wrong in (one, line("yes", 20.0, track=1)):
        with pytest.raises(AssistantError, match="can't be joined"):
            joined(one, wrong)
    with pytest.raises(AssistantError, match="without times"):
        joined(msgspec.structs.replace(one, end=0.0), other)


def test_what_is_split_and_joined_again_is_what_it_was() -> None:
    said = line("we move the launch to friday", 3.0)
    assert joined(*split(said, "we move the", "launch to friday")) == said


def test_a_change_can_be_taken_back() -> None:
    said = line("one two")
    halves = split(said, "one", "two")
    made = LineChange(CALL, (said,), halves)
    assert made.undone == LineChange(CALL, halves, (said,))
    assert made.undone.undone == made
    assert removal(CALL, said).undone.after == (said,)
    with pytest.raises(AssistantError, match="without a time"):
        removal(CALL, msgspec.structs.replace(said, end=0.0))


def test_lines_are_given_to_a_speaker_who_is_added_where_the_call_has_no_such() -> None:
    one, two = Speaker(SpeakerId("1"), "Anna"), Speaker(SpeakerId("2"), "Ben")
    lines = [msgspec.structs.replace(line(text), speaker=one.id) for text in ("a", "b")]
    known = given(CALL, lines, two, [one, two])
    assert known is not None
    assert ([said.speaker for said in known.after], known.added) == ([two.id, two.id], ())
    new = given(CALL, lines, two, [one])
    assert new is not None
    assert (new.added, new.undone.removed) == ((two,), (two,))
    assert given(CALL, lines, one, [one, two]) is None


def test_only_other_words_of_one_line_are_a_change_of_words() -> None:
    said = line("one two")
    assert LineChange(CALL, (said,), (msgspec.structs.replace(said, text="one"),)).is_of_words
    assert not LineChange(CALL, (said,), (said,)).is_of_words
    assert not LineChange(CALL, (said,), (msgspec.structs.replace(said, text="x", speaker=SpeakerId("2")),)).is_of_words
    assert not LineChange(CALL, (said,), split(said, "one", "two")).is_of_words
    assert not LineChange(CALL, (said,), ()).is_of_words
