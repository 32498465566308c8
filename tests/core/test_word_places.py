"""Where each word of a line stands and when it is said, also in a line that was corrected."""

import msgspec
import pytest

from app.core.transcript import Utterance, Word, spoken
from app.core.word_places import count_doubtful, doubtful_places, word_at, word_places

HEARD = ((" Frau", 1.0, 1.4, 0.9), (" o", 1.5, 1.6, 0.3), (" konkur", 1.6, 2.2, 0.4), (" hat", 2.4, 2.6, 0.5),
         (" unterschrieben.", 2.7, 3.5, 0.49))  # fmt: skip


def line(text: str = "", words: tuple[tuple[str, float, float, float], ...] = HEARD) -> Utterance:
    made = tuple(Word(*word) for word in words)
    return spoken(0, 1.0, 4.0, text or "".join(word.text for word in made).strip(), made)


def shown(said: Utterance) -> list[str]:
    return [said.text[place.first : place.last] for place in word_places(said)]


def doubtful(said: Utterance) -> list[str]:
    found = doubtful_places(said)
    assert count_doubtful(said) == len(found)
    return [said.text[place.first : place.last] for place in found]


def test_each_word_stands_where_it_is_read_and_has_its_time() -> None:
    said = line()
    assert shown(said) == said.text.split()
    assert [(place.start, place.end) for place in word_places(said)] == [(w[1], w[2]) for w in HEARD]
    assert doubtful(said) == ["o", "konkur", "unterschrieben."]


def test_words_without_spaces_between_them_are_words_too() -> None:
    said = line(words=(("我们", 1.0, 1.5, 0.9), ("同意", 1.5, 2.0, 0.2), ("。", 2.0, 2.0, 0.9), (" ", 2.0, 2.0, 0.1)))
    assert shown(said) == ["我们", "同意", "。"]
    assert doubtful(said) == ["同意"]


def test_in_a_corrected_line_what_was_heard_keeps_its_time_and_what_was_written_is_never_doubtful() -> None:
    said = line("Frau Okonkwo hat sofort unterschrieben.")
    assert shown(said) == said.text.split()
    times = [(place.start, place.end) for place in word_places(said)]
    assert times == [(1.0, 1.4), (1.5, 2.2), (2.4, 2.6), (2.6, 2.7), (2.7, 3.5)]
    assert doubtful(said) == ["unterschrieben."], "which the person left as it was heard"


def test_what_was_written_before_and_behind_all_that_was_heard_has_the_time_that_is_left() -> None:
    said = line("Ja, ja, Frau o konkur hat unterschrieben. So ist es.")
    times = [(place.start, place.end) for place in word_places(said)]
    assert times[:2] == [(1.0, 1.0), (1.0, 1.0)]
    assert list(times[-1]) == pytest.approx([3.5 + 2 * 0.5 / 3, 4.0])
    assert [start for start, _ in times] == sorted(start for start, _ in times)


def test_a_line_whose_words_have_no_times_has_no_places() -> None:
    assert word_places(msgspec.structs.replace(line(), words=())) == ()


@pytest.mark.parametrize(
    ("seconds", "word"),
    [(0.9, None), (1.0, "Frau"), (1.45, "Frau"), (1.5, "o"), (1.7, "konkur"), (2.45, "hat"), (3.7, "unterschrieben.")],
)
def test_the_word_at_a_second_is_the_last_that_has_begun(seconds: float, word: str | None) -> None:
    said, place = line(), word_at(line(), seconds)
    assert (None if place is None else said.text[place.first : place.last]) == word


def test_in_a_pause_no_word_is_said() -> None:
    said = line(words=((" Ja", 1.0, 1.4, 0.9), (" doch", 3.0, 3.4, 0.9)))
    assert word_at(said, 2.0) is None
