"""Listening for voices: which files are taken for models, where windows lie, and that nothing depends on the blocks."""

import itertools
import random
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from numpy.typing import NDArray

from app.core.engines import SAMPLE_RATE, Pcm
from app.core.errors import ModelDamaged
from app.core.voices import VoicePrints
from app.engines import protocol
from app.engines.model_files import onnx_file
from app.engines.model_files.voice_features import Array
from app.engines.model_files.voice_model import LONGEST_WINDOW, VoiceModel
from app.engines.worker import voices
from app.engines.worker.voice_activity import FRAME, speech_spans
from app.engines.worker.voice_groups import speakers_of
from tests.making_models import voice_prints
from tests.real.folder import REAL
from tests.real.known_calls import sound as sound_of
from tests.running import CALLS, truth

GE2E = "models/ge2e.onnx"
MODEL = 7  # the number of a graph among the fields of a model
FACT = 14


def tone(frequency: float, seconds: float = 1.6) -> Array:
    times = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return np.asarray(0.3 * np.sin(2 * np.pi * frequency * times), np.float32)


def cosine(one: NDArray[Any], other: NDArray[Any]) -> float:
    return float(one.astype(np.float64) @ other.astype(np.float64))


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    return voice_prints.make(tmp_path / "tiny.onnx", dimensions=64)


@pytest.fixture
def model(tiny: Path) -> VoiceModel:
    return VoiceModel(tiny, 1)


def field(number: int, value: int | str | bytes) -> bytes:
    return voice_prints.field(number, value)


def fact(key: str, value: str) -> bytes:
    return field(FACT, field(1, key) + field(2, value))


# --- Models -------------------------------------------------------------------------------------


def test_prints_have_unit_length_and_tell_sounds_apart(model: VoiceModel) -> None:
    found = model.prints([tone(200), tone(200, 0.9), tone(3000), tone(3000, 0.2)])
    assert found.shape == (4, 64)
    assert found.dtype == np.float16
    assert [cosine(row, row) for row in found] == pytest.approx([1] * 4, abs=2e-3)
    assert cosine(found[0], found[1]) > 0.98
    assert cosine(found[2], found[3]) > 0.98
    assert cosine(found[0], found[2]) < 0.6
    assert model.prints([]).shape == (0, 64)


def test_a_print_depends_on_its_window_alone(model: VoiceModel) -> None:
    alone = model.prints([tone(500)])[0]
    among = model.prints([tone(200), *(tone(900) for _ in range(40)), tone(500)])[-1]
    assert cosine(alone, among) == pytest.approx(1, abs=2e-3)


def test_how_loud_a_voice_is_makes_no_difference(model: VoiceModel) -> None:
    loud, soft = (model._features(tone(500) * np.float32(height)) for height in (1, 0.25))
    assert loud == pytest.approx(soft, rel=1e-3, abs=1e-6)


@pytest.mark.parametrize(
    ("name", "facts", "is_level_seen"),
    [
        ("x", fact("framework", "3d-speaker") + fact("feature_normalize_type", "global-mean"), False),
        ("feats", fact("framework", "wespeaker"), False),
        ("x", fact("framework", "3d-speaker"), True),
    ],
)
def test_models_of_80_bands_have_the_mean_over_time_taken_off(
    name: str, facts: bytes, *, is_level_seen: bool, tmp_path: Path
) -> None:
    path = voice_prints.make(tmp_path / "bands.onnx", bands=80, name=name)
    path.write_bytes(path.read_bytes() + facts)
    made = VoiceModel(path, 1)
    given = made._features(tone(500))
    assert (given.shape, bool(np.abs(given.mean(axis=0)).max() > 0.1)) == ((160, 80), is_level_seen)


def test_samples_have_the_scale_that_the_file_says(tmp_path: Path) -> None:
    path = voice_prints.make(tmp_path / "bands.onnx", bands=80, name="x")
    whole = path.read_bytes()
    levels = []
    for value in ("1", "0"):
        path.write_bytes(whole + fact("normalize_samples", value))
        levels.append(float(VoiceModel(path, 1)._features(tone(500)).max()))
    assert levels[1] - levels[0] == pytest.approx(2 * np.log(32768), abs=0.01)


