"""Recordings as recorders leave them, by the command line: every sentence is there, by its side, at a player's time."""

import os
import struct
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from tests.engines.worker.recordings import RATE, Sound, both_sides, chunk, left, right, silence, wav, written
from tests.running import Home

HELLO, LAUNCH = (0, "Hello, this is Elena speaking."), (6, "I wanted to talk about the website launch.")
HI, SLOW = (3, "Hi Elena, good to hear from you."), (9, "There is a problem, the payment page is slow.")
Line = tuple[int, str, str]


def said(*lines: tuple[int, str], by: str = "Speaker", after: float = 0) -> list[Line]:
    return [(round(start + after), by, text) for start, text in lines]


TWO = sorted(said(HELLO, LAUNCH, by="You") + said(HI, SLOW, by="Them"))
ONE = said(HELLO, LAUNCH)


def heard(home: Home, path: Path) -> tuple[list[Line], str]:
    """The lines with the second in which they begin, and what was written beside them."""
    outcome = home.run_here("transcribe", str(path), "--json")
    assert outcome.status == 0, outcome.out + outcome.err
    return [(int(one["start"]), one["speaker"], one["text"]) for one in outcome.json["utterances"]], outcome.err


def assert_said(found: list[Line], wanted: list[Line]) -> None:
    """The same lines; a codec may move a beginning by a fraction of a second."""
    assert [(who, text) for _, who, text in found] == [(who, text) for _, who, text in wanted]
    assert all(abs(one[0] - other[0]) <= 1 for one, other in zip(found, wanted, strict=True)), found


def sides(you: Sound, them: Sound) -> Sound:
    length = max(you.shape[1], them.shape[1])
    return np.concatenate([np.pad(one, ((0, 0), (0, length - one.shape[1]))) for one in (you, them)])


def after(seconds: float, sound: Sound) -> Sound:
    return np.concatenate([silence(seconds, sound.shape[0]), sound], axis=1)


def one_track(folder: Path, sound: Sound, container: str = "flac", codec: str = "flac", form: str = "s16") -> Path:
    return written(folder / f"call.{container}", [[(0.0, sound)]], container, codec, form)


def tracks(folder: Path, *sounds: Sound, rates: tuple[int, ...] = ()) -> Path:
    return written(folder / "call.mkv", [[(0.0, one)] for one in sounds], "matroska", "flac", rates=rates)


def bytes_in(folder: Path, content: bytes) -> Path:
    (folder / "call").write_bytes(content)
    return folder / "call"


def with_noise(sound: Sound) -> Sound:
    noise = np.random.default_rng(3).normal(0, 10 ** (-75 / 20), sound.shape)
    return (sound + noise).astype(np.float32)


def hum() -> Sound:
    """Twelve seconds of 50 Hz, louder than speech."""
    return (0.2 * np.sin(np.arange(12 * RATE) * 2 * np.pi * 50 / RATE)).astype(np.float32)[None]


def knocked(sound: Sound) -> Sound:
    """A microphone that somebody touched, for a tenth of a second, while nobody spoke."""
    changed = sound.copy()
    changed[0, 2000:3600] = np.random.default_rng(4).normal(0, 0.3, 1600)
    return changed


def clicked(sound: Sound) -> Sound:
    changed = sound.copy()
    changed[:, 1000:1030] = 0.9
    return changed


