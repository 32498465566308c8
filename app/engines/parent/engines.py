"""The engine protocols, implemented by worker processes."""

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import msgspec

from app.core.call import Survey
from app.core.engines import (
    SAMPLE_RATE,
    ByteSource,
    Delta,
    Generated,
    Heard,
    LanguageEngine,
    Likelihood,
    MediaEngine,
    Pcm,
    Prompt,
    SpeechEngine,
    SpeechOptions,
)
from app.core.errors import (
    ContextOverflow,
    EngineCrashed,
    EngineOutOfMemory,
    ModelStalls,
    ModelTooLarge,
)
from app.core.fit import CacheType, fallback_profiles, minutes_of
from app.core.job import Progress
from app.core.model import LanguageFacts, Model
from app.core.prompt_state import StateHead, StatePiece, StoredState
from app.core.sampling import GREEDY, Sampling
from app.core.written_call import MOST_LINES, WrittenCall
from app.engines import protocol
from app.engines.parent.byte_server import serve_bytes
from app.engines.parent.documents import RemoteDocuments
from app.engines.parent.embedding import RemoteEmbedding
from app.engines.parent.loading import IDLE, EngineMonitor, NoMonitor, load_model, raise_for_model
from app.engines.parent.model_tools import RemoteModelTools
from app.engines.parent.process import Worker
from app.engines.parent.prompt_state import Serve, serve_state, state_pieces
from app.engines.parent.prover import LocalProver
from app.engines.parent.remote_engine import RemoteEngine
from app.engines.parent.reply_checks import DecodedOrder, HeardOrder
from app.engines.parent.sound_server import SoundServer
from app.engines.parent.voices import RemoteVoices
from app.engines.sandbox.file_rules import model_file_paths

_MEMORY_BACKOFF = 0.7  # of the memory limit that proved too high: the limit for the next attempt


class RemoteMedia(MediaEngine):
    """A `MediaEngine` that runs in the media worker."""

    def __init__(self) -> None:
        self.worker = Worker("media")

    def survey(self, source: ByteSource) -> Iterator[Progress | Survey]:
        """See `MediaEngine.survey`."""
        for value in self.worker.call(protocol.SurveyMedia(source.size), serve_bytes(source)):
            if isinstance(value, Progress | Survey):
                yield value

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
        tracks, is_seekable = (survey.tracks, survey.is_seekable) if survey else ((), True)
        request = protocol.DecodeMedia(source.size, tuple(channels), start, rate, is_mixed, tracks, is_seekable, speed)
        order = DecodedOrder(start, rate, 1 if is_mixed else len(channels), speed)
        for value in self.worker.call(request, serve_bytes(source), order.check):
            if isinstance(value, Pcm):
                yield value

    def read_text(self, source: ByteSource, *, is_any_text: bool = False, is_prose: bool = False) -> WrittenCall:
        """See `MediaEngine.read_text`."""
        values = self.worker.call(protocol.ReadText(source.size, is_any_text, is_prose), serve_bytes(source))
        parts = [value for value in values if isinstance(value, WrittenCall)]
        lines = tuple(line for part in parts for line in part.lines)
        if not lines or len(lines) > MOST_LINES:
            raise self.worker.protocol_error()
        return msgspec.structs.replace(parts[0], lines=lines)

    def close(self) -> None:
        """End the process."""
        self.worker.close()


class RemoteSpeech(RemoteEngine, SpeechEngine):
    """A `SpeechEngine` that runs one model in the speech worker."""

    def __init__(self, model: Model, threads: int, care: EngineMonitor | None = None) -> None:
        self._model = model
        self._threads = threads
        self._care = care or NoMonitor()
        self._has_worked = False
        self.worker = Worker("speech", self._load, model_file_paths(model.path), idle_seconds=IDLE)

    def transcribe(self, sound: Iterable[Pcm], options: SpeechOptions) -> Iterator[Heard]:
        """See `SpeechEngine.transcribe`."""
        order = HeardOrder(options.channels)
        source = SoundServer(sound, order.note_sent)
        try:
            with closing(self.worker.call(protocol.Transcribe(options), source.serve, order.check)) as values:
                for value in values:
                    if isinstance(value, Heard):
                        yield value
        except (EngineCrashed, ModelStalls) as error:
            if error in source.errors:
                raise
            raise_for_model(error, self.worker, self._model, self._care, has_worked=self._has_worked)
        self._has_worked = True
        self._care.record_success(self._model)

    def _load(self, worker: Worker) -> None:
        request = protocol.LoadModel(str(self._model.path.resolve()), self._threads, free=self._care.free_bytes())
        load_model(worker, request, self._model, self._care)


