"""Utterances of two transcripts are the same if they say the same at the same time on the same track."""

import pytest

from app.core.transcript import Utterance, Word, spoken
from app.core.transcript_match import as_corrected, same_utterances

EARLIER = [spoken(0, 10.0, 15.0, "We agree to move the launch.")]


@pytest.mark.parametrize(
    ("new", "is_same"),
    [
        (spoken(0, 10.4, 14.0, "we agree, to move the launch"), True),
        (spoken(0, 14.9, 19.0, "We agree to move the launch."), True),
        (spoken(0, 15.0, 19.0, "We agree to move the launch."), False),  # said again, later
        (spoken(1, 10.0, 15.0, "We agree to move the launch."), False),  # by the other side
        (spoken(0, 10.0, 15.0, "We agree to move the lunch."), False),
        (spoken(0, 10.0, 15.0, "We agree to move"), False),
    ],
)
def test_time_track_and_words_decide(new: Utterance, is_same: bool) -> None:
    assert same_utterances(EARLIER, [new]) == ({0: 0} if is_same else {})


def test_each_is_found_once_and_of_several_the_one_that_overlaps_most() -> None:
    earlier = [spoken(0, 0.0, 2.0, "Yes."), spoken(0, 2.0, 5.0, "yes")]
    new = [spoken(0, 1.5, 4.0, "Yes"), spoken(0, 0.0, 2.0, "Yes.")]
    assert same_utterances(earlier, new) == {0: 1, 1: 0}
    assert same_utterances(earlier[:1], [new[1], new[1]]) == {0: 0}


def heard(start: float, end: float, text: str, corrected: str = "") -> Utterance:
    return spoken(0, start, end, corrected or text, (Word(text, start, end, 1.0),))


@pytest.mark.parametrize("text", ["Frau o konkur hat unterschrieben.", "Frau Okonkwo hat unterschrieben"])
def test_of_a_corrected_one_both_what_was_heard_and_what_was_written_are_the_same(text: str) -> None:
    earlier = heard(0.0, 3.0, "Frau o konkur hat unterschrieben.", "Frau Okonkwo hat unterschrieben.")
    new = heard(0.1, 3.1, text)
    assert same_utterances([earlier], [new, heard(3.2, 5.0, text)]) == {0: 0}
    kept = as_corrected(new, earlier)
    assert (kept.text, kept.words, kept.id) == ("Frau Okonkwo hat unterschrieben.", new.words, new.id)
    assert as_corrected(new, heard(0.0, 3.0, "As it was heard.")) is new


def test_what_has_no_letters_is_compared_as_it_stands() -> None:
    assert same_utterances([spoken(0, 0.0, 1.0, "…")], [spoken(0, 0.0, 1.0, "…")]) == {0: 0}
    assert same_utterances([spoken(0, 0.0, 1.0, "…")], [spoken(0, 0.0, 1.0, "?")]) == {}
