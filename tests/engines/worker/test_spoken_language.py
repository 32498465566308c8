"""In which language each stretch of a window of speech is taken to be."""

from itertools import pairwise

import numpy as np
import pytest

from app.core.engines import SAMPLE_RATE
from app.engines.worker.spoken_language import (
    SURE,
    Stretch,
    by_language,
    confirmed,
    joined,
    main_language,
    pieces,
    stretches,
)
from app.engines.worker.voice_activity import FRAME, Span

EN, DE, FR = ({code: 0.97, "la": 0.03} for code in ("en", "de", "fr"))
NOISE = {"nn": 0.28, "cy": 0.25, "en": 0.2, "ko": 0.1}


def speech(*seconds: float) -> list[Span]:
    """Spans of speech with a pause of a second between them."""
    found, at = [], 0
    for length in seconds:
        end = at + int(length * SAMPLE_RATE)
        found.append(Span(at, end, (at, end)))
        at = end + SAMPLE_RATE
    return found


def languages(found: list[Stretch]) -> list[str]:
    return [part.language for part in found for _ in range(part.first, part.end)]


@pytest.mark.parametrize("before", ["", "en"])
def test_a_stretch_in_another_language_is_its_own(before: str) -> None:
    found = stretches(speech(4, 4, 4, 4), [EN, EN, DE, DE], before)
    assert found == [Stretch(0, 2, "en"), Stretch(2, 4, "de")]
    assert languages(stretches(speech(4, 3, 4, 4), [EN, DE, EN, FR], before)) == ["en", "de", "en", "fr"]


def test_the_language_before_holds_where_little_is_said() -> None:
    assert stretches(speech(0.6), [{"cy": 0.9, "de": 0.05}], "de") == [Stretch(0, 1, "de")]
    assert stretches(speech(0.4, 0.5, 0.9), [DE, FR, DE], "en") == [Stretch(0, 3, "en", True)]
    assert languages(stretches(speech(4), [DE], "en")) == ["de"]


def test_noise_changes_no_language() -> None:
    found = [EN, NOISE, NOISE, EN, NOISE, EN, NOISE, NOISE]
    assert set(languages(stretches(speech(*[3.0] * 8), found, "en"))) == {"en"}
    assert set(languages(stretches(speech(*[3.0] * 8), found, ""))) == {"en"}


def test_languages_that_are_alike_do_not_take_turns() -> None:
    found = [{"no": 0.5, "da": 0.45}, {"da": 0.55, "no": 0.4}] * 4
    assert len({*languages(stretches(speech(*[3.0] * 8), found, ""))}) == 1


def test_a_phrase_too_short_for_a_change_is_doubtful() -> None:
    found = stretches(speech(4, 1.5, 4), [EN, {"de": 0.85, "en": 0.02}, EN], "en")
    assert found == [Stretch(0, 1, "en"), Stretch(1, 2, "en", True), Stretch(2, 3, "en")]
    found = stretches(speech(4, 0.5, 4), [EN, {"de": 0.85, "en": 0.02}, EN], "en")
    assert found == [Stretch(0, 3, "en")]


def test_what_is_like_no_language_is_doubtful() -> None:
    (found,) = stretches(speech(3, 3), [NOISE, NOISE], "")
    assert found.is_doubtful


def test_a_stretch_that_does_not_sound_so_by_itself_is_doubtful_and_not_another_language() -> None:
    found = stretches(speech(4, 4, 4), [EN, DE, EN], "en")
    assert confirmed(found, [{}, DE, {}], "en", SURE) == found
    doubted = confirmed(found, [{}, {"en": 0.5, "de": 0.4}, {}], "en", SURE)
    assert doubted == [Stretch(0, 1, "en"), Stretch(1, 2, "en", True), Stretch(2, 3, "en")]
    assert [len(group) for group in by_language(doubted)] == [3]
    still = confirmed(found, [{}, {"de": 0.5, "en": 0.1}, {}], "en", SURE)
    assert still[1] == Stretch(1, 2, "de", True)
    assert [group[0].language for group in by_language(still)] == ["en", "de", "en"]


def test_speech_without_a_pause_is_divided_where_it_is_least_like_speech() -> None:
    probabilities = np.ones(400, np.float32)
    probabilities[[100, 250]] = 0.6
    end = 380 * FRAME
    whole = Span(0, end, (FRAME, end - FRAME))
    found = pieces([whole], probabilities)
    assert [part.start // FRAME for part in found][:2] == [0, 100]
    assert all(part.voiced[1] - part.voiced[0] <= 5 * SAMPLE_RATE for part in found)
    assert all(one.end == other.start for one, other in pairwise(found))
    assert joined(found) == [whole]


def test_pauses_are_kept_when_pieces_are_joined() -> None:
    spans = speech(2, 12, 3)
    assert joined(pieces(spans, np.ones(1000, np.float32))) == spans


def test_the_main_language_is_the_one_before_or_of_most_pieces() -> None:
    found = [Stretch(0, 1, "en"), Stretch(1, 4, "de"), Stretch(4, 5, "en")]
    assert main_language(found, "") == "de"
    assert main_language(found, "fr") == "fr"


def test_what_was_not_judged_changes_nothing() -> None:
    found = stretches(speech(0.3, 4, 0.3, 4), [{}, DE, {}, DE], "")
    assert found == [Stretch(0, 4, "de")]
    assert stretches(speech(0.3), [{}], "de") == [Stretch(0, 1, "de")]
