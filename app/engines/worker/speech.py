"""Speech recognition by faster-whisper, inside the speech worker, in constant memory.

Each track is cut where nobody speaks, silence is dropped, and the rest is packed into windows of
up to 30 seconds, because Whisper's encoder costs the same for a window however little is in it.
Passing a whole array would need 2.8 GB for an hour (measured); this needs a few MB.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import accumulate, compress, groupby
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.core.engines import SAMPLE_RATE, Heard, Pcm, SpeechOptions
from app.core.errors import ModelDamaged, ModelTooLarge, NoModelLoaded
from app.core.transcript import Segment, Word
from app.engines import protocol
from app.engines.memory_shortage import is_of_shortage
from app.engines.sandbox import resource_limits
from app.engines.sandbox.file_rules import MODEL_FILES
from app.engines.worker.change_of_speaker import Seconds, parted_by_turns
from app.engines.worker.channel import Channel
from app.engines.worker.recogniser import Recogniser
from app.engines.worker.spoken_language import (
    CLEAR,
    SURE,
    Place,
    Probabilities,
    Stretch,
    by_language,
    confirmed,
    is_long_enough,
    joined,
    main_language,
    pieces,
    stretches,
)
from app.engines.worker.voice_activity import FRAME, Span, WindowTimeline, next_window, speech_spans

WINDOW = 29 * SAMPLE_RATE  # samples of speech in one window, a little under Whisper's 30 seconds
LONGEST_WAIT = 120 * SAMPLE_RATE  # samples buffered at most before a window is recognised even if not full
LONGEST_SPEECH = 60 * SAMPLE_RATE  # samples of speech without a pause, after which it is cut anyway
_BASE_TIMEOUT = 6.0  # seconds in which a small model must load
_SLOWEST_DISK = 30e6  # bytes per second; a slower load counts as hung
_DETECTION_STEP = 10 * SAMPLE_RATE  # samples given to the voice activity model at a time
_DETECTION_OVERLAP = 32 * FRAME  # samples (1 s) given again, to warm up the model's state before new ones
_PREPROCESSOR_LIMITS = {"n_fft": 8192, "hop_length": 8192, "feature_size": 1024, "chunk_length": 120}
_KEPT_SPANS = 200  # of speech, beside what is buffered: enough for the pause in which the other side is heard
_FIRST_GUESS = "en"  # what a track is taken to be in until its first words are judged; any would do


class Track:
    """The buffered audio of one channel that is not recognised yet."""

    def __init__(self, channel: int) -> None:
        self.channel = channel
        self.start = 0.0  # time in the recording of the first buffered sample, in seconds
        self.language = ""  # spoken so far, or "" before the first words
        self.is_language_fixed = False  # a person said which it is, or the model knows only one
        self._blocks: list[NDArray[np.int16]] = []
        self._samples: NDArray[np.int16] = np.empty(0, np.int16)
        self._probabilities: NDArray[np.float32] = np.empty(0, np.float32)
        self._spans: list[Span] | None = None
        self._voiced_before: list[Seconds] = []  # in what is not buffered any more
        self.last_end = 0.0  # of the last word, in seconds

    @property
    def voiced(self) -> list[Seconds]:
        """Where this track is heard, as far as it was looked at; what is long past is forgotten."""
        return self._voiced_before + self._in_seconds(self._spans or [])

    def _in_seconds(self, spans: Sequence[Span]) -> list[Seconds]:
        times = ([self.start + sample / SAMPLE_RATE for sample in span.voiced] for span in spans)
        return [(first, last) for first, last in times]

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

    def audio_of_all(self, spans: Sequence[Span]) -> NDArray[np.float32]:
        """The audio of spans, one after the other."""
        return np.concatenate([self.audio_of(span) for span in spans])

    @property
    def speech_probabilities(self) -> NDArray[np.float32]:
        """How likely each frame of the buffer that was looked at is speech."""
        return self._probabilities

    def drop_before(self, sample: int) -> None:
        """Drop the audio before `sample`, in whole frames; if less than a frame would be left, drop that too."""
        self._join_blocks()
        gone = [span for span in self._spans or [] if span.end <= sample]
        self._voiced_before = [*self._voiced_before, *self._in_seconds(gone)][-_KEPT_SPANS:]
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
        self._recogniser: Recogniser | None = None

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

        files = (Path(request.path) / name for name in MODEL_FILES)
        size = sum(file.stat().st_size for file in files if file.is_file())
        _check_preprocessor(Path(request.path) / "preprocessor_config.json")
        try:
            with resource_limits.deadline(_BASE_TIMEOUT + size / _SLOWEST_DISK):
                resource_limits.limit_memory(request.free)
                model = WhisperModel(
                    request.path, device="cpu", compute_type="int8", cpu_threads=request.threads, local_files_only=True
                )
                self._recogniser = Recogniser(model)
        except Exception as error:  # tokenizers raises a bare Exception on a damaged file
            raise (ModelTooLarge if is_of_shortage(error) else ModelDamaged) from error

    def _transcribe(self, options: SpeechOptions, channel: Channel) -> Iterator[Heard]:
        if self._recogniser is None:
            raise NoModelLoaded
        tracks = [Track(channel) for channel in options.channels]
        for track in tracks:
            only = "" if self._recogniser.is_multilingual else "en"
            track.language = options.language or only or options.spoken_before.get(track.channel, "")
            track.is_language_fixed = bool(options.language or only)
        while True:
            block = channel.request_sound()
            if block is not None:
                _feed(tracks, block)
            for track in tracks:
                track.find_speech(is_end=block is None)
            for track in tracks:
                others = [other for other in tracks if other is not track]
                yield from self._recognise(track, others, channel, is_end=block is None)
            if block is None:
                return

    def _recognise(self, track: Track, others: Sequence[Track], channel: Channel, *, is_end: bool) -> Iterator[Heard]:
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
            said = self._transcribe_window(track, taken, channel)
            segments = parted_by_turns(said, track.last_end, [place for other in others for place in other.voiced])
            track.last_end = max([track.last_end, *(word.end for one in segments for word in one.words)])
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
        """The words of a window of speech, each stretch of it in the language that is spoken there."""
        assert self._recogniser is not None
        self._recogniser.forget()
        if track.is_language_fixed:
            return tuple(self._words(track, taken, track.language, (), channel))
        parts = pieces(taken, track.speech_probabilities)
        guess = track.language or _FIRST_GUESS
        doubtful: list[Place] = []
        judge = partial(self._judge, track, parts, guess, doubtful)
        try:
            heard = tuple(self._words(track, taken, guess, doubtful, channel, judge))
        except _SpokenOtherwise as otherwise:
            heard = tuple(self._words_by_language(track, parts, otherwise.found, channel))
        track.language = next((s.language for s in reversed(heard) if not s.is_language_doubtful), track.language)
        return heard

    def _judge(self, track: Track, parts: list[Span], guess: str, doubtful: list[Place]) -> None:
        """Judge the languages of the window that was just encoded; where the guess is right, add what is doubtful.

        Raises:
            _SpokenOtherwise: some of it is in another language than the guess.
        """
        assert self._recogniser is not None
        ends = list(accumulate(part.length for part in parts))
        places = [(end - part.length, end) for part, end in zip(parts, ends, strict=True)]
        is_worth = [is_long_enough(part) for part in parts]
        if not any(is_worth):
            is_worth = [part == max(parts, key=lambda one: one.length) for part in parts]
        judged = iter(self._recogniser.languages_of_parts(list(compress(places, is_worth))))
        found = stretches(parts, [next(judged) if is_judged else {} for is_judged in is_worth], track.language)
        main = main_language(found, track.language)
        if any(stretch.language != main for stretch in found):  # judged as a whole, which costs little
            whole = [(places[s.first][0], places[s.end - 1][1]) for s in found]
            found = confirmed(found, self._recogniser.languages_of_parts(whole), main, CLEAR)
        if any(stretch.language != main for stretch in found):
            own = [self._own_languages(track, parts, s) if s.language != main else {} for s in found]
            found = confirmed(found, own, main, SURE)
        if {stretch.language for stretch in found} != {guess}:
            raise _SpokenOtherwise(found)
        doubtful.extend(_doubtful_places(parts, found))

    def _own_languages(self, track: Track, parts: list[Span], stretch: Stretch) -> Probabilities:
        assert self._recogniser is not None
        return self._recogniser.languages(track.audio_of_all(parts[stretch.first : stretch.end]))

    def _words_by_language(
        self, track: Track, parts: list[Span], found: list[Stretch], channel: Channel
    ) -> Iterator[Segment]:
        for group in by_language(found):
            spans = joined(parts[group[0].first : group[-1].end])
            yield from self._words(track, spans, group[0].language, _doubtful_places(parts, group), channel)

    def _words(
        self,
        track: Track,
        spans: list[Span],
        language: str,
        doubtful: Sequence[Place],
        channel: Channel,
        check: Callable[[], None] | None = None,
    ) -> Iterator[Segment]:
        assert self._recogniser is not None
        timeline = WindowTimeline(spans)
        for segment in self._recogniser.segments(track.audio_of_all(spans), language, check):
            channel.checkpoint()
            words = [_word(word, timeline, track.start) for word in segment.words or ()]
            doubts = [(track.start + first / SAMPLE_RATE, track.start + last / SAMPLE_RATE) for first, last in doubtful]
            for is_doubtful, group in groupby(words, key=partial(_is_within, doubts)):
                yield Segment(track.channel, tuple(group), language, is_doubtful)


class _SpokenOtherwise(Exception):
    """A window is not in the one language that it was taken to be in."""

    def __init__(self, found: list[Stretch]) -> None:
        super().__init__()
        self.found = found


def _doubtful_places(parts: list[Span], found: list[Stretch]) -> list[Place]:
    return [(parts[s.first].start, parts[s.end - 1].end) for s in found if s.is_doubtful]


def _is_within(ranges: Sequence[tuple[float, float]], word: Word) -> bool:
    middle = (word.start + word.end) / 2
    return any(first <= middle <= last for first, last in ranges)


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