ONCE = sides(left(), after(600, right()))
LEVELS: dict[str, tuple[Callable[[Path], Path], list[Line]]] = {
    "the other side speaks once, after ten minutes": (
        lambda folder: one_track(folder, ONCE), said(HELLO, LAUNCH, by="You") + said(HI, SLOW, by="Them", after=600)
    ),
    "speech begins after ten minutes of noise": (
        lambda folder: one_track(folder, with_noise(after(600, left()))), said(HELLO, LAUNCH, after=600)
    ),
    "one side is 30 dB quieter": (lambda folder: one_track(folder, sides(left(), right() / 32)), TWO),
    "one side is 40 dB quieter": (
        lambda folder: one_track(folder, sides(left() / 100, right()), "wav", "pcm_s24le", "s32"), TWO
    ),
    "24 bits, 60 dB down": (lambda folder: one_track(folder, both_sides() / 1000, "wav", "pcm_s24le", "s32"), TWO),
    "float, 45 dB down": (lambda folder: one_track(folder, both_sides() / 178, "wav", "pcm_f32le", "flt"), TWO),
    "the mains hum on the other side": (
        lambda folder: one_track(folder, sides(left(), hum())), said(HELLO, LAUNCH, by="You")
    ),
    "a knock on one side, quiet speech on both": (
        lambda folder: one_track(folder, knocked(both_sides() / 200), "wav", "pcm_s24le", "s32"), TWO
    ),
    "a click at full scale before quiet speech": (
        lambda folder: one_track(folder, clicked(both_sides() / 100), "wav", "pcm_s24le", "s32"), TWO
    ),
    "a constant offset on both sides": (lambda folder: one_track(folder, both_sides() * 0.8 + 0.1), TWO),
}  # fmt: skip


@pytest.mark.parametrize("name", LEVELS)
def test_levels(tmp_path: Path, name: str) -> None:
    make, wanted = LEVELS[name]
    found, notes = heard(Home(tmp_path), make(tmp_path))
    assert_said(found, wanted)
    assert ("very quiet" in notes) is ("down" in name or "quiet speech" in name)


def surround(**channels: Sound) -> Sound:
    """Six channels, silent but for the named ones."""
    places = ("front_left", "front_right", "center", "low", "back_left", "back_right")
    return np.concatenate([channels.get(place, silence(12)) for place in places])


TRACKS: dict[str, tuple[Callable[[Path], Path], list[Line]]] = {
    "a mix and its two parts": (
        lambda folder: tracks(folder, (left() + right()) / 2, left(), right()), TWO
    ),
    "tracks of two rates": (lambda folder: tracks(folder, left(), right(), rates=(16_000, 44_100)), TWO),
    "a track and its inverse": (lambda folder: tracks(folder, left(), -left()), ONE),
    "a silent commentary behind the call": (lambda folder: tracks(folder, both_sides(), silence(12)), TWO),
    "the call behind a silent track of another rate": (
        lambda folder: tracks(folder, silence(12), both_sides(), rates=(48_000, 16_000)), TWO
    ),
    "the two tracks of an AVI": (
        lambda folder: written(folder / "call.avi", [[(0.0, left())], [(0.0, right())]], "avi", "pcm_s16le"), TWO
    ),
    "5.1 with the two sides in front": (
        lambda folder: one_track(folder, surround(front_left=left(), front_right=right())), TWO
    ),
    "5.1 with one voice in the middle": (lambda folder: one_track(folder, surround(center=left())), ONE),
    "5.1 with one voice inverted behind": (
        lambda folder: one_track(folder, surround(front_left=left(), back_left=-left())), ONE
    ),
    "one channel inverted and quieter": (lambda folder: one_track(folder, sides(left(), -left() / 2)), ONE),
}  # fmt: skip


@pytest.mark.parametrize("name", TRACKS)
def test_tracks_and_channels(tmp_path: Path, name: str) -> None:
    make, wanted = TRACKS[name]
    found, notes = heard(Home(tmp_path), make(tmp_path))
    by = {"You": {"You", "Speaker"}}.get(wanted[0][1], {"You", "Speaker"})
    if wanted is ONE:  # one voice: whether it counts as one side or as a microphone is not at stake here
        assert {who for _, who, _ in found} <= by
        found = [(start, "Speaker", text) for start, _, text in found]
    assert_said(found, wanted)
    assert "could not be read" not in notes


LATER = said(HELLO, LAUNCH) + said(HI, SLOW, after=32)


def parts(folder: Path, container: str, codec: str, form: str, *starts: tuple[float, Sound]) -> Path:
    return written(folder / f"call.{container}", [list(starts)], container, codec, form)


