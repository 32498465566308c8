"""The engine that tells voices apart, in a real worker on a tiny model; what no working worker sends is refused."""

import os
import struct
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from app.core.engines import SAMPLE_RATE, Pcm
from app.core.errors import EngineCrashed, MediaDamaged, ModelDamaged, ModelTooLarge
from app.core.model import Model, ModelKind
from app.core.voices import MOST_SPEAKERS, VoicePrints, VoiceWindow
from app.engines import protocol
from app.engines.parent.engines import LocalEngines
from app.engines.parent.loading import NoMonitor
from app.engines.parent.reply_checks import GroupedOrder, ListenedOrder
from app.engines.parent.voices import RemoteVoices
from app.engines.sandbox import file_rules
from tests.conftest import demo_model
from tests.making_models import voice_prints
from tests.making_models.voice_prints import make
from tests.real.known_calls import sound as sound_of
from tests.running import CALLS


def model_at(path: Path) -> Model:
    return Model(path.stem, ModelKind.DIARIZATION, path, path.stat().st_size)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("models") / "tiny.onnx", dimensions=64)


@pytest.fixture(scope="module")
def engine(tiny: Path) -> Iterator[RemoteVoices]:
    made = LocalEngines(2, 512).voices(model_at(tiny))
    yield made
    made.close()


@pytest.fixture(scope="module")
def call() -> NDArray[np.int16]:
    return sound_of(sorted(CALLS.glob("*.opus"))[0])


def blocks(*tracks: NDArray[np.int16], times: int = 1) -> Iterator[Pcm]:
    done = 0
    for _ in range(times):
        for first in range(0, len(tracks[0]), 2 * SAMPLE_RATE):
            parts = [track[first : first + 2 * SAMPLE_RATE] for track in tracks]
            yield Pcm(done / SAMPLE_RATE, SAMPLE_RATE, tuple(part.tobytes() for part in parts))
            done += len(parts[0])


def test_prints_come_for_each_track(engine: RemoteVoices, call: NDArray[np.int16]) -> None:
    found = list(engine.listen(blocks(call, np.zeros_like(call)), (3, 5)))
    assert [part.channel for part in found] == [3, 5]
    assert len(found[0].windows) > 10
    assert found[1].windows == ()
    vectors = [np.frombuffer(window.print, "<f2").astype(float) for window in found[0].windows]
    assert [float(vector @ vector) for vector in vectors] == pytest.approx([1] * len(vectors), abs=5e-3)
    assert engine.peak_bytes() > 1 << 20
    assert engine.processor_seconds() > 0


def test_prints_are_grouped(engine: RemoteVoices) -> None:
    one, other = packed(1, *[0] * 63), packed(0, 1, *[0] * 62)
    assert engine.group([one] * 9 + [other] * 9) == [0] * 9 + [1] * 9
    assert engine.group([other, one], 2) == [0, 1]
    assert engine.group([one, other], 1) == [0, 0]
    assert engine.group([]) == []


