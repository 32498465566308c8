"""Windows of speech that are decoded together: the same words, in order, and what is doubtful once more by itself."""

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from app.core.engines import SAMPLE_RATE, Heard, Pcm, SpeechOptions
from app.engines import protocol
from app.engines.worker import speech
from app.engines.worker.speech import WhisperEngine
from tests.engines.worker.recordings import Sound, sides_of
from tests.running import CALLS
from tests.services.stage import WHISPER

_BLOCK = 10 * SAMPLE_RATE  # samples that the parent sends at once


class Blocks:
    """What the engine asks of its channel: a recording's tracks, block by block."""

    def __init__(self, *tracks: Sound) -> None:
        sides = [(np.clip(track, -1, 1) * 32767).astype(np.int16) for track in tracks]
        self.given = 0.0  # seconds of the recording
        self._blocks: Iterator[Pcm] = iter(
            Pcm(at / SAMPLE_RATE, SAMPLE_RATE, tuple(side[at : at + _BLOCK].tobytes() for side in sides))
            for at in range(0, max(map(len, sides), default=0), _BLOCK)
        )

    def request_sound(self) -> Pcm | None:
        """The next block, or None at the end."""
        block = next(self._blocks, None)
        self.given += 0.0 if block is None else block.duration
        return block

    def checkpoint(self) -> None:
        """Nothing is cancelled."""


class Decoder:
    """CTranslate2's model, which notes how many windows each decoding has, and at which temperature."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self.made: list[tuple[int, float]] = []
        self.doubted = -1
        self.wordy = -1
        self.most = 99

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)

    def generate(self, encoded: Any, prompts: Sequence[Any], **options: Any) -> list[Any]:
        """As CTranslate2's: of each decoding one window is unlikely at first, or too long; not too many have room."""
        temperature = options.get("sampling_temperature", 0.0)
        if len(prompts) > self.most:
            raise RuntimeError("mkl_malloc: failed to allocate memory")
        self.made.append((len(prompts), temperature))
        found: list[Any] = self._model.generate(encoded, prompts, **options)
        if len(prompts) > 1 and 0 <= self.wordy < len(found):
            said = found[self.wordy]
            found[self.wordy] = SimpleNamespace(
                sequences_ids=[said.sequences_ids[0] * 40], scores=said.scores, no_speech_prob=said.no_speech_prob
            )
        if not temperature and 0 <= self.doubted < len(found):
            said = found[self.doubted]
            found[self.doubted] = SimpleNamespace(
                sequences_ids=said.sequences_ids, scores=[-9.0], no_speech_prob=said.no_speech_prob
            )
        return found

    @property
    def together(self) -> list[int]:
        """How many windows each first decoding had."""
        return [count for count, temperature in self.made if not temperature]


@pytest.fixture
def engine() -> WhisperEngine:
    made = WhisperEngine()
    list(made.answer(protocol.LoadModel(str(WHISPER), 2), Blocks()))  # type: ignore[arg-type]
    return made


@pytest.fixture
def decoder(engine: WhisperEngine) -> Decoder:
    assert engine._recogniser is not None
    inner = engine._recogniser._decoder
    noting = inner._model = Decoder(inner._model)
    return noting


@cache
def calls() -> Sound:
    """Both sides of six calls, one after the other: 170 seconds of speech on each."""
    return np.concatenate([sides_of(call) for call in sorted(CALLS.glob("*.opus"))], axis=1)


def mixed() -> Sound:
    """All that is said in them on one track."""
    both: Sound = np.sum(calls(), axis=0)
    return both


def heard(engine: WhisperEngine, *tracks: Sound) -> list[Heard]:
    options = SpeechOptions(tuple(range(len(tracks))), "en")
    found = list(engine.answer(protocol.Transcribe(options), Blocks(*tracks)))  # type: ignore[arg-type]
    return [one for one in found if isinstance(one, Heard)]


def words(found: Sequence[Heard], channel: int = 0) -> list[str]:
    return [w.text for one in found for s in one.segments if s.channel == channel for w in s.words]


def test_the_first_words_come_from_one_window_and_then_more_are_decoded_together(
    engine: WhisperEngine, decoder: Decoder
) -> None:
    heard(engine, mixed())
    assert decoder.together[0] == 1
    assert max(decoder.together) > 2
    assert max(decoder.together) <= speech.MOST_WINDOWS
    assert all(later <= 2 * earlier for earlier, later in pairwise(decoder.together))


