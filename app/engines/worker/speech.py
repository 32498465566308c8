"""Speech recognition by faster-whisper, inside the speech worker, in constant memory.

Each track is cut where nobody speaks, silence is dropped, and the rest is packed into windows of
up to 30 seconds, because Whisper's encoder costs the same for a window however little is in it.
Passing a whole array would need 2.8 GB for an hour (measured); this needs a few MB.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.core.engines import SAMPLE_RATE, Heard, Pcm, SpeechOptions
from app.core.errors import EngineError, ModelDamaged, ModelTooLarge
from app.core.transcript import Segment, Word
from app.engines import protocol
from app.engines.sandbox import resource_limits
from app.engines.worker.channel import Channel
from app.engines.worker.voice_activity import FRAME, Span, WindowTimeline, next_window, speech_spans

WINDOW = 29 * SAMPLE_RATE  # samples of speech in one window, a little under Whisper's 30 seconds
LONGEST_WAIT = 120 * SAMPLE_RATE  # samples buffered at most before a window is recognised even if not full
LONGEST_SPEECH = 60 * SAMPLE_RATE  # samples of speech without a pause, after which it is cut anyway
_TOKENS_PER_SECOND = 14  # at most: Whisper was trained on 224 for 30 seconds; more than that is repetition
_MOST_TOKENS = 400  # the decoder holds 448 with its prompt, and refuses requests for more
_FEW_TOKENS = 40  # extra, for the timestamp tokens of a short window
_BASE_TIMEOUT = 6.0  # seconds in which a small model must load
_SLOWEST_DISK = 30e6  # bytes per second; a slower load counts as hung
_DETECTION_STEP = 10 * SAMPLE_RATE  # samples given to the voice activity model at a time
_DETECTION_OVERLAP = 32 * FRAME  # samples (1 s) given again, to warm up the model's state before new ones
_PREPROCESSOR_LIMITS = {"n_fft": 8192, "hop_length": 8192, "feature_size": 1024, "chunk_length": 120}
_SURE_OF_LANGUAGE = 0.6  # probability from which a detected language is kept for the rest of the track


class Track:
    """The buffered audio of one channel that is not recognised yet."""

    def __init__(self, channel: int) -> None:
        self.channel = channel
        self.start = 0.0  # time in the recording of the first buffered sample, in seconds
        self.language = ""
        self._blocks: list[NDArray[np.int16]] = []
        self._samples: NDArray[np.int16] = np.empty(0, np.int16)
        self._probabilities: NDArray[np.float32] = np.empty(0, np.float32)
        self._spans: list[Span] | None = None

    @property
    def size(self) -> int:
        """The number of buffered samples."""
        return len(self._samples) + sum(map(len, self._blocks))

    def add(self, block: bytes, start: float) -> None:
        """Append a block of 16-bit samples that begins at `start` (seconds); the first one sets the track's start."""
        if not self.size:
            self.start = start
        self._blocks.append(np.frombuffer(block, np.int16))

    def find_speech(self, *, is_end: bool) -> list[Span]:
        """Detect speech in new samples once there are enough; returns the speech found in the buffer so far."""
        new = self.size - len(self._probabilities) * FRAME
        if new >= _DETECTION_STEP or (is_end and new > 0):
            self._join_blocks()
            self._probabilities = np.concatenate([self._probabilities, self._new_probabilities(is_end=is_end)])
            self._spans = None
        if self._spans is None:
            checked_samples = min(self.size, len(self._probabilities) * FRAME)
            self._spans = speech_spans(self._probabilities, checked_samples)
        if is_end and self._spans:
            self._spans[-1] = replace(self._spans[-1], is_closed=True)
        return self._spans

    def _join_blocks(self) -> None:
        self._samples = np.concatenate([self._samples, *self._blocks])
        self._blocks = []

    def _new_probabilities(self, *, is_end: bool) -> NDArray[np.float32]:
        from faster_whisper.vad import get_vad_model

        known = len(self._probabilities) * FRAME
        overlap = min(known, _DETECTION_OVERLAP)
        fresh = self._samples[known - overlap :]
        padding = -len(fresh) % FRAME
        if padding and not is_end:
            fresh, padding = fresh[: len(fresh) - len(fresh) % FRAME], 0
        if not len(fresh):
            return np.empty(0, np.float32)
        sound = np.pad(fresh.astype(np.float32) / 32768.0, (0, padding))
        found: NDArray[np.float32] = np.asarray(get_vad_model()(sound), np.float32).reshape(-1)
        return found[overlap // FRAME :]

    def audio_of(self, span: Span) -> NDArray[np.float32]:
        """The audio of a span, shape (samples,), in -1 to 1."""
        self._join_blocks()
        return self._samples[span.start : span.end].astype(np.float32) / 32768.0

    def drop_before(self, sample: int) -> None:
        """Drop the audio before `sample`, in whole frames; if less than a frame would be left, drop that too."""
        self._join_blocks()
        frames = sample // FRAME
        if self.size - sample < FRAME:
            frames = len(self._probabilities)
        self._samples = self._samples[frames * FRAME :].copy()
        self._probabilities = self._probabilities[frames:]
        self._spans = None
        self.start += frames * FRAME / SAMPLE_RATE  # at the very end a little too late, but then nothing follows

    @property
    def silence_until(self) -> int:
        """The sample up to which speech was looked for, less a second that a word may have begun in."""
        return max(0, len(self._probabilities) * FRAME - SAMPLE_RATE)


class WhisperEngine:
    """The speech worker's engine."""

    def __init__(self) -> None:
        self._model: Any = None

    def answer(self, request: protocol.Request, channel: Channel) -> Iterator[protocol.Value]:
        """Load a model, or recognise audio."""
        if isinstance(request, protocol.LoadModel):
            self._load(request)
        elif isinstance(request, protocol.Transcribe):
            yield from self._transcribe(request.options, channel)
        else:
            raise protocol.WireError("not for this worker")

    def _load(self, request: protocol.LoadModel) -> None:
        from faster_whisper import WhisperModel

        size = sum(file.stat().st_size for file in Path(request.path).iterdir())
        _check_preprocessor(Path(request.path) / "preprocessor_config.json")
        try:
            with resource_limits.deadline(_BASE_TIMEOUT + size / _SLOWEST_DISK):
                resource_limits.limit_memory(request.free)
                self._model = WhisperModel(
                    request.path, device="cpu", compute_type="int8", cpu_threads=request.threads, local_files_only=True
                )
        except MemoryError as error:
            raise ModelTooLarge from error
        except (RuntimeError, ValueError, OSError, KeyError, TypeError) as error:
            raise ModelDamaged from error
        except Exception as error:  # tokenizers raises a bare Exception on a damaged file
            raise ModelDamaged from error

    def _transcribe(self, options: SpeechOptions, channel: Channel) -> Iterator[Heard]:
        if self._model is None:
            raise EngineError("No speech model is loaded.", "Nothing was changed; start it again.")
        tracks = [Track(channel) for channel in options.channels]
        for track in tracks:
            track.language = options.language
        while True:
            block = channel.request_sound()
            if block is not None:
                _feed(tracks, block)
            for track in tracks:
                yield from self._recognise(track, channel, is_end=block is None)
            if block is None:
                return

    def _recognise(self, track: Track, channel: Channel, *, is_end: bool) -> Iterator[Heard]:
        """Recognise full windows; at the end, everything that is left."""
        while True:
            found = track.find_speech(is_end=is_end)
            closed = [span for span in found if span.is_closed]
            is_due = is_end or track.size >= LONGEST_WAIT or sum(s.length for s in closed) >= WINDOW
            if not closed and found and found[0].length >= LONGEST_SPEECH:
                closed, is_due = [replace(found[0], is_closed=True)], True
            if not closed or not is_due:
                break
            taken = next_window(closed, WINDOW)
            channel.checkpoint()
            segments = self._transcribe_window(track, taken, channel)
            until = track.start + taken[-1].end / SAMPLE_RATE
            track.drop_before(taken[-1].end)
            yield Heard(track.channel, until, segments, track.language)
        if not found:  # silence: drop it, and report how far it reaches
            silent_samples = track.size if is_end else track.silence_until
            if silent_samples >= SAMPLE_RATE * 5 or is_end:
                until = track.start + silent_samples / SAMPLE_RATE
                track.drop_before(silent_samples)
                yield Heard(track.channel, until, (), track.language)

    def _transcribe_window(self, track: Track, taken: list[Span], channel: Channel) -> tuple[Segment, ...]:
        sound = np.concatenate([track.audio_of(span) for span in taken])
        timeline = WindowTimeline(taken)
        segments, info = self._model.transcribe(
            sound,
            language=track.language or None,
            beam_size=5,
            word_timestamps=True,
            max_new_tokens=min(_MOST_TOKENS, _FEW_TOKENS + int(len(sound) / SAMPLE_RATE * _TOKENS_PER_SECOND)),
            condition_on_previous_text=False,  # else a hallucinated line repeats through the rest
            vad_filter=False,
        )
        heard = []
        for segment in segments:
            channel.checkpoint()
            words = tuple(_word(word, timeline, track.start) for word in segment.words or ())
            if words:
                heard.append(Segment(track.channel, words))
        if info.language_probability >= _SURE_OF_LANGUAGE:
            track.language = info.language
        return tuple(heard)


def _check_preprocessor(path: Path) -> None:
    """Refuse preprocessor settings that would take gigabytes per window: faster-whisper does not check them.

    Raises:
        ModelDamaged: a size is not a plausible one for audio.
    """
    try:
        settings = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return  # faster-whisper then uses its defaults
    for name, most in _PREPROCESSOR_LIMITS.items():
        size = settings.get(name, 1) if isinstance(settings, dict) else 1
        if not isinstance(size, int) or not 0 < size <= most:
            raise ModelDamaged


def _feed(tracks: list[Track], block: Pcm) -> None:
    if block.rate != SAMPLE_RATE or len(block.tracks) != len(tracks):
        raise protocol.WireError("sound of the wrong shape")
    for track, sound in zip(tracks, block.tracks, strict=True):
        track.add(sound, block.start)


def _word(word: Any, timeline: WindowTimeline, offset: float) -> Word:
    start, end = timeline.to_track_samples(word.word, float(word.start), float(word.end))
    seconds = [round(offset + sample / SAMPLE_RATE, 3) for sample in (start, end)]
    return Word(word.word, seconds[0], seconds[1], round(float(word.probability), 4))