class RemoteLanguage(RemoteEngine, LanguageEngine):
    """A `LanguageEngine` that runs one model in the language worker.

    The model is loaded with the requested context, or with the first smaller profile that fits into
    free memory. A worker that runs out of memory anyway is restarted with less. The user is told.
    """

    def __init__(self, model: Model, threads: int, context_tokens: int, care: EngineMonitor | None = None) -> None:
        self._model = model
        self._threads = threads
        self._requested_tokens = context_tokens
        self._profiles = fallback_profiles(context_tokens)
        self._memory_share = 1.0  # of free memory that the model may take
        self._care = care or NoMonitor()
        self._facts: LanguageFacts | None = None
        self._has_worked = False
        self._last_notice = ""
        self._is_loaded = False
        self.worker = Worker("language", self._load, model_file_paths(model.path), idle_seconds=IDLE)

    def facts(self) -> LanguageFacts:
        """See `LanguageEngine.facts`."""
        self.count([])
        assert self._facts is not None
        return self._facts

    def count(self, texts: Sequence[str]) -> list[int]:
        """See `LanguageEngine.count`."""
        return list(self._counts(protocol.CountTexts(tuple(texts)), len(texts)).tokens)

    def count_prompt(self, prompt: Prompt) -> int:
        """See `LanguageEngine.count_prompt`."""
        return self._counts(protocol.CountPrompt(prompt), 1).tokens[0]

    def generate(
        self, prompt: Prompt, grammar: str = "", reply_tokens: int = 512, sampling: Sampling = GREEDY
    ) -> Iterator[Progress | Delta | Generated]:
        """See `LanguageEngine.generate`."""
        with closing(self._call_within_memory(protocol.Generate(prompt, grammar, reply_tokens, sampling))) as values:
            for value in values:
                if isinstance(value, Progress | Delta | Generated):
                    yield value
        self._has_worked = True
        self._care.record_success(self._model)

    def read(self, prompt: Prompt) -> Iterator[Progress]:
        """See `LanguageEngine.read`."""
        with closing(self._call_within_memory(protocol.ReadPrompt(prompt))) as values:
            for value in values:
                if isinstance(value, Progress):
                    yield value
        self._has_worked = True

    def state(self, prompt: Prompt, known: StateHead | None = None) -> Iterator[StatePiece]:
        """See `LanguageEngine.state`."""
        return state_pieces(self._call_within_memory(protocol.SaveState(prompt, known)))

    def load_state(self, prompt: Prompt, stored: StoredState) -> Iterator[Progress]:
        """See `LanguageEngine.load_state`."""
        request = protocol.LoadState(prompt, stored.heads)
        with closing(self._call_within_memory(request, serve_state(stored))) as values:
            for value in values:
                if isinstance(value, Progress):
                    yield value

    def likelihood(self, prompt: Prompt, one: str, other: str) -> float:
        """See `LanguageEngine.likelihood`."""
        request = protocol.CompareWords(prompt, one, other)
        found = [value for value in self._call_within_memory(request) if isinstance(value, Likelihood)]
        if len(found) != 1:
            raise self.worker.protocol_error()
        self._has_worked = True
        return found[0].of_one

    def _counts(self, request: protocol.Request, texts: int) -> protocol.Counts:
        found = [value for value in self._call_within_memory(request) if isinstance(value, protocol.Counts)]
        if len(found) != 1 or len(found[0].tokens) != texts:
            raise self.worker.protocol_error()
        return found[0]

    def _call_within_memory(
        self, request: protocol.Request, serve: Serve | None = None
    ) -> Generator[protocol.Value, None, None]:
        """Call the worker; if it runs out of memory while it loads the model, start another that takes less.

        Loading is repeated here and not by those who ask, because it belongs to no request: whoever asks first, and
        be it for a count of tokens, finds the largest profile that this computer really holds. Memory that runs out
        later is only reported, since the work may have to be planned anew for a smaller context.

        Raises:
            EngineOutOfMemory: it was already loaded, or the request no longer fits the smaller context; the next call
                uses less memory.
            ModelTooLarge: there is no smaller profile.
        """
        has_less = False
        while True:
            self._is_loaded = self.worker.pid is not None  # one that starts loads first
            try:
                with closing(self.worker.call(request, serve)) as values:
                    yield from values
                return
            except EngineOutOfMemory as error:
                self._profiles, has_less = self._profiles[1:], True
                self._memory_share *= _MEMORY_BACKOFF
                if not self._profiles:
                    raise ModelTooLarge from error
                if self._is_loaded:
                    raise
            except ContextOverflow as error:
                if has_less:
                    raise EngineOutOfMemory from error
                raise
            except (EngineCrashed, ModelStalls) as error:
                raise_for_model(error, self.worker, self._model, self._care, has_worked=self._has_worked)

    def _load(self, worker: Worker) -> None:
        if not self._profiles:  # all failed; the next call starts over, since memory may be free by then
            self._profiles, self._memory_share = fallback_profiles(self._requested_tokens), 1.0
            raise ModelTooLarge
        self._is_loaded = False
        free = int(self._care.free_bytes() * self._memory_share)
        request = protocol.LoadModel(str(self._model.path.resolve()), self._threads, self._profiles, free)
        for value in load_model(worker, request, self._model, self._care):
            if isinstance(value, LanguageFacts):
                own = self._model.sampling or value.sampling
                self._facts = msgspec.structs.replace(value, sampling=own)
                self._report_smaller_context(value)
        self._is_loaded = True

    def _report_smaller_context(self, facts: LanguageFacts) -> None:
        requested = self._requested_tokens
        if facts.trained_tokens:
            requested = min(requested, facts.trained_tokens)
        if facts.context_tokens >= requested and facts.cache is CacheType.F16:
            return
        cache_note = "" if facts.cache is CacheType.F16 else ", kept in eight bits"
        sentence = (
            f"Memory is short: the language model reads {facts.context_tokens:,} tokens at once{cache_note}, "
            f"about {minutes_of(facts.context_tokens)} minutes of call, instead of {requested:,}."
        )
        if sentence != self._last_notice:
            self._last_notice = sentence
            self._care.notify(sentence)


