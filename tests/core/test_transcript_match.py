"""Utterances of two transcripts are the same if they say the same at the same time on the same track."""

import pytest

from app.core.transcript import Utterance, spoken
from app.core.transcript_match import same_utterances

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


def test_what_has_no_letters_is_compared_as_it_stands() -> None:
    assert same_utterances([spoken(0, 0.0, 1.0, "…")], [spoken(0, 0.0, 1.0, "…")]) == {0: 0}
    assert same_utterances([spoken(0, 0.0, 1.0, "…")], [spoken(0, 0.0, 1.0, "?")]) == {}
