"""Test doubles of the engines that follow a script and pass the same behaviour tests as the real ones."""

import array
import io
import math
import re
import wave
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from app.core.call import PEAKS_PER_SECOND, Survey
from app.core.conversation import StopReason
from app.core.engines import (
    SAMPLE_RATE,
    ByteSource,
    Delta,
    Generated,
    Heard,
    LanguageEngine,
    MediaEngine,
    ModelEngine,
    Pcm,
    Prompt,
    SpeechEngine,
    SpeechOptions,
)
from app.core.errors import AssistantError, ContextOverflow, EngineCrashed, MediaDamaged, UnsupportedMedia
from app.core.fit import HeaderFacts, Need, Profile
from app.core.inspection import Inspection, Portion
from app.core.job import Progress
from app.core.model import LanguageFacts, Model
from app.core.sandbox_report import Confinement, Layer
from app.core.transcript import Segment, Word

Script = Callable[[Prompt], str | AssistantError | Sequence[str | AssistantError]]
"""Returns what a `ScriptedLanguage` replies to a prompt."""

_BLOCK = 2.0  # seconds of audio in one block, as from the real decoder
_LEAST_REPLY = 16  # tokens that must fit after the prompt, as in the real engine
_TOKEN = re.compile(r"\s*(?:\w+|[^\w\s])|\s+")
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}
_GBNF = re.compile(
    r"""(?P<literal>"(?:[^"\\]|\\.)*")|(?P<set>\[\^?(?:[^\]\\]|\\.)*\])|(?P<rule>[\w-]+)|(?P<mark>\{\d+(?:,\d*)?\}|[|()*+?])|\s+"""
)