def trimmed(folder: Path, seconds: float) -> Path:
    """An M4A whose edit list begins so much later than its sound, as an editor trims without writing anew."""
    path = one_track(folder, left(), "mp4", "aac", "fltp")
    content = bytearray(path.read_bytes())
    at = content.index(b"elst") + 4  # version and flags, count, then duration and time in the track
    duration, start = struct.unpack(">II", content[at + 8 : at + 16])
    struct.pack_into(">II", content, at + 8, duration - round(seconds * 1000), start + round(seconds * RATE))
    return bytes_in(folder, bytes(content))


TIMES: dict[str, tuple[Callable[[Path], Path], list[Line]]] = {
    "a pause of the recorder, mp4": (
        lambda folder: parts(folder, "mp4", "aac", "fltp", (0.0, left()), (32.0, right())), LATER
    ),
    "a pause of the recorder, webm": (
        lambda folder: parts(folder, "webm", "libopus", "s16", (0.0, left()), (32.0, right())), LATER
    ),
    "packets that were not sent, ogg": (
        lambda folder: parts(folder, "ogg", "libopus", "s16", (0.0, left()), (32.0, right())), LATER
    ),
    "a hole in bare samples, mkv": (
        lambda folder: parts(folder, "matroska", "pcm_s16le", "s16", (0.0, left()), (32.0, right())), LATER
    ),
    "sound begins late, mov": (
        lambda folder: parts(folder, "mov", "aac", "fltp", (10.0, left())), said(HELLO, LAUNCH, after=10)
    ),
    "sound begins late, webm": (
        lambda folder: parts(folder, "webm", "libopus", "s16", (10.0, left())), said(HELLO, LAUNCH, after=10)
    ),
    "taken from the middle of a stream, ogg": (
        lambda folder: parts(folder, "ogg", "libopus", "s16", (5000.0, left())), ONE
    ),
    "sound begins late, 3gp": (
        lambda folder: parts(folder, "3gp", "aac", "fltp", (10.0, left())), said(HELLO, LAUNCH, after=10)
    ),
    "trimmed by an edit list": (lambda folder: trimmed(folder, 4.5), said((2, LAUNCH[1]))),
}  # fmt: skip


@pytest.mark.parametrize("name", TIMES)
def test_times(tmp_path: Path, name: str) -> None:
    make, wanted = TIMES[name]
    found, notes = heard(Home(tmp_path), make(tmp_path))
    assert_said(found, wanted)
    assert "breaks off" not in notes


def test_times_in_subtitles(tmp_path: Path) -> None:
    path = parts(tmp_path, "mp4", "aac", "fltp", (10.0, left()))
    for form, mark in (("srt", ","), ("vtt", ".")):
        outcome = Home(tmp_path).run_here("transcribe", str(path), "-f", form)
        assert f"00:00:10{mark}" in outcome.out
        assert "00:00:00" not in outcome.out


def counting(riff: int, data: int) -> bytes:
    """A WAV whose header counts so much."""
    whole = wav(left())
    return whole[:4] + riff.to_bytes(4, "little") + whole[8:40] + data.to_bytes(4, "little") + whole[44:]