def with_weights(whole: bytes, value: float) -> bytes:
    """The tiny model with this instead of its weights."""
    size = 4 * 40 * 64
    start = whole.find(voice_prints.varint(size), whole.find(b"weights", whole.find(b"MatMul") + 7)) + 2
    return whole[:start] + np.full(size // 4, value, np.float32).tobytes() + whole[start + size :]


def hostile(whole: bytes) -> dict[str, bytes]:
    """Files that are no voice print models."""
    outside = field(8, "weights") + field(13, field(1, "location") + field(2, "/etc/passwd")) + field(14, 1)
    chance = random.Random(7)
    return {
        "nothing": b"",
        "text": b"no model",
        "half": whole[: len(whole) // 2],
        "all but its end": whole[:-3],
        "random": chance.randbytes(5000),
        "random behind a beginning": whole[:40] + chance.randbytes(5000),
        "another format": b"\x08\0\0\0ORTM" + chance.randbytes(5000),
        "weights in another file": whole + field(MODEL, field(5, outside)),
        "weights in another file, by an operation": whole + field(MODEL, field(1, field(5, field(5, outside)))),
        "weights in another file, in a graph within": whole
        + field(MODEL, field(1, field(5, field(6, field(5, outside))))),
        "weights in another file, by numbers that are cut to 32 bits": whole
        + field(MODEL, field(5, field(8, "weights") + field(13 + 2**29, field(1, "location")) + field(14 + 2**29, 1))),
        "what only training needs": whole + field(20, field(1, b"")),
        "another rate": whole + fact("sample_rate", "8000"),
        "two inputs": whole + field(MODEL, field(11, voice_prints.value("more", "windows", "frames", 40))),
        "weights that are no numbers": with_weights(whole, np.nan),
        "weights without a direction": with_weights(whole, 0.0),
    }


@pytest.mark.parametrize("name", list(hostile(b"x" * 100)))
def test_what_is_no_voice_print_model_is_damaged(name: str, tiny: Path) -> None:
    tiny.write_bytes(hostile(tiny.read_bytes())[name])
    with pytest.raises(ModelDamaged):
        VoiceModel(tiny, 1)


@pytest.mark.parametrize(
    "shape", [{"bands": 7}, {"bands": 80}, {"bands": 40, "name": "x"}, {"dimensions": 1025}, {"bands": 81, "name": "x"}]
)
def test_models_of_other_shapes_are_damaged(shape: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(ModelDamaged):
        VoiceModel(voice_prints.make(tmp_path / "other.onnx", **shape), 1)


def test_unknown_ways_of_preparing_the_sound_are_refused(tmp_path: Path) -> None:
    path = voice_prints.make(tmp_path / "other.onnx", bands=80, name="x")
    path.write_bytes(path.read_bytes() + fact("feature_normalize_type", "per_feature"))
    with pytest.raises(ModelDamaged):
        VoiceModel(path, 1)


def test_a_missing_file_is_damaged(tmp_path: Path) -> None:
    with pytest.raises(ModelDamaged):
        VoiceModel(tmp_path / "missing.onnx", 1)


def test_graphs_within_graphs_without_an_end_are_not_followed() -> None:
    inner = b""
    for _ in range(3000):
        inner = field(1, field(5, field(6, inner)))
    assert not onnx_file.is_whole(field(1, 8) + field(MODEL, inner))
    assert onnx_file.is_whole(field(1, 8) + field(MODEL, field(1, field(5, field(6, b"")))))


# --- Listening ----------------------------------------------------------------------------------


class Heard:
    """A channel to a parent that has this sound, in blocks of two seconds."""

    def __init__(self, *tracks: NDArray[np.int16], start: float = 0.0) -> None:
        step = 2 * SAMPLE_RATE
        self._blocks = iter(
            Pcm(start + first / SAMPLE_RATE, SAMPLE_RATE, tuple(t[first : first + step].tobytes() for t in tracks))
            for first in range(0, len(tracks[0]), step)
        )

    def request_sound(self) -> Pcm | None:
        return next(self._blocks, None)

    def checkpoint(self) -> None:
        pass


def listened(model: VoiceModel, *tracks: NDArray[np.int16], start: float = 0.0) -> list[VoicePrints]:
    channel = cast("Any", Heard(*tracks, start=start))
    return list(voices._listen(model, tuple(range(len(tracks))), channel))


@pytest.fixture(scope="module")
def call() -> tuple[NDArray[np.int16], list[tuple[float, float]]]:
    """A call of two voices, mixed, and when they speak."""
    path = sorted(CALLS.glob("*.opus"))[0]
    return sound_of(path), [(start, end) for start, end in truth(path)["times"]]


def test_windows_lie_where_somebody_speaks(
    model: VoiceModel, call: tuple[NDArray[np.int16], list[tuple[float, float]]]
) -> None:
    sound, times = call
    (found,) = listened(model, sound)
    assert found.until == pytest.approx(len(sound) / SAMPLE_RATE)
    assert [window.start for window in found.windows] == sorted(window.start for window in found.windows)
    assert all(0 < window.end - window.start <= 1.601 and len(window.print) == 128 for window in found.windows)
    covered = np.zeros(len(sound) // 160 + 1, bool)
    for window in found.windows:
        covered[round(window.start * 100) : round(window.end * 100)] = True
    spoken = np.zeros_like(covered)
    for start, end in times:
        spoken[round(start * 100) : round(end * 100)] = True
    assert (covered & spoken).sum() > 0.9 * spoken.sum()
    assert (covered & ~spoken).sum() < 0.1 * spoken.sum()


def test_blocks_leave_no_trace(
    model: VoiceModel, call: tuple[NDArray[np.int16], list[tuple[float, float]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Speech at the end of a block is left to the next: no window is cut, lost or there twice."""
    sound = np.tile(call[0], 2)
    (whole,) = listened(model, sound)
    monkeypatch.setattr(voices, "BLOCK", 10 * SAMPLE_RATE)
    parts = listened(model, sound)
    assert len(parts) > 3
    assert [part.until for part in parts] == sorted(part.until for part in parts)
    found = [window for part in parts for window in part.windows]
    assert all(window.end <= part.until + 0.001 for part in parts for window in part.windows)
    assert abs(len(found) - len(whole.windows)) <= 0.1 * len(whole.windows)
    seconds = [sum(end - start for start, end in united(windows)) for windows in (found, whole.windows)]
    assert seconds[0] == pytest.approx(seconds[1], rel=0.05)


def united(windows: Any) -> list[tuple[float, float]]:
    found: list[tuple[float, float]] = []
    for window in windows:
        if found and window.start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], window.end))
        else:
            found.append((window.start, window.end))
    return found


def test_speech_without_a_pause_does_not_pile_up(model: VoiceModel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(voices, "speech_probabilities", lambda sound: np.ones(-(-len(sound) // FRAME), np.float32))
    monkeypatch.setattr(voices, "BLOCK", 10 * SAMPLE_RATE)
    monkeypatch.setattr(voices, "LONGEST_REST", 5 * SAMPLE_RATE)
    parts = listened(model, (tone(300, 60) * 9000).astype(np.int16))
    assert [round(part.until) for part in parts] == [10, 20, 30, 40, 50, 60, 60]


def test_a_quiet_voice_is_heard_as_well(
    model: VoiceModel, call: tuple[NDArray[np.int16], list[tuple[float, float]]]
) -> None:
    (loud,) = listened(model, call[0])
    (soft,) = listened(model, (call[0] / 60).astype(np.int16))
    assert abs(len(soft.windows) - len(loud.windows)) <= 0.2 * len(loud.windows)


def test_tracks_are_listened_to_by_themselves(
    model: VoiceModel, call: tuple[NDArray[np.int16], list[tuple[float, float]]]
) -> None:
    one, other = listened(model, call[0], np.zeros_like(call[0]), start=100.0)
    assert (one.channel, other.channel) == (0, 1)
    assert one.until == other.until == pytest.approx(100 + len(call[0]) / SAMPLE_RATE)
    assert one.windows[0].start > 100
    assert other.windows == ()


def test_silence_and_nothing_have_no_voice(model: VoiceModel) -> None:
    for samples in (0, 1, 100, SAMPLE_RATE):
        (found,) = listened(model, np.zeros(samples, np.int16))
        assert found.windows == ()


def test_sound_of_another_shape_is_refused(model: VoiceModel) -> None:
    with pytest.raises(protocol.WireError):
        list(voices._listen(model, (0, 1), cast("Any", Heard(np.zeros(SAMPLE_RATE, np.int16)))))


def test_windows_cover_a_span_evenly() -> None:
    for length in (1, 8000, LONGEST_WINDOW, LONGEST_WINDOW + 1, 40_000, 100_123):
        found = voices.windows_of((500, 500 + length))
        assert (found[0][0], found[-1][1]) == (500, 500 + length)
        steps = [later[0] - earlier[0] for earlier, later in itertools.pairwise(found)]
        assert all(0 < step <= voices.STEP for step in steps)
        assert {last - first for first, last in found} == {min(length, LONGEST_WINDOW)}


def test_spans_end_after_a_silence() -> None:
    def spans(*runs: tuple[float, int]) -> list[tuple[int, int]]:
        probabilities = np.concatenate([np.full(count, value, np.float32) for value, count in runs])
        found = speech_spans(probabilities, len(probabilities) * FRAME, voices._DETECTION)
        return [(span.start, span.end) for span in found]

    frame, pad = FRAME, 960
    assert spans((0.1, 10), (0.9, 20), (0.1, 20)) == [(10 * frame - pad, 30 * frame + pad)]
    assert len(spans((0.9, 20), (0.1, 5), (0.9, 20))) == 1, "a pause within a sentence"
    assert len(spans((0.9, 20), (0.1, 15), (0.9, 20))) == 2
    assert len(spans((0.9, 20), (0.3, 15), (0.9, 20))) == 1, "in doubt it goes on"
    assert spans((0.1, 20), (0.9, 2), (0.1, 20)) == [], "a click"


# --- A real model -------------------------------------------------------------------------------


@pytest.mark.real(GE2E, "recordings/three_speakers.wav")
def test_three_people_are_told_apart() -> None:
    model = VoiceModel(REAL / GE2E, 2)
    assert model.dimensions == 256
    (found,) = listened(model, sound_of(REAL / "recordings/three_speakers.wav"))
    middles = [(window.start + window.end) / 2 for window in found.windows]
    labels = speakers_of([window.print for window in found.windows])
    assert labels == [0 if middle < 5 else 1 if middle < 12 else 2 for middle in middles]


@pytest.mark.real(GE2E, "recordings/phone.wav", "recordings/jfk.flac")
@pytest.mark.parametrize(("name", "people"), [("phone.wav", 2), ("jfk.flac", 1)])
def test_it_is_found_how_many_people_speak(name: str, people: int) -> None:
    (found,) = listened(VoiceModel(REAL / GE2E, 2), sound_of(REAL / "recordings" / name))
    assert len(set(speakers_of([window.print for window in found.windows]))) == people
