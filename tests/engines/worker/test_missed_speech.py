"""Speech in which no word was heard is decoded once more by itself, and what is heard stands at its place."""

from collections.abc import Sequence
from types import SimpleNamespace

import numpy as np
import pytest

from app.core.engines import SAMPLE_RATE
from app.core.transcript import Segment, Word
from app.engines.worker import speech
from app.engines.worker.missed_speech import is_heard, missed_spans, with_missed
from app.engines.worker.speech import WhisperEngine
from app.engines.worker.track import Window
from app.engines.worker.voice_activity import Span
from tests.engines.worker.test_decoded_together import calls, engine, heard, words  # noqa: F401


def said(text: str, start: float, seconds: float = 0.5) -> Segment:
    """A segment of these words, one behind the other, each of so many seconds."""
    starts = ((start + n * seconds, f" {word}") for n, word in enumerate(text.split()))
    return Segment(0, tuple(Word(word, at, at + seconds, 0.9) for at, word in starts))


def texts(segments: Sequence[Segment]) -> list[str]:
    return ["".join(word.text for word in segment.words).strip() for segment in segments]


def window(*voiced: tuple[float, float], start: float = 100.0) -> Window:
    """Thirty seconds with speech between these seconds of them."""
    spans = [
        Span(max(0, samples(a - 0.2)), min(samples(30), samples(b + 0.2)), (samples(a), samples(b))) for a, b in voiced
    ]
    places = tuple((start + a, start + b) for a, b in voiced)
    return Window(start, start + 30.0, spans, np.zeros(samples(30), np.int16), np.zeros(1, np.float32), places)


def samples(seconds: float) -> int:
    return round(seconds * SAMPLE_RATE)


class TestWhatIsMissed:
    def test_speech_without_a_word_is_missed_with_room_on_both_sides(self) -> None:
        (found,) = missed_spans(window((1.0, 4.0), (6.0, 9.0)), [said("one two three", 101.0, 1.0)])
        assert found.voiced == (6 * SAMPLE_RATE, 9 * SAMPLE_RATE)
        assert found.start < found.voiced[0]
        assert found.end > found.voiced[1]

    def test_before_between_and_behind_the_words_of_one_stretch(self) -> None:
        found = missed_spans(window((1.0, 12.0)), [said("one", 103.0, 1.0), said("two", 107.0, 1.0)])
        assert [tuple(at // SAMPLE_RATE for at in one.voiced) for one in found] == [(1, 3), (4, 7), (8, 12)]

    def test_words_that_end_a_little_early_miss_nothing(self) -> None:
        assert missed_spans(window((1.0, 4.0)), [said("one two", 101.2, 0.95)]) == []

    def test_a_moment_between_two_pauses_is_missed_too_if_it_has_no_word(self) -> None:
        yes, told = (1.0, 1.5), (6.0, 9.0)
        (found,) = missed_spans(window(yes, told), [said("one two three", 106.0, 1.0)])
        assert found.voiced == (samples(1.0), samples(1.5))
        assert missed_spans(window(yes, told), [said("yes", 101.1, 0.2), said("one two three", 106.0, 1.0)]) == []

    def test_a_word_that_lasts_longer_than_one_can_covers_only_what_it_may(self) -> None:
        (found,) = missed_spans(window((1.0, 5.0)), [said("to", 101.0, 4.0)])
        assert found.voiced == (samples(2.0), samples(5.0))

    def test_of_many_the_longest_are_taken_in_order(self) -> None:
        places = [(float(at), at + 1.0 + at / 100) for at in range(1, 25, 3)]
        found = missed_spans(window(*places), [])
        assert [one.voiced[0] // SAMPLE_RATE for one in found] == [13, 16, 19, 22]

    def test_room_ends_where_the_sound_does(self) -> None:
        (found,) = missed_spans(window((0.1, 29.95)), [])
        assert (found.start, found.end) == (0, 30 * SAMPLE_RATE)


@pytest.mark.parametrize(
    ("text", "logprob", "ratio", "expected"),
    [
        ("He was not an ill-disposed young man.", -0.5, 1.1, True),
        ("He was not an ill-disposed young man.", -0.71, 1.1, False),
        ("I'm sorry. I'm sorry. I'm sorry.", -0.2, 2.5, False),
        ("Of so much nobody says a word in two seconds, however quickly they may talk.", -0.2, 1.1, False),
    ],
)
def test_what_is_unlikely_goes_in_circles_or_is_too_much_was_not_said(
    text: str, logprob: float, ratio: float, expected: bool
) -> None:
    found = SimpleNamespace(text=f" {text}", avg_logprob=logprob, compression_ratio=ratio)
    assert is_heard(found, Span(0, samples(3.0), (samples(0.5), samples(2.5)))) is expected


class TestItsPlace:
    def test_it_parts_the_segment_around_it(self) -> None:
        around = Segment(0, (*said("before it", 1.0).words, *said("after it", 6.0).words), "de")
        found = with_missed([around], said("in the middle", 3.0))
        assert texts(found) == ["before it", "in the middle", "after it"]
        assert found[2].language == "de"

    @pytest.mark.parametrize(("start", "place"), [(0.0, 0), (9.0, 2)])
    def test_it_comes_first_or_last(self, start: float, place: int) -> None:
        found = with_missed([said("one", 3.0), said("two", 5.0)], said("missed", start))
        assert texts(found).index("missed") == place

    def test_what_repeats_its_neighbours_is_left_out(self) -> None:
        known = [said("from Chicago.", 1.0), said("Please fasten it", 6.0)]
        assert with_missed(known, said("Chicago", 3.0)) == tuple(known)
        assert with_missed(known, said("please", 3.0)) == tuple(known)
        assert texts(with_missed(known, said("Chicago. Ladies please", 3.0))) == [
            "from Chicago.",
            "Ladies",
            "Please fasten it",
        ]

    def test_what_is_said_twice_elsewhere_stays(self) -> None:
        known = [said("yes it is", 1.0), said("no", 6.0)]
        assert texts(with_missed(known, said("it was", 3.0)))[1] == "it was"


def test_sentences_that_a_window_left_out_are_heard(engine: WhisperEngine, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    """What a model leaves out differs; but with it more is heard, nothing that was is lost, and all is in order."""
    found = heard(engine, *calls())
    monkeypatch.setattr(speech, "missed_spans", lambda *_: [])
    without = heard(engine, *calls())
    for side in (0, 1):
        assert _is_within(words(without, side), words(found, side))
        starts = [w.start for one in found for s in one.segments if s.channel == side for w in s.words]
        assert starts == sorted(starts)
    assert sum(len(words(found, side)) - len(words(without, side)) for side in (0, 1)) >= 10


def _is_within(some: Sequence[str], all_: Sequence[str]) -> bool:
    """Whether words are there in the same order."""
    rest = iter(all_)
    return all(word in rest for word in some)