def test_they_say_what_each_says_alone(
    engine: WhisperEngine, decoder: Decoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    together = heard(engine, *calls())
    assert max(decoder.together) > 2
    decoder.made.clear()
    monkeypatch.setattr(speech, "MOST_WINDOWS", 1)
    alone = heard(engine, *calls())
    assert set(decoder.together) == {1}
    assert [words(alone, side) for side in (0, 1)] == [words(together, side) for side in (0, 1)]


def test_a_slow_computer_decodes_few_together(
    engine: WhisperEngine, decoder: Decoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(speech, "_PATIENCE", 0.0)
    heard(engine, mixed())
    assert set(decoder.together) == {1}


def test_the_one_that_is_doubtful_is_decoded_once_more_and_no_other(
    engine: WhisperEngine, decoder: Decoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(speech, "missed_spans", lambda *_: [])  # what was not heard is decoded at no temperature
    heard(engine, mixed())
    assert [temperature for _, temperature in decoder.made if temperature] == []
    batches = len([count for count in decoder.together if count > 1])
    decoder.doubted = 1
    heard(engine, mixed())
    retried = [count for count, temperature in decoder.made if temperature]
    assert set(retried) == {1}
    assert batches <= len(retried) < len(decoder.made) / 2


def test_where_memory_is_short_they_are_decoded_one_by_one_from_then_on(
    engine: WhisperEngine, decoder: Decoder
) -> None:
    usual = words(heard(engine, mixed()))
    decoder.made.clear()
    decoder.most = 1
    assert words(heard(engine, mixed())) == usual
    assert set(decoder.together) == {1}


def test_one_that_gets_longer_than_it_may_alone_is_decoded_alone(engine: WhisperEngine, decoder: Decoder) -> None:
    assert engine._recogniser is not None
    short, long = mixed()[: 2 * SAMPLE_RATE], mixed()[: 25 * SAMPLE_RATE]
    long_found, short_found = engine._recogniser.segments([long, short], "en")
    assert decoder.together == [2]
    decoder.made.clear()
    decoder.wordy = 1
    again = list(engine._recogniser.segments([long, short], "en"))
    assert decoder.together == [2, 1], "the short one by itself"
    assert [s.text for s in again[1]] == [s.text for s in short_found]
    assert [s.text for s in again[0]] == [s.text for s in long_found]


def test_what_is_heard_before_a_long_silence_is_not_held_back_until_its_end(engine: WhisperEngine) -> None:
    blocks = Blocks(np.concatenate([mixed(), np.zeros(1200 * SAMPLE_RATE, np.float32)]))
    options = SpeechOptions((0,), "en")
    held = [
        blocks.given - one.until
        for one in engine.answer(protocol.Transcribe(options), blocks)  # type: ignore[arg-type]
        if isinstance(one, Heard) and one.segments
    ]
    assert 0 < max(held) <= speech.LONGEST_HOLD + 20


def test_silence_between_windows_is_reported_in_order(engine: WhisperEngine) -> None:
    silent = np.zeros(150 * SAMPLE_RATE, np.float32)
    call = np.concatenate([mixed(), silent, mixed()[: 70 * SAMPLE_RATE], silent])
    found = heard(engine, call)
    assert [one.until for one in found] == sorted(one.until for one in found)
    assert found[-1].until == pytest.approx(len(call) / SAMPLE_RATE, abs=0.1)
    for one in found:
        ends = [word.end for segment in one.segments for word in segment.words]
        assert max(ends, default=0.0) <= one.until + 0.1


def test_each_side_of_a_call_is_in_order_and_on_its_channel(engine: WhisperEngine, decoder: Decoder) -> None:
    found = heard(engine, *calls())
    assert max(decoder.together) > 1
    for channel in (0, 1):
        of_channel = [one for one in found if one.channel == channel]
        assert [one.until for one in of_channel] == sorted(one.until for one in of_channel)
        said = [segment for one in of_channel for segment in one.segments]
        assert {segment.channel for segment in said} == {channel}
        starts = [word.start for segment in said for word in segment.words]
        assert starts == sorted(starts)
        assert starts[-1] > len(calls()[0]) / SAMPLE_RATE - 15
