"""The loudspeaker's thread: bounded in memory and time, whatever the sound system does."""

import threading
import time
import tracemalloc

import pytest

from app.core.errors import SoundUnavailable
from app.engines.audio_output import loudspeaker
from app.engines.audio_output.loudspeaker import Loudspeaker

RATE = 16_000


class Stream:
    """A stream that takes everything at once, unless it hangs or fails."""

    def __init__(self) -> None:
        self.written = 0
        self.hangs, self.fails = threading.Event(), False
        self.hangs.set()
        self.is_freed = self.is_drained = self.is_flushed = False

    def __call__(self, rate: int) -> "Stream":
        assert rate == RATE
        return self

    def write(self, samples: bytes) -> None:
        self.hangs.wait(20)
        if self.fails:
            raise OSError("gone")
        self.written += len(samples)

    def delay(self) -> float:
        return 0.25

    def drain(self) -> None:
        self.is_drained = True

    def flush(self) -> None:
        self.is_flushed = True

    def free(self) -> None:
        self.is_freed = True


def play_pieces(speaker: Loudspeaker) -> None:
    for _ in range(5):
        speaker.play(bytes(RATE))
        time.sleep(0.02)


def test_three_hours_pass_through_a_fixed_amount_of_memory_and_delay() -> None:
    stream = Stream()
    speaker = Loudspeaker(RATE, stream)
    piece, count = bytes(RATE * 2), 3 * 3600 * 2
    tracemalloc.start()
    try:
        for _ in range(count):
            speaker.play(bytes(memoryview(piece)))
            assert speaker.delay < 2
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    speaker.finish()
    assert stream.written == count * len(piece)
    assert peak < 1_000_000
    assert (stream.is_drained, stream.is_flushed, stream.is_freed) == (True, False, True)


def test_a_pause_drops_what_was_not_heard() -> None:
    stream = Stream()
    speaker = Loudspeaker(RATE, stream)
    speaker.play(bytes(RATE))
    speaker.close()
    assert (stream.is_drained, stream.is_flushed, stream.is_freed) == (False, True, True)


def test_a_sound_system_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loudspeaker, "_ANSWERS_WITHIN", 0.2)
    stream = Stream()
    speaker = Loudspeaker(RATE, stream)
    stream.hangs.clear()
    began = time.monotonic()
    with pytest.raises(SoundUnavailable, match="stopped"):
        play_pieces(speaker)
    speaker.close()
    assert time.monotonic() - began < 5
    stream.hangs.set()


def test_one_that_fails_is_told_with_the_next_piece_or_at_the_end() -> None:
    stream = Stream()
    stream.fails = True
    speaker = Loudspeaker(RATE, stream)
    with pytest.raises(SoundUnavailable, match="press play"):
        play_pieces(speaker)
    stream = Stream()
    speaker = Loudspeaker(RATE, stream)
    stream.hangs.clear()
    speaker.play(bytes(RATE))
    stream.fails = True
    stream.hangs.set()
    with pytest.raises(SoundUnavailable, match="press play"):
        speaker.finish()


def test_one_that_can_not_be_opened_is_told_with_its_cause() -> None:
    def refuse(rate: int) -> Stream:
        raise OSError("no server")

    with pytest.raises(SoundUnavailable, match="no sound system") as caught:
        Loudspeaker(RATE, refuse)
    assert isinstance(caught.value.__cause__, OSError)


def test_one_that_hangs_while_it_opens_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loudspeaker, "_OPENS_WITHIN", 0.1)
    stream, go_on = Stream(), threading.Event()

    def hang(rate: int) -> Stream:
        go_on.wait(20)
        return stream

    with pytest.raises(SoundUnavailable):
        Loudspeaker(RATE, hang)
    go_on.set()
    end = time.monotonic() + 10
    while not stream.is_freed:
        assert time.monotonic() < end
        time.sleep(0.01)
