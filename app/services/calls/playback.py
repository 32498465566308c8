"""Playing a call: it is decoded from the sealed file a few seconds ahead of the loudspeaker."""

import array
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from app.core.call import Call, Survey
from app.core.engines import ByteSource, LoudspeakerStream, MediaEngine, OpenLoudspeaker, Pcm
from app.core.errors import AssistantError
from app.core.pauses import jumps
from app.core.playback import FASTEST, SLOWEST
from app.core.speech import Interval
from app.services.engine_pool import EnginePool
from app.storage.tables.calls import CallStore

RATE = 16_000  # Hz; enough for speech, and what the decoder produces for the recogniser anyway
_BLOCK = RATE // 20  # samples passed to the loudspeaker at a time, so that a pause takes effect at once


@dataclass(frozen=True, eq=False)
class _Turn:
    """What is played without a break: from `start` (seconds of the call) on, at one speed."""

    start: float
    speed: float
    skips_silence: bool


class _Piece(NamedTuple):
    """Some hundredths of a second of sound; `start` and `end` are seconds of the call."""

    start: float
    end: float
    samples: "array.array[int]"


def _sound(
    media: MediaEngine, source: ByteSource, survey: Survey, turn: _Turn, pauses: Sequence[Interval]
) -> Iterator[_Piece]:
    """What is played of a turn; the decoder is free again once it is dropped."""
    blocks = media.decode(source, (0,), turn.start, RATE, is_mixed=True, survey=survey, speed=turn.speed)
    return _without(pauses if turn.skips_silence else (), _pieces(blocks))


def _pieces(blocks: Iterable[Pcm]) -> Iterator[_Piece]:
    for block in blocks:
        samples = array.array("h", block.tracks[0])
        for first in range(0, len(samples), _BLOCK):
            piece, step = samples[first : first + _BLOCK], block.speed / RATE
            yield _Piece(block.start + first * step, block.start + (first + len(piece)) * step, piece)


def _without(pauses: Sequence[Interval], pieces: Iterable[_Piece]) -> Iterator[_Piece]:
    """The pieces, those that begin in a pause without their sound.

    What is decoded is dropped, as starting anew behind the pause would read a whole MP3 up to there.
    """
    nothing, coming = array.array("h"), deque(pauses)
    for piece in pieces:
        while coming and coming[0][1] <= piece.start:
            coming.popleft()
        is_silent = bool(coming) and coming[0][0] <= piece.start
        yield piece._replace(samples=nothing) if is_silent else piece


