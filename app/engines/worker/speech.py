"""Speech recognition by faster-whisper, inside the speech worker, in constant memory.

Each track is cut where nobody speaks, silence is dropped, and the rest is packed into windows of
up to 30 seconds, because Whisper's encoder costs the same for a window however little is in it.
Some windows are decoded together: a step of the decoder costs several hardly more than one.
Passing a whole array would need 2.8 GB for an hour (measured); this needs a few MB.
"""

import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import accumulate, compress, groupby
from pathlib import Path
from typing import Any

from app.core.engines import SAMPLE_RATE, Heard, Pcm, SpeechOptions
from app.core.errors import ModelDamaged, ModelTooLarge, NoModelLoaded
from app.core.speech import Interval
from app.core.transcript import Segment, Word
from app.engines import protocol
from app.engines.memory_shortage import is_of_shortage
from app.engines.model_files import whisper_settings
from app.engines.sandbox import resource_limits
from app.engines.sandbox.file_rules import MODEL_FILES
from app.engines.worker.change_of_speaker import parted_by_turns
from app.engines.worker.channel import Channel
from app.engines.worker.missed_speech import is_heard, missed_spans, with_missed
from app.engines.worker.recogniser import Recogniser, Sound
from app.engines.worker.spoken_language import (
    CLEAR,
    SURE,
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
from app.engines.worker.track import Track, Window
from app.engines.worker.voice_activity import Span, WindowTimeline, next_window

WINDOW = 29 * SAMPLE_RATE  # samples of speech in one window, a little under Whisper's 30 seconds
LONGEST_WAIT = 120 * SAMPLE_RATE  # samples buffered at most before a window is recognised even if not full
LONGEST_SPEECH = 60 * SAMPLE_RATE  # samples of speech without a pause, after which it is cut anyway
MOST_WINDOWS = 4
"""Windows decoded together: the decoder keeps about as much of so many as of one tried at a higher temperature."""
LONGEST_HOLD = 600.0  # seconds of sound behind a window that waits to be decoded with others
_PATIENCE = 10.0  # seconds that decoding together may take: so much work is done again after a crash
_BASE_TIMEOUT = 6.0  # seconds in which a small model must load
_SLOWEST_DISK = 30e6  # bytes per second; a slower load counts as hung


@dataclass(frozen=True, slots=True)
class _Part:
    """Speech of a window that is in one language; what of it may be in another is marked."""

    spans: list[Span]
    sound: Sound
    language: str
    doubtful: Sequence[Interval] = ()


@dataclass(frozen=True, slots=True)
class _Said:
    """What is heard in a window, and the language that is spoken last on its track then."""

    track: Track
    window: Window
    parts: Sequence[_Part]
    segments: tuple[Segment, ...]
    language: str


class WhisperEngine:
    """The speech worker's engine."""

    def __init__(self) -> None:
        self._recogniser: Recogniser | None = None

    def answer(self, request: protocol.Request, channel: Channel) -> Iterator[protocol.Value]:
        """Load a model, or recognise audio."""
        if isinstance(request, protocol.LoadModel):
            self._load(request)
        elif isinstance(request, protocol.Transcribe):
            if self._recogniser is None:
                raise NoModelLoaded
            yield from _Transcription(self._recogniser, request.options, channel).run()
        else:
            raise protocol.WireError("not for this worker")

    def _load(self, request: protocol.LoadModel) -> None:
        from faster_whisper import WhisperModel

        files = (Path(request.path) / name for name in MODEL_FILES)
        size = sum(file.stat().st_size for file in files if file.is_file())
        width = whisper_settings.checked_width(Path(request.path))
        try:
            with resource_limits.deadline(_BASE_TIMEOUT + size / _SLOWEST_DISK):
                resource_limits.limit_memory(request.free)
                model = WhisperModel(
                    request.path, device="cpu", compute_type="int8", cpu_threads=request.threads, local_files_only=True
                )
                self._recogniser = Recogniser(model, width)
        except Exception as error:  # tokenizers raises a bare Exception on a damaged file
            raise (ModelTooLarge if is_of_shortage(error) else ModelDamaged) from error


class _Transcription:
    """One run over the sound of a call, track by track."""

    def __init__(self, recogniser: Recogniser, options: SpeechOptions, channel: Channel) -> None:
        self._recogniser, self._channel = recogniser, channel
        self._tracks = [Track(number) for number in options.channels]
        for track in self._tracks:
            only = "" if recogniser.is_multilingual else "en"
            track.language = options.language or only or options.spoken_before.get(track.channel, "")
            track.is_language_fixed = bool(options.language or only)
        self._waiting: list[tuple[Track, Window | Heard]] = []  # windows, and silence behind one, in order
        self._most = 1  # windows decoded together next: one at first, so that its words come soon

    def run(self) -> Iterator[Heard]:
        """What is heard, in order on each track."""
        while True:
            block = self._channel.request_sound()
            if block is not None:
                _feed(self._tracks, block)
            for track in self._tracks:
                track.find_speech(is_end=block is None)
            for track in self._tracks:
                yield from self._take(track, is_end=block is None)
            if block is None or block.start - self._waiting_since() > LONGEST_HOLD:
                yield from self._recognise_waiting()
            if block is None:
                return

    def _waiting_since(self) -> float:
        """Until when it is heard what waits longest, in seconds of the recording; infinity if nothing waits."""
        return min((one.until for _, one in self._waiting), default=math.inf)

    def _take(self, track: Track, *, is_end: bool) -> Iterator[Heard]:
        """Take full windows out of a track, and at the end all that is left; recognise them once they are enough."""
        while True:
            found = track.find_speech(is_end=is_end)
            closed = [span for span in found if span.is_closed]
            is_due = is_end or track.size >= LONGEST_WAIT or sum(s.length for s in closed) >= WINDOW
            if not closed and found and found[0].length >= LONGEST_SPEECH:
                closed, is_due = [replace(found[0], is_closed=True)], True
            if not closed or not is_due:
                break
            self._waiting.append((track, track.take(next_window(closed, WINDOW))))
            if sum(isinstance(one, Window) for _, one in self._waiting) >= self._most:
                yield from self._recognise_waiting()
        if not found:  # silence: drop it, and report how far it reaches
            silent_samples = track.size if is_end else track.silence_until
            if silent_samples >= SAMPLE_RATE * 5 or is_end:
                until = track.start + silent_samples / SAMPLE_RATE
                track.drop_before(silent_samples)
                self._waiting.append((track, Heard(track.channel, until, (), track.language)))
                if all(isinstance(one, Heard) for _, one in self._waiting):
                    yield from self._recognise_waiting()

    def _recognise_waiting(self) -> Iterator[Heard]:
        """Recognise the windows that wait, and report them and the silence between them in order."""
        waiting, self._waiting = self._waiting, []
        windows = [(track, one) for track, one in waiting if isinstance(one, Window)]
        began = time.monotonic()
        said = iter(self._with_missed(list(self._said_in(windows))))
        for track, one in waiting:
            if isinstance(one, Heard):
                yield one
                continue
            heard = next(said)
            segments, language = heard.segments, heard.language
            others = [place for other in self._tracks if other is not track for place in other.voiced]
            parted = parted_by_turns(segments, track.last_end, others)
            track.last_end = max([track.last_end, *(word.end for segment in parted for word in segment.words)])
            yield Heard(track.channel, one.until, parted, language, one.speech)
        if windows:
            seconds = (time.monotonic() - began) / len(windows)
            self._most = max(1, min(MOST_WINDOWS, 2 * len(windows), int(_PATIENCE / max(seconds, 1e-6))))
            if self._recogniser.lacked_memory:
                self._most = 1

    def _said_in(self, windows: Sequence[tuple[Track, Window]]) -> Iterator[_Said]:
        """What is heard in each window."""
        self._recogniser.forget()
        spoken = {track.channel: track.language for track in self._tracks}
        found: list[tuple[Track, Window, list[_Part]]] = []
        for track, window in windows:
            self._channel.checkpoint()
            found.append((track, window, self._parts(track, window)))
        heard = self._heard_in([part for _, _, of_window in found for part in of_window])
        for track, window, of_window in found:
            said = tuple(s for part in of_window for s in self._segments(track, window, part, next(heard)))
            sure = [segment.language for segment in said if not segment.is_language_doubtful]
            if sure:
                spoken[track.channel] = sure[-1]
            track.language = spoken[track.channel]  # what was judged where no word was heard counts no more
            yield _Said(track, window, of_window, said, track.language)

    def _with_missed(self, found: list[_Said]) -> list[_Said]:
        """The same, with what is heard in the speech that has no words once it is decoded by itself."""
        self._recogniser.forget()
        missed = [
            (at, _part_of(span, one)) for at, one in enumerate(found) for span in missed_spans(one.window, one.segments)
        ]
        for first in range(0, len(missed), self._most):
            some = missed[first : first + self._most]
            for (at, part), heard in zip(
                some, self._heard_in([part for _, part in some], is_tried_again=False), strict=True
            ):
                sure = [segment for segment in heard if is_heard(segment, part.spans[0])]
                for segment in self._segments(found[at].track, found[at].window, part, sure):
                    found[at] = replace(found[at], segments=with_missed(found[at].segments, segment))
        return found

    def _heard_in(self, parts: Sequence[_Part], *, is_tried_again: bool = True) -> Iterator[tuple[Any, ...]]:
        """What faster-whisper hears in each part; those that follow each other in one language are decoded together."""
        for language, group in groupby(parts, key=lambda part: part.language):
            sounds = [part.sound for part in group]
            for heard in self._recogniser.segments(sounds, language, is_tried_again=is_tried_again):
                self._channel.checkpoint()
                yield heard

    def _parts(self, track: Track, window: Window) -> list[_Part]:
        """The speech of a window, each stretch of it with the language that is spoken there."""
        spans = list(window.spans)
        sound = window.sound_of(spans)
        if track.is_language_fixed:
            return [_Part(spans, sound, track.language)]
        cut = pieces(spans, window.probabilities)
        found = self._languages(window, sound, cut, track.language)
        sure = [stretch.language for stretch in found if not stretch.is_doubtful]
        track.language = sure[-1] if sure else track.language
        if len({stretch.language for stretch in found}) == 1:
            return [_Part(spans, sound, found[0].language, _doubtful_places(window, cut, found))]
        return [
            _Part(of_group, window.sound_of(of_group), group[0].language, _doubtful_places(window, cut, group))
            for group in by_language(found)
            for of_group in [joined(cut[group[0].first : group[-1].end])]
        ]

    def _languages(self, window: Window, sound: Sound, cut: list[Span], before: str) -> list[Stretch]:
        """The languages of a window's pieces, of which those that differ from the rest are judged by themselves too."""
        ends = list(accumulate(part.length for part in cut))
        places = [(end - part.length, end) for part, end in zip(cut, ends, strict=True)]
        is_worth = [is_long_enough(part) for part in cut]
        if not any(is_worth):
            is_worth = [part == max(cut, key=lambda one: one.length) for part in cut]
        judged = iter(self._recogniser.languages_of_parts(sound, list(compress(places, is_worth))))
        found = stretches(cut, [next(judged) if is_judged else {} for is_judged in is_worth], before)
        main = main_language(found, before)
        if any(stretch.language != main for stretch in found):  # judged as a whole, which costs little
            whole = [(places[s.first][0], places[s.end - 1][1]) for s in found]
            found = confirmed(found, self._recogniser.languages_of_parts(sound, whole), main, CLEAR)
        if any(stretch.language != main for stretch in found):
            own: list[Probabilities] = [
                self._recogniser.languages(window.sound_of(cut[s.first : s.end])) if s.language != main else {}
                for s in found
            ]
            found = confirmed(found, own, main, SURE)
        return found

    def _segments(self, track: Track, window: Window, part: _Part, heard: Sequence[Any]) -> Iterator[Segment]:
        """The words that were heard in a part, at their times in the recording."""
        timeline = WindowTimeline(part.spans)
        for segment in heard:
            words = [_word(word, timeline, window.start) for word in segment.words or ()]
            for is_doubtful, group in groupby(words, key=partial(_is_within, part.doubtful)):
                yield Segment(track.channel, tuple(group), part.language, is_doubtful)


def _part_of(span: Span, said: _Said) -> _Part:
    """A stretch of a window by itself, in the language that is spoken there."""
    around = (part for part in said.parts if any(one.start <= span.voiced[0] < one.end for one in part.spans))
    return _Part([span], said.window.sound_of([span]), next(around, said.parts[0]).language)


def _doubtful_places(window: Window, cut: list[Span], found: list[Stretch]) -> list[Interval]:
    """Where, in seconds of the recording, another language is about as likely."""
    places = [(cut[s.first].start, cut[s.end - 1].end) for s in found if s.is_doubtful]
    return [(window.start + first / SAMPLE_RATE, window.start + last / SAMPLE_RATE) for first, last in places]


def _is_within(ranges: Sequence[Interval], word: Word) -> bool:
    middle = (word.start + word.end) / 2
    return any(first <= middle <= last for first, last in ranges)


def _feed(tracks: list[Track], block: Pcm) -> None:
    if block.rate != SAMPLE_RATE or len(block.tracks) != len(tracks):
        raise protocol.WireError("sound of the wrong shape")
    for track, sound in zip(tracks, block.tracks, strict=True):
        track.add(sound, block.start)


def _word(word: Any, timeline: WindowTimeline, offset: float) -> Word:
    start, end = timeline.to_track_samples(word.word, float(word.start), float(word.end))
    seconds = [round(offset + sample / SAMPLE_RATE, 3) for sample in (start, end)]
    return Word(word.word, seconds[0], seconds[1], round(float(word.probability), 4))
