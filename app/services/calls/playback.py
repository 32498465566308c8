"""A call is heard: decoded from the sealed file a few seconds ahead of the loudspeaker."""

import array
import threading

from app.core.engines import ByteSource, LoudspeakerStream, MediaEngine, OpenLoudspeaker
from app.core.errors import AssistantError
from app.core.recording import Recording
from app.services.engine_pool import Residency
from app.storage.tables.recordings import RecordingStore

RATE = 16_000  # Hz; speech, and what the decoder makes for the recogniser anyway
_PIECE = RATE // 20  # samples handed to the loudspeaker at a time, so that a pause is heard at once


class Player:
    """Plays one call at a time. Every call returns at once; the work is on a thread of its own."""

    def __init__(self, recordings: RecordingStore, residency: Residency, open_loudspeaker: OpenLoudspeaker) -> None:
        self._recordings = recordings
        self._residency = residency
        self._open_loudspeaker = open_loudspeaker
        self._mutex = threading.Lock()
        self._moving = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._recording: Recording | None = None
        self._position = 0.0
        self.problem: AssistantError | None = None

    @property
    def position(self) -> float:
        """Seconds."""
        return self._position

    @property
    def duration(self) -> float:
        """Seconds of the open call; 0 if there is none."""
        return self._recording.duration if self._recording else 0.0

    @property
    def is_playing(self) -> bool:
        """Whether sound is coming, or about to."""
        return self._thread is not None and self._thread.is_alive() and not self._stop.is_set()

    def open(self, recording: Recording) -> None:
        """Choose a call; it stands at its beginning."""
        self.pause()
        self._recording, self._position, self.problem = recording, 0.0, None

    def play(self) -> None:
        """Go on from the position; from the start if it stood at the end."""
        if self._recording is None or self.is_playing:
            return
        if self._position >= self.duration - 0.1:
            self._position = 0.0
        self.problem = None
        self._stop = threading.Event()
        self._thread = threading.Thread(
            target=self._run, args=(self._recording, self._position, self._stop), name="player", daemon=True
        )
        self._thread.start()

    def pause(self) -> None:
        """Stop at the position; the thread ends by itself."""
        self._stop.set()

    def seek(self, seconds: float) -> None:
        """Move to a second; playing goes on from there."""
        was_playing = self.is_playing
        with self._moving:
            self.pause()
            self._position = min(max(0.0, seconds), self.duration)
        if was_playing:
            self.play()

    def close(self) -> None:
        """Stop, and wait for the thread."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(5.0)
        self._recording = None

    def _run(self, recording: Recording, start: float, stop: threading.Event) -> None:
        media: MediaEngine | None = None
        try:
            with self._mutex:  # the loudspeaker of a run before this one is closed by then
                speaker = self._open_loudspeaker(RATE)
                try:
                    media = self._residency.media()
                    with self._recordings.sound(recording.id) as source:
                        self._play(media, source, speaker, start, stop)
                finally:
                    speaker.close()
        except AssistantError as error:
            if not stop.is_set():
                self.problem = error
        finally:
            stop.set()
            if media is not None:
                self._residency.let_go(media)

    def _play(
        self, media: MediaEngine, source: ByteSource, speaker: LoudspeakerStream, start: float, stop: threading.Event
    ) -> None:
        for block in media.decode(source, (0,), start, RATE, is_mixed=True):
            samples = array.array("h", block.tracks[0])
            for first in range(0, len(samples), _PIECE):
                if stop.is_set():
                    return
                piece = samples[first : first + _PIECE]
                speaker.play(array.array("f", [s / 32768.0 for s in piece]).tobytes())
                if stop.is_set():
                    return
                self._move(stop, block.start + (first + len(piece)) / RATE)
        self._move(stop, self.duration)

    def _move(self, stop: threading.Event, seconds: float) -> None:
        """Note how far a run has come, unless a seek has ended it meanwhile."""
        with self._moving:
            if self._stop is stop and not stop.is_set():
                self._position = seconds