class Player:
    """Plays one call at a time. Every method but `close` returns at once; playback has a thread of its own.

    The thread keeps its decoder from play to pause: a seek or another speed begins a new turn within it, which is heard
    some hundredths of a second later.
    """

    def __init__(self, calls: CallStore, engine_pool: EnginePool, open_loudspeaker: OpenLoudspeaker) -> None:
        self._calls = calls
        self._engine_pool = engine_pool
        self._open_loudspeaker = open_loudspeaker
        self._loudspeaker_lock = threading.Lock()
        self._lock = threading.Lock()  # over the position, the turn and the end of a run
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._call: Call | None = None
        self._position, self._speed, self._skips_silence = 0.0, 1.0, False
        self._turn = _Turn(0.0, 1.0, skips_silence=False)
        self.problem: AssistantError | None = None

    @property
    def position(self) -> float:
        """The position in seconds of the call, at whatever speed it plays."""
        return self._position

    @property
    def duration(self) -> float:
        """The length of the open call in seconds; 0 if none is open."""
        return self._call.duration if self._call else 0.0

    @property
    def is_playing(self) -> bool:
        """Whether a call is playing or about to."""
        return self._thread is not None and self._thread.is_alive() and not self._stop.is_set()

    @property
    def speed(self) -> float:
        """How many seconds of a call are played in a second."""
        return self._speed

    def set_speed(self, speed: float) -> None:
        """Play at this speed from now on, the slowest or the fastest if it is none; the pitch stays."""
        with self._lock:
            self._speed = min(max(SLOWEST, speed), FASTEST)
            self._begin_turn()

    @property
    def skips_silence(self) -> bool:
        """Whether it jumps over the pauses of a call."""
        return self._skips_silence

    def set_skips_silence(self, skips: bool) -> None:
        """Jump over the pauses of a call from now on, or no longer."""
        with self._lock:
            self._skips_silence = skips
            self._begin_turn()

    def open(self, call: Call) -> None:
        """Choose a call, positioned at its beginning."""
        self.pause()
        with self._lock:
            self._call, self.problem = call, None
            self._begin_turn(0.0)

    def play(self) -> None:
        """Play from the position, or from the start if it is at the end; a call that came as text plays nothing."""
        if self._call is None or not self._call.has_sound or self.is_playing:
            return
        with self._lock:
            self._begin_turn(0.0 if self._position >= self.duration - 0.1 else self._position)
        self.problem = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(self._call, self._stop), name="player", daemon=True)
        self._thread.start()

    def pause(self) -> None:
        """Stop at the position; the thread ends on its own."""
        with self._lock:
            self._stop.set()

    def seek(self, seconds: float) -> None:
        """Move to a position in seconds; playback continues from there."""
        with self._lock:
            self._begin_turn(min(max(0.0, seconds), self.duration))

    def close(self) -> None:
        """Stop, and wait for the thread."""
        self.pause()
        if self._thread is not None:
            self._thread.join(5.0)
        self._call = None

    def _begin_turn(self, start: float | None = None) -> None:
        """Play on from a second, else from the position; needs the lock."""
        self._position = self._position if start is None else start
        self._turn = _Turn(self._position, self._speed, self._skips_silence)

    def _run(self, call: Call, stop: threading.Event) -> None:
        media: MediaEngine | None = None
        try:
            # The lock waits until the previous run has closed its loudspeaker.
            with self._loudspeaker_lock, self._calls.sound(call.id) as source:
                survey, pauses = self._calls.survey(call.id), list[Interval]()
                while not stop.is_set():
                    turn = self._turn
                    if turn.skips_silence and not pauses:
                        transcript = self._calls.transcript(call.id)
                        pauses = jumps(survey, transcript.utterances, transcript.speech)
                    speaker = self._open_loudspeaker(RATE)
                    try:
                        media = media or self._engine_pool.media()
                        self._play(turn, _sound(media, source, survey, turn, pauses), speaker, stop)
                    finally:
                        speaker.close()
        except AssistantError as error:
            if not stop.is_set():
                self.problem = error
        finally:
            stop.set()
            if media is not None:
                self._engine_pool.let_go(media)

    def _play(self, turn: _Turn, pieces: Iterable[_Piece], speaker: LoudspeakerStream, stop: threading.Event) -> None:
        """Play a turn until its end or that of the call."""
        queued, unheard = 0.0, deque[tuple[float, float]]()  # seconds of sound, and where in the call each piece ends
        for piece in pieces:
            if stop.is_set() or self._turn is not turn:
                return
            if piece.samples:
                speaker.play(array.array("f", [s / 32768.0 for s in piece.samples]).tobytes())
                queued += len(piece.samples) / RATE
                unheard.append((queued, piece.end))
            while unheard and unheard[0][0] <= queued - speaker.delay:
                self._set_position(turn, stop, unheard.popleft()[1])
        speaker.finish()
        with self._lock:
            if self._turn is turn and not stop.is_set():
                self._position = self.duration
                stop.set()

    def _set_position(self, turn: _Turn, stop: threading.Event, seconds: float) -> None:
        """Record how far a turn was heard, unless a pause or a seek has ended it meanwhile."""
        with self._lock:
            if self._turn is turn and not stop.is_set():
                self._position = seconds