class LocalEngines:
    """Engines in worker processes on this computer (`core.engines.Engines`)."""

    def __init__(
        self, threads: int, context_tokens: int | Callable[[], int], care: EngineMonitor | None = None
    ) -> None:
        """If `context_tokens` is callable, it is called for each new language engine."""
        self._threads = threads
        self._context_tokens = context_tokens
        self._care = care or NoMonitor()

    def media(self) -> RemoteMedia:
        """A new media worker."""
        return RemoteMedia()

    def documents(self) -> RemoteDocuments:
        """A new documents worker."""
        return RemoteDocuments()

    def speech(self, model: Model) -> RemoteSpeech:
        """A speech worker for this model."""
        return RemoteSpeech(model, self._threads, self._care)

    def language(self, model: Model) -> RemoteLanguage:
        """A language worker for this model."""
        wanted = self._context_tokens
        return RemoteLanguage(model, self._threads, wanted() if callable(wanted) else wanted, self._care)

    def embedding(self, model: Model) -> RemoteEmbedding:
        """An embedding worker for this model."""
        return RemoteEmbedding(model, self._threads, self._care)

    def voices(self, model: Model) -> RemoteVoices:
        """A voices worker for this model."""
        return RemoteVoices(model, self._threads, self._care)

    def models(self, reads: Sequence[Path] = (), writes: Sequence[Path] = ()) -> RemoteModelTools:
        """A worker that inspects and converts models."""
        return RemoteModelTools(self._threads, reads, writes)

    def prover(self) -> LocalProver:
        """Asks each kind of process to test its confinement."""
        return LocalProver()