def test_of_too_many_prints_some_stand_for_those_behind_them(
    engine: RemoteVoices, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = packed(1, *[0] * 63), packed(0, 1, *[0] * 62)
    monkeypatch.setattr("app.engines.parent.voices._MOST_SENT", 10)
    found = engine.group([one] * 17 + [other] * 18)
    assert len(found) == 35
    assert (found[:17], found[20:]) == ([0] * 17, [1] * 15)


def test_the_largest_prints_fit_into_a_message(engine: RemoteVoices) -> None:
    largest = packed(1, *[0] * 1023)
    assert engine.group([largest] * 20_000) == [0] * 20_000


def test_a_killed_worker_is_replaced(tiny: Path, call: NDArray[np.int16]) -> None:
    engine = RemoteVoices(model_at(tiny), 2)
    try:
        before = list(engine.listen(blocks(call), (0,)))
        assert engine.worker.pid is not None
        os.kill(engine.worker.pid, 9)
        assert list(engine.listen(blocks(call), (0,))) == before
    finally:
        engine.close()


def test_a_closed_engine_says_so(tiny: Path) -> None:
    engine = RemoteVoices(model_at(tiny), 2)
    engine.close()
    with pytest.raises(EngineCrashed, match="stopped"):
        engine.group([packed(1, 0)])


def test_an_error_of_the_sound_is_not_the_model_s(engine: RemoteVoices, call: NDArray[np.int16]) -> None:
    def broken() -> Iterator[Pcm]:
        yield from blocks(call[: 2 * SAMPLE_RATE])
        raise MediaDamaged

    with pytest.raises(MediaDamaged):
        list(engine.listen(broken(), (0,)))
    assert len(list(engine.listen(blocks(call), (0,)))) == 1


def test_what_is_no_voice_print_model_is_refused(tmp_path: Path, tiny: Path) -> None:
    half = tmp_path / "half.onnx"
    half.write_bytes(tiny.read_bytes()[: tiny.stat().st_size // 2])
    for path in (half, make(tmp_path / "other.onnx", bands=7), demo_model(ModelKind.LANGUAGE).path):
        engine = RemoteVoices(model_at(path), 2)
        with pytest.raises(ModelDamaged):
            engine.group([packed(1, 0)])
        engine.close()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux counts what is requested")
def test_a_model_that_asks_for_all_memory_is_too_large(tmp_path: Path) -> None:
    path = tmp_path / "hungry.onnx"
    path.write_bytes(hungry(1 << 38))

    class Free(NoMonitor):
        def free_bytes(self) -> int:
            return 1 << 30

    engine = RemoteVoices(model_at(path), 2, Free())
    with pytest.raises((ModelTooLarge, ModelDamaged)):
        engine.group([packed(1, 0)])
    engine.close()


def hungry(values: int) -> bytes:
    """A model that makes so many values of what it is given, and then their mean."""
    field, text = voice_prints.field, voice_prints.value
    shape = field(1, 1) + field(2, 7) + field(8, "shape") + field(9, struct.pack("<q", values))
    flat = field(1, "axes") + field(8, 1) + field(8, 2) + field(20, 7)
    kept = field(1, "keepdims") + field(3, 0) + field(20, 2)
    nodes = [
        field(1, "shape") + field(2, "zeros") + field(4, "ConstantOfShape"),
        field(1, "zeros") + field(2, "sum") + field(4, "ReduceSum") + field(5, kept),
        field(1, "mel") + field(2, "flat") + field(4, "ReduceMean") + field(5, flat) + field(5, kept),
        field(1, "flat") + field(1, "sum") + field(2, "print") + field(4, "Add"),
    ]
    graph = b"".join(field(1, node) for node in nodes) + field(2, "hungry") + field(5, shape)
    graph += field(11, text("mel", "windows", "frames", 40)) + field(12, text("print", "windows"))
    return field(1, 8) + field(7, graph) + field(8, field(1, "") + field(2, 13))


@pytest.mark.alone
def test_a_long_call_takes_no_more_memory_than_a_short_one(tiny: Path, call: NDArray[np.int16]) -> None:
    engine = RemoteVoices(model_at(tiny), 1)
    try:
        peaks = []
        for minutes in (4, 30):
            times = round(minutes * 60 * SAMPLE_RATE / len(call))
            for part in engine.listen(blocks(call, times=times), (0,)):
                assert part.windows
            peaks.append(engine.peak_bytes())
        assert peaks[1] - peaks[0] < 50_000_000
    finally:
        engine.close()


# --- Files --------------------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform == "win32", reason="links as POSIX has them")
def test_a_link_called_onnx_leads_to_such_a_file_only(tmp_path: Path, tiny: Path) -> None:
    (tmp_path / "letter.txt").write_text("a person's words")
    (tmp_path / "own.gguf").write_bytes(b"GGUF" + bytes(20))
    leads: dict[str, Callable[[], Path]] = {
        "letter.onnx": lambda: tmp_path / "letter.txt",
        "other.onnx": lambda: tmp_path / "own.gguf",
        "model.gguf": lambda: tiny,
        "model.onnx": lambda: tiny,
    }
    for name, target in leads.items():
        (tmp_path / name).symlink_to(target())
    assert [name for name in leads if file_rules.model_file_paths(tmp_path / name)] == ["model.onnx"]
    assert file_rules.model_file_paths(tiny) == (os.path.realpath(tiny),)
    assert file_rules.leads_elsewhere(tmp_path / "letter.onnx")


# --- What no working worker sends ---------------------------------------------------------------


def packed(*values: float) -> bytes:
    return struct.pack(f"<{len(values)}e", *values)


@dataclass(frozen=True)
class Sent:
    """Prints on channel 0 of ten seconds of sound, which a working worker may send unless something is changed."""

    channel: int = 0
    until: float = 5.0
    start: float = 1.0
    end: float = 2.6
    print: bytes = packed(0.6, 0.8)

    def message(self) -> VoicePrints:
        return VoicePrints(self.channel, self.until, (VoiceWindow(self.start, self.end, self.print),))


def checked(*sent: Sent) -> None:
    order = ListenedOrder((0, 4))
    order.note_sent(Pcm(0.0, SAMPLE_RATE, (bytes(20 * SAMPLE_RATE),)))
    for one in sent:
        order.check(one.message())


def test_prints_that_follow_each_other_are_taken() -> None:
    checked(Sent(), Sent(start=1.4, end=3.0), Sent(channel=4, until=2.7), Sent(until=10.0, start=8.0, end=9.0))


@pytest.mark.parametrize(
    "sent",
    [
        [Sent(channel=1)], [Sent(until=13.0)], [Sent(), Sent(until=4.0)], [Sent(start=3.0)], [Sent(end=7.5)],
        [Sent(start=2.0), Sent(start=1.0)], [Sent(print=b"")], [Sent(print=b"abc")], [Sent(print=packed(1, 1))],
        [Sent(print=packed(float("nan"), 1))], [Sent(print=packed(float("inf"), 1))], [Sent(print=packed(0, 0))],
        [Sent(), Sent(print=packed(1, 0, 0))], [Sent()] * 61,
    ],
)  # fmt: skip
def test_prints_that_no_working_worker_sends_are_refused(sent: list[Sent]) -> None:
    with pytest.raises(protocol.WireError):
        checked(*sent)


def test_each_print_has_its_speaker() -> None:
    order = GroupedOrder(3, 2)
    order.check(protocol.Grouped((0, 1)))
    order.check(protocol.Grouped((1,)))
    for labels, prints, speakers in (((0, 0), 1, 0), ((), 1, 0), ((0, 2), 2, 2)):
        with pytest.raises(protocol.WireError):
            GroupedOrder(prints, speakers).check(protocol.Grouped(labels))


@pytest.mark.parametrize(
    "message",
    [
        {"type": "Grouped", "labels": [MOST_SPEAKERS]},
        {"type": "Grouped", "labels": [-1]},
        {"type": "VoicePrints", "channel": 64, "until": 1.0, "windows": []},
        {"type": "VoicePrints", "channel": 0, "until": float("nan"), "windows": []},
        {"type": "VoicePrints", "channel": 0, "until": 1.0, "windows": [[-1.0, 1.0, b"xx"]]},
        {"type": "VoicePrints", "channel": 0, "until": 1.0, "windows": [[0.0, 1.0, b"x" * 2049]]},
    ],
)
def test_values_beyond_their_ranges_are_not_decoded(message: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        protocol.to_parent.decode(msgspec.msgpack.encode(message))
