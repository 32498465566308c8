"""Test doubles of the engines that follow a script and pass the same behaviour tests as the real ones."""

import array
import hashlib
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
    EmbeddingEngine,
    Generated,
    Heard,
    LanguageEngine,
    MediaEngine,
    Pcm,
    Prompt,
    SpeechEngine,
    SpeechOptions,
)
from app.core.errors import AssistantError, ContextOverflow, EngineCrashed, MediaDamaged, UnsupportedMedia
from app.core.imports.document import read_call
from app.core.job import Progress
from app.core.model import LanguageFacts, Model
from app.core.prompt_state import StateHead, StatePiece, StoredState
from app.core.sampling import GREEDY, Sampling
from app.core.transcript import Segment, Word
from app.core.written_call import WrittenCall
from app.engines.parent.documents import RemoteDocuments
from tests.doubles.embedding import ScriptedEmbedding
from tests.doubles.grammar_pattern import pattern_of
from tests.doubles.model_tools import ScriptedModels, ScriptedProver
from tests.doubles.voices import ScriptedVoices

Script = Callable[[Prompt], str | AssistantError | Sequence[str | AssistantError]]
"""Returns what a `ScriptedLanguage` replies to a prompt."""

_BLOCK = 2.0  # seconds of audio in one block, as from the real decoder
_PIECE = 64  # tokens that are read between two reports
_LEAST_REPLY = 16  # tokens that must fit after the prompt, as in the real engine
_TOKEN = re.compile(r"\s*(?:\w+|[^\w\s])|\s+")


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
        speed: float = 1.0,
    ) -> Iterator[Pcm]:
        """See `MediaEngine.decode`."""
        tracks, own_rate, _ = self._decoded(source)
        if is_mixed and len(tracks) > 1:
            tracks = [array.array("h", [(a + b) // 2 for a, b in zip(*tracks, strict=True)])]
        wanted = [tracks[min(channel, len(tracks) - 1)] for channel in ((0,) if is_mixed else channels)]
        step = own_rate * speed / rate  # at another pitch: a double has no ear
        count, size = int(len(wanted[0]) / step), int(_BLOCK * own_rate / step)
        for at in range(round(start * own_rate / step), count, size):
            here = range(at, min(at + size, count))
            said = (array.array("h", [track[int(n * step)] for n in here]).tobytes() for track in wanted)
            yield Pcm(at * step / own_rate, rate, tuple(said), speed)

    def read_text(self, source: ByteSource, *, is_any_text: bool = False, is_prose: bool = False) -> WrittenCall:
        """See `MediaEngine.read_text`."""
        _refuse_if_closed(self.is_closed)
        return read_call(source.read(0, source.size), is_any_text=is_any_text, is_prose=is_prose)

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

    def __init__(self, script: Script, context_tokens: int = 2048, sampling: Sampling | None = None) -> None:
        self.prompts: list[Prompt] = []
        self.grammars: list[str] = []
        self.samplings: list[Sampling] = []
        self.is_closed = False
        self._script = script
        self._context_tokens = context_tokens
        self._sampling = sampling
        self.prompts_read: list[Prompt] = []
        self._read: list[str] = []
        self._kept: list[str] = []

    def facts(self) -> LanguageFacts:
        """See `LanguageEngine.facts`."""
        _refuse_if_closed(self.is_closed)
        tokens = self._context_tokens
        return LanguageFacts("Scripted", "script", tokens, tokens, sampling=self._sampling)

    def count(self, texts: Sequence[str]) -> list[int]:
        """See `LanguageEngine.count`."""
        _refuse_if_closed(self.is_closed)
        return [len(_tokens(text)) for text in texts]

    def count_prompt(self, prompt: Prompt) -> int:
        """See `LanguageEngine.count_prompt`."""
        _refuse_if_closed(self.is_closed)
        return len(_rendered(prompt))

    def generate(
        self, prompt: Prompt, grammar: str = "", reply_tokens: int = 512, sampling: Sampling = GREEDY
    ) -> Iterator[Progress | Delta | Generated]:
        """See `LanguageEngine.generate`."""
        _refuse_if_closed(self.is_closed)
        read = _rendered(prompt)
        room = self._context_tokens - len(read)
        if room < min(_LEAST_REPLY, reply_tokens):
            raise ContextOverflow
        self.prompts.append(prompt)
        self.grammars.append(grammar)
        self.samplings.append(sampling)
        reused = max(_shared(self._read, read), _shared(self._kept, read))
        said = self._script(prompt)
        parts = [said] if isinstance(said, str | AssistantError) else said
        text = "".join(part for part in parts if isinstance(part, str))
        failure = next((part for part in parts if isinstance(part, AssistantError)), None)
        if grammar and failure is None and not re.fullmatch(pattern_of(grammar), text):
            raise ValueError("the script says what the grammar forbids")
        for done in range(reused + _PIECE, len(read), _PIECE):
            yield Progress("Reading", done, len(read), "tokens")
        self._read = list(read)
        self._keep(prompt)
        tokens, limit = _tokens(text), min(reply_tokens, room)
        for token in tokens[:limit]:
            self._read.append(token)
            yield Delta(token)
        if failure is not None:
            raise failure
        reason = StopReason.FINISHED if len(tokens) <= limit else StopReason.LENGTH
        yield Generated(reason, len(read), reused, min(len(tokens), limit), 0.0, 0.0)

    def read(self, prompt: Prompt) -> Iterator[Progress]:
        """See `LanguageEngine.read`."""
        _refuse_if_closed(self.is_closed)
        tokens = _rendered_beginning(prompt)
        if len(tokens) > self._context_tokens:
            raise ContextOverflow
        self.prompts_read.append(prompt)
        reused = max(_shared(self._read, tokens), _shared(self._kept, tokens))
        for done in range(reused + _PIECE, len(tokens), _PIECE):
            self._kept = tokens[:done]
            yield Progress("Reading", done, len(tokens), "tokens")
        self._read = tokens
        self._keep(prompt)
        yield Progress("Reading", len(tokens), len(tokens), "tokens")

    def state(self, prompt: Prompt, known: StateHead | None = None) -> Iterator[StatePiece]:
        """See `LanguageEngine.state`."""
        _refuse_if_closed(self.is_closed)
        kept = self._kept[: _shared(self._kept, _rendered(prompt))]
        if known is not None and known.tokens >= len(kept) and known.digest == _digest(kept[: known.tokens]):
            return
        for first in range(0, len(kept), _PIECE):
            data = "\0".join(kept[first : first + _PIECE]).encode()
            end = min(len(kept), first + _PIECE)
            yield StatePiece(StateHead(_digest(kept[:end]), end, len(data)), data)

    def load_state(self, prompt: Prompt, stored: StoredState) -> Iterator[Progress]:
        """See `LanguageEngine.load_state`."""
        _refuse_if_closed(self.is_closed)
        tokens = _rendered(prompt)
        fitting = [head for head in stored.heads if head.digest == _digest(tokens[: head.tokens])]
        if not fitting or fitting[-1].tokens <= max(_shared(self._read, tokens), _shared(self._kept, tokens)):
            return
        self._read, self._kept = [], []
        for index, head in enumerate(fitting):
            self._kept += stored.data(index).decode().split("\0")
            yield Progress("Opening", head.tokens, fitting[-1].tokens, "tokens")

    def _keep(self, prompt: Prompt) -> None:
        beginning = _rendered_beginning(prompt)
        if self._kept[: len(beginning)] != beginning:
            self._kept = beginning

    def likelihood(self, prompt: Prompt, one: str, other: str) -> float:
        """1 or 0, by the word with which the script replies."""
        _refuse_if_closed(self.is_closed)
        if len(_rendered(prompt)) >= self._context_tokens:
            raise ContextOverflow
        self.prompts.append(prompt)
        self._read = _rendered(prompt)
        said = str(self._script(prompt)).casefold()
        return 1.0 if said.startswith(one.casefold()) else 0.0 if said.startswith(other.casefold()) else 0.5

    def close(self) -> None:
        """Refuse all further calls."""
        self.is_closed = True


def _digest(tokens: Sequence[str]) -> bytes:
    return hashlib.sha256("\0".join(tokens).encode()).digest()


def _tokens(text: str) -> list[str]:
    return _TOKEN.findall(text)


def _shared(one: Sequence[str], other: Sequence[str]) -> int:
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _rendered(prompt: Prompt) -> list[str]:
    tokens: list[str] = []
    for role, text in prompt.messages:
        tokens += [f"<{role}>", *_tokens(text)]
    return [*tokens, "<assistant>"]


def _rendered_beginning(prompt: Prompt) -> list[str]:
    tokens: list[str] = []
    for role, text in prompt.messages if prompt.shared else ():
        if role != "system":
            return [*tokens, f"<{role}>", *_tokens(text[: prompt.shared])]
        tokens += [f"<{role}>", *_tokens(text)]
    return tokens


class ScriptedEngines:
    """Provides the given engines, and new WAV decoders (`core.engines.Engines`)."""

    def __init__(self, speech: SpeechEngine | None = None, language: LanguageEngine | None = None) -> None:
        self.media_engines: list[ScriptedMedia] = []
        self._speech = speech
        self._language = language
        self.embedding_engine: EmbeddingEngine | None = None
        self.voice_engine = ScriptedVoices()

    def media(self) -> ScriptedMedia:
        """A new decoder."""
        self.media_engines.append(ScriptedMedia())
        return self.media_engines[-1]

    def documents(self) -> RemoteDocuments:
        return RemoteDocuments()

    def speech(self, model: Model) -> SpeechEngine:
        return self._speech or ScriptedSpeech({})

    def language(self, model: Model) -> LanguageEngine:
        return self._language or ScriptedLanguage(lambda _: "")

    def embedding(self, model: Model) -> EmbeddingEngine:
        """The given embedding engine, else one that knows texts by their words."""
        return self.embedding_engine or ScriptedEmbedding(model.name)

    def voices(self, model: Model) -> ScriptedVoices:
        return self.voice_engine

    def models(self, reads: Sequence[Path] = (), writes: Sequence[Path] = ()) -> ScriptedModels:
        return ScriptedModels()

    def prover(self) -> ScriptedProver:
        return ScriptedProver()


def _refuse_if_closed(is_closed: bool) -> None:
    if is_closed:
        raise EngineCrashed("This was stopped.", "What was saved is safe; start it again to go on.")
