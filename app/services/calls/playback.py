"""Playing a call: it is decoded from the sealed file a few seconds ahead of the loudspeaker."""

import array
import threading

from app.core.call import Call, Survey
from app.core.engines import ByteSource, LoudspeakerStream, MediaEngine, OpenLoudspeaker
from app.core.errors import AssistantError
from app.services.engine_pool import EnginePool
from app.storage.tables.calls import CallStore

RATE = 16_000  # Hz; enough for speech, and what the decoder produces for the recogniser anyway
_BLOCK = RATE // 20  # samples passed to the loudspeaker at a time, so that a pause takes effect at once


class Player:
    """Plays one call at a time. Every method but `close` returns at once; playback has a thread of its own."""

    def __init__(self, calls: CallStore, engine_pool: EnginePool, open_loudspeaker: OpenLoudspeaker) -> None:
        self._calls = calls
        self._engine_pool = engine_pool
        self._open_loudspeaker = open_loudspeaker
        self._loudspeaker_lock = threading.Lock()
        self._position_lock = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._call: Call | None = None
        self._position = 0.0
        self.problem: AssistantError | None = None

    @property
    def position(self) -> float:
        """The position in seconds."""
        return self._position

    @property
    def duration(self) -> float:
        """The length of the open call in seconds; 0 if none is open."""
        return self._call.duration if self._call else 0.0

    @property
    def is_playing(self) -> bool:
        """Whether a call is playing or about to."""
        return self._thread is not None and self._thread.is_alive() and not self._stop.is_set()

    def open(self, call: Call) -> None:
        """Choose a call, positioned at its beginning."""
        self.pause()
        self._call, self._position, self.problem = call, 0.0, None

    def play(self) -> None:
        """Play from the position, or from the start if it is at the end; a call that came as text plays nothing."""
        if self._call is None or not self._call.has_sound or self.is_playing:
            return
        if self._position >= self.duration - 0.1:
            self._position = 0.0
        self.problem = None
        self._stop = threading.Event()
        self._thread = threading.Thread(
            target=self._run, args=(self._call, self._position, self._stop), name="player", daemon=True
        )
        self._thread.start()

    def pause(self) -> None:
        """Stop at the position; the thread ends on its own."""
        self._stop.set()

    def seek(self, seconds: float) -> None:
        """Move to a position in seconds; playback continues from there."""
        was_playing = self.is_playing
        with self._position_lock:
            self.pause()
            self._position = min(max(0.0, seconds), self.duration)
        if was_playing:
            self.play()

    def close(self) -> None:
        """Stop, and wait for the thread."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(5.0)
        self._call = None

    def _run(self, call: Call, start: float, stop: threading.Event) -> None:
        media: MediaEngine | None = None
        try:
            with self._loudspeaker_lock:  # waits until the previous run has closed its loudspeaker
                speaker = self._open_loudspeaker(RATE)
                try:
                    media = self._engine_pool.media()
                    with self._calls.sound(call.id) as source:
                        self._play(media, source, self._calls.survey(call.id), speaker, start, stop)
                finally:
                    speaker.close()
        except AssistantError as error:
            if not stop.is_set():
                self.problem = error
        finally:
            stop.set()
            if media is not None:
                self._engine_pool.let_go(media)

    def _play(
        self,
        media: MediaEngine,
        source: ByteSource,
        survey: Survey,
        speaker: LoudspeakerStream,
        start: float,
        stop: threading.Event,
    ) -> None:
        for block in media.decode(source, (0,), start, RATE, is_mixed=True, survey=survey):
            samples = array.array("h", block.tracks[0])
            for first in range(0, len(samples), _BLOCK):
                if stop.is_set():
                    return
                chunk = samples[first : first + _BLOCK]
                speaker.play(array.array("f", [s / 32768.0 for s in chunk]).tobytes())
                if stop.is_set():
                    return
                queued = block.start + (first + len(chunk)) / RATE
                self._set_position(stop, max(start, queued - speaker.delay))
        speaker.finish()
        self._set_position(stop, self.duration)

    def _set_position(self, stop: threading.Event, seconds: float) -> None:
        """Record how far a run has played, unless a seek has ended it meanwhile."""
        with self._position_lock:
            if self._stop is stop and not stop.is_set():
                self._position = seconds