class ScriptedMedia(MediaEngine):
    """Decodes 16-bit WAV with the standard library; any other file is unsupported."""

    def __init__(self) -> None:
        self.is_closed = False

    def survey(self, source: ByteSource) -> Iterator[Progress | Survey]:
        """See `MediaEngine.survey`."""
        tracks, rate, is_truncated = self._decoded(source)
        length = len(tracks[0])
        yield Progress("Reading", length / rate, length / rate, "s")
        levels = tuple(_loudest_second(track, rate) for track in tracks)
        step = rate // PEAKS_PER_SECOND
        peaks = bytes(
            min(255, round(max(map(abs, track[at : at + step])) / 32768 * 255))
            for at in range(0, length, step)
            for track in tracks
        )
        correlation = _correlation(tracks) if len(tracks) > 1 else 0.0
        yield Survey(length / rate, len(tracks), levels, correlation, peaks, is_truncated, "pcm_s16le")

    def decode(
        self,
        source: ByteSource,
        channels: Sequence[int],
        start: float = 0.0,
        rate: int = SAMPLE_RATE,
        is_mixed: bool = False,
        survey: Survey | None = None,
    ) -> Iterator[Pcm]:
        """See `MediaEngine.decode`."""
        tracks, own_rate, _ = self._decoded(source)
        if is_mixed and len(tracks) > 1:
            tracks = [array.array("h", [(a + b) // 2 for a, b in zip(*tracks, strict=True)])]
        wanted = [tracks[min(channel, len(tracks) - 1)] for channel in ((0,) if is_mixed else channels)]
        count = int(len(wanted[0]) * rate / own_rate)
        size = int(_BLOCK * rate)
        for at in range(round(start * rate), count, size):
            positions = [int(n * own_rate / rate) for n in range(at, min(at + size, count))]
            yield Pcm(at / rate, rate, tuple(array.array("h", [t[p] for p in positions]).tobytes() for t in wanted))

    def close(self) -> None:
        """Refuse all further calls."""
        self.is_closed = True

    def _decoded(self, source: ByteSource) -> tuple[list["array.array[int]"], int, bool]:
        _refuse_if_closed(self.is_closed)
        try:
            with wave.open(io.BytesIO(source.read(0, source.size))) as file:
                said, channels, rate = file.getnframes(), file.getnchannels(), file.getframerate()
                raw = file.readframes(said)
                if file.getsampwidth() != 2:
                    raise UnsupportedMedia
        except (wave.Error, EOFError) as error:
            raise UnsupportedMedia from error
        whole = array.array("h", raw[: len(raw) // (2 * channels) * 2 * channels])
        if not whole:
            raise MediaDamaged
        tracks = [whole[channel::channels] for channel in range(min(channels, 2))]
        return tracks, rate, len(tracks[0]) < said


def _loudest_second(track: "array.array[int]", rate: int) -> float:
    step = rate // PEAKS_PER_SECOND
    levels = sorted(_level(track[at : at + step]) for at in range(0, len(track), step))[-PEAKS_PER_SECOND:]
    return 10 * math.log10(sum(10 ** (level / 10) for level in levels) / len(levels))


def _level(track: "array.array[int]") -> float:
    return 10 * math.log10(max(sum(s * s for s in track) / len(track) / 32768**2, 1e-12))


def _correlation(tracks: Sequence["array.array[int]"]) -> float:
    left, right = tracks
    scale = (sum(s * s for s in left) * sum(s * s for s in right)) ** 0.5
    return sum(a * b for a, b in zip(left, right, strict=True)) / scale if scale else 0.0


class ScriptedSpeech(SpeechEngine):
    """Recognises the words of its script, except those whose time is silent in the audio.

    `says` holds the words of each channel in order of time. A result comes every `piece` seconds and
    at the end. Each of `failures` applies to one call and is raised after so many results:
    `[(1, EngineCrashed()), (0, EngineCrashed())]` yields one result and fails, fails at once in the
    second call, and recognises everything from the third call on.
    """

    def __init__(
        self,
        says: dict[int, Sequence[Word]],
        piece: float = 10.0,
        language: str = "en",
        failures: Iterable[tuple[int, AssistantError]] = (),
    ) -> None:
        self.calls: list[SpeechOptions] = []
        self.is_closed = False
        self._says = says
        self._piece = piece
        self._language = language
        self._failures = list(failures)

    def transcribe(self, sound: Iterable[Pcm], options: SpeechOptions) -> Iterator[Heard]:
        """See `SpeechEngine.transcribe`."""
        _refuse_if_closed(self.is_closed)
        self.calls.append(options)
        left, failure = self._failures.pop(0) if self._failures else (-1, None)
        for heard in self._heard(sound, options):
            if failure is not None and not left:
                raise failure
            left -= 1
            yield heard
        if failure is not None:
            raise failure

    def peak_bytes(self) -> int:
        """0, as it has no process."""
        return 0

    def close(self) -> None:
        """Refuse all further calls."""
        self.is_closed = True

    def _heard(self, sound: Iterable[Pcm], options: SpeechOptions) -> Iterator[Heard]:
        loud: dict[int, list[Word]] = {channel: [] for channel in options.channels}
        since: float | None = None
        until = 0.0
        for block in sound:
            until, since = block.start + block.duration, block.start if since is None else since
            for channel, track in zip(options.channels, block.tracks, strict=True):
                loud[channel] += [w for w in self._says.get(channel, ()) if _is_loud(w, block, track)]
            if until - since >= self._piece:
                since = until
                for channel in options.channels:
                    yield self._take_heard(channel, until, loud, options)
        for channel in options.channels:
            yield self._take_heard(channel, until, loud, options)

    def _take_heard(self, channel: int, until: float, loud: dict[int, list[Word]], options: SpeechOptions) -> Heard:
        words, loud[channel] = tuple(loud[channel]), []
        segments = (Segment(channel, words),) if words else ()
        return Heard(channel, until, segments, options.language or self._language)


def _is_loud(word: Word, block: Pcm, track: bytes) -> bool:
    """Whether a word ends in this block and is not silent there."""
    first, last = (round((second - block.start) * block.rate) for second in (word.start, word.end))
    return 0 < last <= len(track) // 2 and any(track[2 * max(0, first) : 2 * last])


class ScriptedLanguage(LanguageEngine):
    """Replies with what `script` returns for the prompt, a token at a time; words and punctuation are tokens.

    Like the real engine it never violates the grammar: a script that does raises `ValueError`. An
    `AssistantError` instead of a text is raised; in a list, after the texts.
    """

    def __init__(self, script: Script, context_tokens: int = 2048) -> None:
        self.prompts: list[Prompt] = []
        self.grammars: list[str] = []
        self.is_closed = False
        self._script = script
        self._context_tokens = context_tokens
        self._read: list[str] = []

    def facts(self) -> LanguageFacts:
        """See `LanguageEngine.facts`."""
        _refuse_if_closed(self.is_closed)
        return LanguageFacts("Scripted", "script", self._context_tokens, self._context_tokens)

    def count(self, texts: Sequence[str]) -> list[int]:
        """See `LanguageEngine.count`."""
        _refuse_if_closed(self.is_closed)
        return [len(_tokens(text)) for text in texts]

    def count_prompt(self, prompt: Prompt) -> int:
        """See `LanguageEngine.count_prompt`."""
        _refuse_if_closed(self.is_closed)
        return len(_rendered(prompt))

    def generate(self, prompt: Prompt, grammar: str = "", reply_tokens: int = 512) -> Iterator[Delta | Generated]:
        """See `LanguageEngine.generate`."""
        _refuse_if_closed(self.is_closed)
        read = _rendered(prompt)
        room = self._context_tokens - len(read)
        if room < min(_LEAST_REPLY, reply_tokens):
            raise ContextOverflow
        self.prompts.append(prompt)
        self.grammars.append(grammar)
        reused = _shared(self._read, read)
        said = self._script(prompt)
        parts = [said] if isinstance(said, str | AssistantError) else said
        text = "".join(part for part in parts if isinstance(part, str))
        failure = next((part for part in parts if isinstance(part, AssistantError)), None)
        if grammar and failure is None and not re.fullmatch(pattern_of(grammar), text):
            raise ValueError("the script says what the grammar forbids")
        self._read = list(read)
        tokens = _tokens(text)
        limit = min(reply_tokens, room)
        for token in tokens[:limit]:
            self._read.append(token)
            yield Delta(token)
        if failure is not None:
            raise failure
        reason = StopReason.FINISHED if len(tokens) <= limit else StopReason.LENGTH
        yield Generated(reason, len(read), reused, min(len(tokens), limit), 0.0, 0.0)

    def peak_bytes(self) -> int:
        """0, as it has no process."""
        return 0

    def close(self) -> None:
        """Refuse all further calls."""
        self.is_closed = True


def _tokens(text: str) -> list[str]:
    return _TOKEN.findall(text)


def _shared(one: Sequence[str], other: Sequence[str]) -> int:
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _rendered(prompt: Prompt) -> list[str]:
    tokens: list[str] = []
    for role, text in prompt.messages:
        tokens += [f"<{role}>", *_tokens(text)]
    return [*tokens, "<assistant>"]


def pattern_of(grammar: str) -> str:
    """The regular expression of a GBNF grammar without recursive rules."""
    rules = dict(re.split(r"\s*::=\s*", line, maxsplit=1) for line in grammar.strip().splitlines() if line.strip())

    def piece(found: re.Match[str]) -> str:
        if found["literal"]:
            plain = re.sub(r"\\(.)", lambda m: _ESCAPES.get(m[1], m[1]), found["literal"][1:-1])
            return f"(?:{re.escape(plain)})"
        if found["set"]:
            negated = found["set"].startswith("[^")
            body = found["set"][2 if negated else 1 : -1]
            return ("[^" if negated else "[") + re.sub(r"(?<!\\)\[", r"\\[", body) + "]"
        if found["rule"]:
            return rule(found["rule"])
        return (found["mark"] or "").replace("(", "(?:")

    def rule(name: str) -> str:
        return f"(?:{_GBNF.sub(piece, rules[name])})"

    return rule("root")


class ScriptedEngines:
    """Provides the given engines, and new WAV decoders (`core.engines.Engines`)."""

    def __init__(self, speech: SpeechEngine | None = None, language: LanguageEngine | None = None) -> None:
        self.media_engines: list[ScriptedMedia] = []
        self._speech = speech
        self._language = language

    def media(self) -> ScriptedMedia:
        """A new decoder."""
        self.media_engines.append(ScriptedMedia())
        return self.media_engines[-1]

    def speech(self, model: Model) -> SpeechEngine:
        """The given speech engine, else one that recognises nothing."""
        return self._speech or ScriptedSpeech({})

    def language(self, model: Model) -> LanguageEngine:
        """The given language engine, else one with empty replies."""
        return self._language or ScriptedLanguage(lambda _: "")

    def models(self, reads: Sequence[Path] = (), writes: Sequence[Path] = ()) -> "ScriptedModels":
        """An engine that knows only the size of a model."""
        return ScriptedModels()

    def prover(self) -> "ScriptedProver":
        """A prover without any process."""
        return ScriptedProver()


class ScriptedModels(ModelEngine):
    """Plans the file's size and 64 bytes per token; every model has one type (`core.engines.ModelEngine`)."""

    def need(self, profile: Profile, path: Path | None = None, facts: HeaderFacts | None = None, size: int = 0) -> Need:
        """See `ModelEngine.need`."""
        weights = path.stat().st_size if path else size
        return Need(weights, 64 * profile.context_tokens, 0, 0, profile.context_tokens)

    def inspect(self, path: Path) -> Inspection:
        """See `ModelEngine.inspect`."""
        whole = Portion("words", "F16", 1, path.stat().st_size)
        return Inspection("scripted", "scripted", path.stem, 2048, 0, "", "", (whole,))

    def quantised_size(self, path: Path, type_name: str) -> int:
        """See `ModelEngine.quantised_size`."""
        return path.stat().st_size

    def quantise(self, path: Path, target: Path, type_name: str) -> Iterator[Progress]:
        """See `ModelEngine.quantise`; this one only copies."""
        target.write_bytes(path.read_bytes())
        yield Progress("Quantizing", 1, 1, "tensors")

    def bytes_per_second(self) -> float:
        """See `ModelEngine.bytes_per_second`."""
        return 10e9

    def close(self) -> None:
        """Nothing to release."""


class ScriptedProver:
    """Returns the standings that it was given (`core.sandbox_report.Prover`)."""

    def __init__(self, standings: Sequence[Confinement] = ()) -> None:
        self._standings = standings

    def own_layers(self) -> tuple[Layer, ...]:
        """See `Prover.here`."""
        return self._standings[0].layers if self._standings else ()

    def confinements(self) -> Iterator[Confinement]:
        """See `Prover.standings`."""
        yield from self._standings


def _refuse_if_closed(is_closed: bool) -> None:
    if is_closed:
        raise EngineCrashed("This was stopped.", "What was saved is safe; start it again to go on.")
