"""A sentence goes on over a pause and an "mm-hm", and ends where the other side takes its turn."""

import pytest

from app.core.transcript import Segment, Word, utterances
from app.engines.worker.change_of_speaker import TURN, parted_by_turns


def words(text: str, start: float) -> tuple[Word, ...]:
    return tuple(
        Word(f" {part}", round(start + n * 0.3, 3), round(start + n * 0.3 + 0.3, 3), 0.9)
        for n, part in enumerate(text.split())
    )


SAID = Segment(0, (*words("I think we should", 0.0), *words("move the launch.", 2.7)), "en")  # 1.5 s between them


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        ([], ["I think we should move the launch."]),
        ([(1.4, 1.9)], ["I think we should move the launch."]),  # "mm-hm"
        ([(1.3, 1.3 + TURN)], ["I think we should", "move the launch."]),
        ([(0.0, 1.3 + TURN)], ["I think we should", "move the launch."]),  # it began over the last words
        ([(1.3, 1.8), (1.9, 2.5)], ["I think we should", "move the launch."]),
        ([(0.0, 1.2), (2.7, 9.0)], ["I think we should move the launch."]),  # over its words, and not in the pause
    ],
)
def test_a_turn_of_the_other_side_ends_a_line(others: list[tuple[float, float]], expected: list[str]) -> None:
    parted = parted_by_turns([SAID], 0.0, others)
    assert [word for one in parted for word in one.words] == list(SAID.words)
    assert [one.text for one in utterances(parted)] == expected


def test_the_pause_before_a_window_counts_too() -> None:
    (before,) = utterances([Segment(0, SAID.words[:4], "en")])
    rest = Segment(0, SAID.words[4:], "en")
    (one,) = utterances(parted_by_turns([rest], before.end, []), [before])
    assert (one.id, one.text) == (before.id, "I think we should move the launch.")
    (other,) = utterances(parted_by_turns([rest], before.end, [(1.3, 2.6)]), [before])
    assert (other.id != before.id, other.text) == (True, "move the launch.")


def test_what_has_no_pause_keeps_its_segments() -> None:
    segment = Segment(1, words("we agree to move", 5.0), "de", True)
    assert parted_by_turns([segment], 4.9, [(0.0, 60.0)]) == (segment,)


def test_words_that_take_no_time_stay_together_after_a_turn() -> None:
    before = words("Good.", 0.0)
    after = (Word(" Then", 4.0, 4.0, 0.9), Word(" we", 4.0, 4.0, 0.9), Word(" agree.", 4.0, 4.4, 0.9))
    parted = parted_by_turns([Segment(0, (*before, *after), "en")], 0.0, [(1.0, 3.0)])
    assert [one.text for one in utterances(parted)] == ["Good.", "Then we agree."]
