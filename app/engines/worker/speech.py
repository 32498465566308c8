"""Speech recognition by faster-whisper, inside the speech worker, in flat memory.

Each track is cut where nobody speaks, silence is left out, and what remains is packed into
windows of up to 30 seconds, because Whisper's encoder costs the same for a window however
little is in it. A whole-array call needs 2.8 GB for an hour (measured); this needs a few MB.
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
from app.engines.worker.voice_activity import FRAME, Places, Span, spans, window

WINDOW = 29 * SAMPLE_RATE  # samples of speech in one window, a little under Whisper's 30 seconds
LONGEST_WAIT = 120 * SAMPLE_RATE  # samples held back at most before a window that is not full is recognised
LONGEST_SPEECH = 60 * SAMPLE_RATE  # samples of speech without a pause, after which it is cut anyway
_TOKENS_PER_SECOND = 14  # at most: Whisper was trained on 224 for 30 seconds; what says more repeats itself
_MOST_TOKENS = 400  # the decoder holds 448 with its prompt, and refuses to begin where more is asked for
_FEW_TOKENS = 40  # on top, for the time tokens of a short window
_PATIENCE = 6.0  # seconds for a small model to load in
_SLOWEST_DISK = 30e6  # bytes a second; what loads no faster is not loading
_LOOK = 10 * SAMPLE_RATE  # samples looked at in one go by the voice activity model
_LOOK_BACK = 32 * FRAME  # samples (1 s) heard again, so that the model is warm where it continues
_MOST_OF_SOUND = {"n_fft": 8192, "hop_length": 8192, "feature_size": 1024, "chunk_length": 120}
_SURE = 0.6  # probability from which a detected language is kept for the rest of the track


class Track:
    """The sound of one channel that was not recognised yet."""

    def __init__(self, channel: int) -> None:
        self.channel = channel
        self.start = 0.0  # seconds of the recording at the first sample held
        self.language = ""
        self._blocks: list[NDArray[np.int16]] = []
        self._samples: NDArray[np.int16] = np.empty(0, np.int16)
        self._probabilities: NDArray[np.float32] = np.empty(0, np.float32)
        self._found: list[Span] | None = None

    @property
    def size(self) -> int:
        """Samples held."""
        return len(self._samples) + sum(map(len, self._blocks))

    def add(self, block: bytes, start: float) -> None:
        """Take a block of sound; the first one sets the start."""
        if not self.size:
            self.start = start
        self._blocks.append(np.frombuffer(block, np.int16))

    def look(self, *, is_end: bool) -> list[Span]:
        """Speech in what is held, as far as it was looked at."""
        new = self.size - len(self._probabilities) * FRAME
        if new >= _LOOK or (is_end and new > 0):
            self._join()
            self._probabilities = np.concatenate([self._probabilities, self._new_probabilities(is_end=is_end)])
            self._found = None
        if self._found is None:
            seen = min(self.size, len(self._probabilities) * FRAME)
            self._found = spans(self._probabilities, seen)
        if is_end and self._found:
            self._found[-1] = replace(self._found[-1], is_closed=True)
        return self._found

    def _join(self) -> None:
        self._samples = np.concatenate([self._samples, *self._blocks])
        self._blocks = []

    def _new_probabilities(self, *, is_end: bool) -> NDArray[np.float32]:
        from faster_whisper.vad import get_vad_model

        known = len(self._probabilities) * FRAME
        back = min(known, _LOOK_BACK)
        fresh = self._samples[known - back :]
        short = -len(fresh) % FRAME
        if short and not is_end:
            fresh, short = fresh[: len(fresh) - len(fresh) % FRAME], 0
        if not len(fresh):
            return np.empty(0, np.float32)
        sound = np.pad(fresh.astype(np.float32) / 32768.0, (0, short))
        found: NDArray[np.float32] = np.asarray(get_vad_model()(sound), np.float32).reshape(-1)
        return found[back // FRAME :]

    def cut(self, span: Span) -> NDArray[np.float32]:
        """The sound of a span."""
        self._join()
        return self._samples[span.start : span.end].astype(np.float32) / 32768.0

    def forget(self, sample: int) -> None:
        """Drop what lies before a sample, in whole frames; what is less than a frame at the end goes along."""
        self._join()
        frames = sample // FRAME
        if self.size - sample < FRAME:
            frames = len(self._probabilities)
        self._samples = self._samples[frames * FRAME :].copy()
        self._probabilities = self._probabilities[frames:]
        self._found = None
        self.start += frames * FRAME / SAMPLE_RATE  # at the very end a little late, and then nothing follows

    @property
    def silence_until(self) -> int:
        """The sample up to which it was looked at, less what a beginning word may need."""
        return max(0, len(self._probabilities) * FRAME - SAMPLE_RATE)


class Speech:
    """The speech worker's engine."""

    def __init__(self) -> None:
        self._model: Any = None

    def answer(self, request: protocol.Request, channel: Channel) -> Iterator[protocol.Value]:
        """Load a model, or recognise sound."""
        if isinstance(request, protocol.LoadModel):
            self._load(request)
        elif isinstance(request, protocol.Transcribe):
            yield from self._transcribe(request.options, channel)
        else:
            raise protocol.WireError("not for this worker")

    def _load(self, request: protocol.LoadModel) -> None:
        from faster_whisper import WhisperModel

        size = sum(file.stat().st_size for file in Path(request.path).iterdir())
        _refuse_endless_sound(Path(request.path) / "preprocessor_config.json")
        try:
            with resource_limits.deadline(_PATIENCE + size / _SLOWEST_DISK):
                resource_limits.stay_within(request.free)
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
            block = channel.next_sound()
            if block is not None:
                _feed(tracks, block)
            for track in tracks:
                yield from self._recognise(track, channel, is_end=block is None)
            if block is None:
                return

    def _recognise(self, track: Track, channel: Channel, *, is_end: bool) -> Iterator[Heard]:
        """Recognise full windows; at the end, everything."""
        while True:
            found = track.look(is_end=is_end)
            closed = [span for span in found if span.is_closed]
            is_due = is_end or track.size >= LONGEST_WAIT or sum(s.length for s in closed) >= WINDOW
            if not closed and found and found[0].length >= LONGEST_SPEECH:
                closed, is_due = [replace(found[0], is_closed=True)], True
            if not closed or not is_due:
                break
            taken = window(closed, WINDOW)
            channel.checkpoint()
            segments = self._window(track, taken, channel)
            until = track.start + taken[-1].end / SAMPLE_RATE
            track.forget(taken[-1].end)
            yield Heard(track.channel, until, segments, track.language)
        if not found:  # silence: let go of it, and say how far it reaches
            quiet = track.size if is_end else track.silence_until
            if quiet >= SAMPLE_RATE * 5 or is_end:
                until = track.start + quiet / SAMPLE_RATE
                track.forget(quiet)
                yield Heard(track.channel, until, (), track.language)

    def _window(self, track: Track, taken: list[Span], channel: Channel) -> tuple[Segment, ...]:
        sound = np.concatenate([track.cut(span) for span in taken])
        places = Places(taken)
        segments, info = self._model.transcribe(
            sound,
            language=track.language or None,
            beam_size=5,
            word_timestamps=True,
            max_new_tokens=min(_MOST_TOKENS, _FEW_TOKENS + int(len(sound) / SAMPLE_RATE * _TOKENS_PER_SECOND)),
            condition_on_previous_text=False,  # else one invented line repeats itself through the rest
            vad_filter=False,
        )
        heard = []
        for segment in segments:
            channel.checkpoint()
            words = tuple(_word(word, places, track.start) for word in segment.words or ())
            if words:
                heard.append(Segment(track.channel, words))
        if info.language_probability >= _SURE:
            track.language = info.language
        return tuple(heard)


def _refuse_endless_sound(path: Path) -> None:
    """Settings by which each piece of sound would take gigabytes; faster-whisper computes with whatever they say.

    Raises:
        ModelDamaged: a size is none that sound can have.
    """
    try:
        settings = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return  # faster-whisper takes its own then
    for name, most in _MOST_OF_SOUND.items():
        size = settings.get(name, 1) if isinstance(settings, dict) else 1
        if not isinstance(size, int) or not 0 < size <= most:
            raise ModelDamaged


def _feed(tracks: list[Track], block: Pcm) -> None:
    if block.rate != SAMPLE_RATE or len(block.tracks) != len(tracks):
        raise protocol.WireError("sound of the wrong shape")
    for track, sound in zip(tracks, block.tracks, strict=True):
        track.add(sound, block.start)


def _word(word: Any, places: Places, offset: float) -> Word:
    start, end = places.word(word.word, float(word.start), float(word.end))
    seconds = [round(offset + sample / SAMPLE_RATE, 3) for sample in (start, end)]
    return Word(word.word, seconds[0], seconds[1], round(float(word.probability), 4))