def rf64() -> bytes:
    """A WAV of more than 4 GiB, as EBU Tech 3306 writes it, but short."""
    body = wav(left())[44:]
    sizes = struct.pack("<QQQI", len(body) + 72, len(body), len(body) // 2, 0)
    form = wav(left())[12:36]
    return b"RF64\xff\xff\xff\xffWAVE" + chunk(b"ds64", sizes) + form + b"data\xff\xff\xff\xff" + body


def with_odd_chunk() -> bytes:
    whole = wav(left())
    body = whole[8:36] + chunk(b"note", b"abc") + b"\0" + whole[36:]
    return chunk(b"RIFF", body)


def twice(folder: Path, container: str, codec: str, form: str, rate: int = RATE) -> bytes:
    """Two files, one after the other, the second at a rate of its own."""
    made = [
        written(folder / f"{number}", [[(0.0, sound)]], container, codec, form, rates=(hertz,)).read_bytes()
        for number, (hertz, sound) in enumerate(((RATE, left()), (rate, right())))
    ]
    return b"".join(made)


BOTH = said(HELLO, LAUNCH) + said(HI, SLOW, after=12)
ENDS: dict[str, tuple[Callable[[Path], bytes], list[Line]]] = {
    "a header that was never written": (lambda _: counting(0, 0), ONE),
    "a header of a stream": (lambda _: counting(0xFFFFFFFF, 0xFFFFFFFF), ONE),
    "a header that counts four seconds": (lambda _: counting(4 * RATE * 2 + 36, 4 * RATE * 2), ONE),
    "RF64": (lambda _: rf64(), ONE),
    "a chunk of an odd length": (lambda _: with_odd_chunk(), ONE),
    "chunks behind the sound": (lambda _: wav(left()) + chunk(b"LIST", b"INFO" + bytes(70_000)), ONE),
    "two WAVs in one": (lambda _: wav(left()) + wav(right()), BOTH),
    "two Matroska files in one": (lambda folder: twice(folder, "matroska", "flac", "s16"), BOTH),
    "two FLACs in one": (lambda folder: twice(folder, "flac", "flac", "s16"), BOTH),
    "two AACs of different rates in one": (lambda folder: twice(folder, "adts", "aac", "fltp", 44_100), BOTH),
    "two MP3s of different rates in one": (lambda folder: twice(folder, "mp3", "mp3", "s16p", 44_100), BOTH),
}


@pytest.mark.parametrize("name", ENDS)
def test_where_a_file_ends(tmp_path: Path, name: str) -> None:
    make, wanted = ENDS[name]
    found, notes = heard(Home(tmp_path), bytes_in(tmp_path, make(tmp_path)))
    assert_said(found, wanted)
    assert "breaks off" not in notes
    assert "was not read" not in notes


def imported_date(home: Home, path: Path) -> datetime:
    outcome = home.run_here("import", str(path), "--no-summary", "--json")
    assert outcome.status == 0, outcome.out
    return datetime.fromisoformat(outcome.json[0]["date"])


def test_a_clock_that_was_not_set_gives_no_date(tmp_path: Path) -> None:
    home, now = Home(tmp_path), datetime.now(UTC)
    times = [0.0, datetime(2107, 12, 31, tzinfo=UTC).timestamp(), (now + timedelta(days=3)).timestamp()]
    for number, seconds in enumerate(times):
        path = one_track(tmp_path, left()[:, number * 100 :])
        os.utime(path, (seconds, seconds))
        assert abs(imported_date(home, path) - now) < timedelta(minutes=5)


@pytest.mark.parametrize(
    ("tags", "wanted"),
    [
        ({"creation_time": "1904-01-01T00:00:00Z"}, None),
        ({"creation_time": "1970-01-01T00:00:00Z"}, None),
        ({"creation_time": "2107-02-03T04:05:06Z"}, None),
        ({"DATE_RECORDED": "2026-03-04 05:06:07"}, datetime(2026, 3, 4, 5, 6, 7)),
        ({"DATE_RECORDED": "2026-03-04T05:06:07+05:30"}, datetime(2026, 3, 3, 23, 36, 7, tzinfo=UTC)),
    ],
)
def test_the_date_that_a_container_tells(tmp_path: Path, tags: dict[str, str], wanted: datetime | None) -> None:
    container, codec, form = ("mp4", "aac", "fltp") if "creation_time" in tags else ("matroska", "flac", "s16")
    path = written(tmp_path / "call", [[(0.0, left())]], container, codec, form, tags=tags)
    changed = datetime(2026, 2, 2, 12, tzinfo=UTC)
    os.utime(path, (changed.timestamp(),) * 2)
    assert imported_date(Home(tmp_path), path) == (changed if wanted is None else wanted.astimezone())
