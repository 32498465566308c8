"""The engines in worker processes, seen through the engine protocols."""

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Protocol

from app.core.engines import (
    SAMPLE_RATE,
    ByteSource,
    Delta,
    Generated,
    Heard,
    LanguageEngine,
    MediaEngine,
    Pcm,
    Prompt,
    SpeechEngine,
    SpeechOptions,
)
from app.core.errors import (
    AssistantError,
    ContextOverflow,
    EngineCrashed,
    EngineOutOfMemory,
    ModelDamaged,
    ModelStalls,
    ModelTooLarge,
)
from app.core.fit import CacheType, ladder, minutes_of
from app.core.job import Progress
from app.core.model import LanguageFacts, Model
from app.core.recording import Survey
from app.engines import protocol
from app.engines.parent.model_tools import RemoteModels
from app.engines.parent.process import Worker
from app.engines.parent.prover import LocalProver
from app.engines.sandbox.file_rules import model_files

IDLE = 300.0  # seconds without a question after which an engine's process is ended and its memory is free
_LESS = 0.7  # of the memory that turned out to be too much


def _served(source: ByteSource) -> Callable[[protocol.WantBytes | protocol.WantSound], protocol.Reply]:
    def serve(want: protocol.WantBytes | protocol.WantSound) -> protocol.Reply:
        if not isinstance(want, protocol.WantBytes) or want.length > protocol.LARGEST_FRAME // 2:
            raise EngineCrashed
        return protocol.Bytes(source.read(want.offset, want.length))

    return serve


class RemoteMedia(MediaEngine):
    """The media worker, seen as a `MediaEngine`."""

    def __init__(self) -> None:
        self.worker = Worker("media")

    def survey(self, source: ByteSource) -> Iterator[Progress | Survey]:
        """See `MediaEngine.survey`."""
        for value in self.worker.call(protocol.SurveyMedia(source.size), _served(source)):
            if isinstance(value, Progress | Survey):
                yield value

    def decode(
        self,
        source: ByteSource,
        channels: Sequence[int],
        start: float = 0.0,
        rate: int = SAMPLE_RATE,
        is_mixed: bool = False,
    ) -> Iterator[Pcm]:
        """See `MediaEngine.decode`."""
        request = protocol.DecodeMedia(source.size, tuple(channels), start, rate, is_mixed)
        for value in self.worker.call(request, _served(source)):
            if isinstance(value, Pcm):
                yield value

    def close(self) -> None:
        """End the process."""
        self.worker.close()


class Care(Protocol):
    """What the parent does for engines: it knows what is free, tells the person, and keeps count of deaths."""

    def free(self) -> int:
        """Bytes that are free now; 0 if nobody knows."""

    def tell(self, sentence: str) -> None:
        """Tell the person what changed."""

    def died(self, model: Model) -> None:
        """A worker died of this model."""

    def lived(self, model: Model) -> None:
        """A worker did its work on this model."""


class NoCare(Care):
    """Takes whatever happens as it comes."""

    def free(self) -> int:
        """Nobody knows."""
        return 0

    def tell(self, sentence: str) -> None:
        """Nobody listens."""

    def died(self, model: Model) -> None:
        """Nobody counts."""

    def lived(self, model: Model) -> None:
        """Nobody counts."""


class RemoteSpeech(SpeechEngine):
    """The speech worker on one model, seen as a `SpeechEngine`."""

    def __init__(self, model: Model, threads: int, care: Care | None = None) -> None:
        self._model = model
        self._threads = threads
        self._care = care or NoCare()
        self._has_worked = False
        self.worker = Worker("speech", self._load, model_files(model.path), idle_seconds=IDLE)

    def transcribe(self, sound: Iterable[Pcm], options: SpeechOptions) -> Iterator[Heard]:
        """See `SpeechEngine.transcribe`."""
        blocks = iter(sound)
        of_the_sound: list[AssistantError] = []  # the decoder may die too, and that is no fault of this model

        def serve(want: protocol.WantBytes | protocol.WantSound) -> protocol.Reply:
            if not isinstance(want, protocol.WantSound):
                raise EngineCrashed
            try:
                return protocol.Sound(next(blocks, None))
            except AssistantError as error:
                of_the_sound.append(error)
                raise

        try:
            with closing(self.worker.call(protocol.Transcribe(options), serve)) as values:
                for value in values:
                    if isinstance(value, Heard):
                        yield value
        except (EngineCrashed, ModelStalls) as error:
            if error in of_the_sound:
                raise
            _count_death(self.worker, self._model, self._care)
            if (damaged := _blamed(error, self.worker, has_worked=self._has_worked)) is None:
                raise
            raise damaged from error
        self._has_worked = True
        self._care.lived(self._model)

    def peak_bytes(self) -> int:
        """See `SpeechEngine.peak_bytes`."""
        return self.worker.one(protocol.AskUsage(), protocol.Usage).peak

    def close(self) -> None:
        """End the process."""
        self.worker.close()

    def _load(self, worker: Worker) -> None:
        request = protocol.LoadModel(str(self._model.path.resolve()), self._threads, free=self._care.free())
        _load(worker, request, self._model, self._care)


class RemoteLanguage(LanguageEngine):
    """The language worker on one model, seen as a `LanguageEngine`.

    It is loaded as wished, or by the first safer profile that fits what is free; one that ran out
    of memory all the same is started again with less. The person is told.
    """

    def __init__(self, model: Model, threads: int, context_tokens: int, care: Care | None = None) -> None:
        self._model = model
        self._threads = threads
        self._wished = context_tokens
        self._profiles = ladder(context_tokens)
        self._share = 1.0  # of what is free, that it may take
        self._care = care or NoCare()
        self._facts: LanguageFacts | None = None
        self._has_worked = False
        self._told = ""
        self.worker = Worker("language", self._load, model_files(model.path), idle_seconds=IDLE)

    def facts(self) -> LanguageFacts:
        """See `LanguageEngine.facts`."""
        self.count([])
        assert self._facts is not None
        return self._facts

    def count(self, texts: Sequence[str]) -> list[int]:
        """See `LanguageEngine.count`."""
        return list(self._one(protocol.CountTexts(tuple(texts))).tokens)

    def count_prompt(self, prompt: Prompt) -> int:
        """See `LanguageEngine.count_prompt`."""
        return self._one(protocol.CountPrompt(prompt)).tokens[0]

    def generate(self, prompt: Prompt, grammar: str = "", reply_tokens: int = 512) -> Iterator[Delta | Generated]:
        """See `LanguageEngine.generate`."""
        with closing(self._safely(protocol.Generate(prompt, grammar, reply_tokens))) as values:
            for value in values:
                if isinstance(value, Delta | Generated):
                    yield value
        self._has_worked = True
        self._care.lived(self._model)

    def peak_bytes(self) -> int:
        """See `LanguageEngine.peak_bytes`."""
        return self.worker.one(protocol.AskUsage(), protocol.Usage).peak

    def close(self) -> None:
        """End the process."""
        self.worker.close()

    def _one(self, request: protocol.Request) -> protocol.Counts:
        found = [value for value in self._safely(request) if isinstance(value, protocol.Counts)]
        if len(found) != 1:
            raise EngineCrashed
        return found[0]

    def _safely(self, request: protocol.Request) -> Generator[protocol.Value, None, None]:
        """Ask; a worker that ran out of memory before its first word is started again with less.

        Raises:
            EngineOutOfMemory: it had begun to answer, or less does not hold the question any more; there is less now.
            ModelTooLarge: there is no less.
        """
        has_less = False
        while True:
            has_begun = False
            try:
                with closing(self.worker.call(request)) as values:
                    for value in values:
                        has_begun = True
                        yield value
                return
            except EngineOutOfMemory as error:
                self._profiles, self._share, has_less = self._profiles[1:], self._share * _LESS, True
                if not self._profiles:
                    raise ModelTooLarge from error
                if has_begun:
                    raise
            except ContextOverflow as error:
                if has_less:
                    raise EngineOutOfMemory from error
                raise
            except (EngineCrashed, ModelStalls) as error:
                _count_death(self.worker, self._model, self._care)
                if (damaged := _blamed(error, self.worker, has_worked=self._has_worked)) is None:
                    raise
                raise damaged from error

    def _load(self, worker: Worker) -> None:
        if not self._profiles:  # all were tried: the next one who asks begins anew, memory may be free by then
            self._profiles, self._share = ladder(self._wished), 1.0
            raise ModelTooLarge
        free = int(self._care.free() * self._share)
        request = protocol.LoadModel(str(self._model.path.resolve()), self._threads, self._profiles, free)
        for value in _load(worker, request, self._model, self._care):
            if isinstance(value, LanguageFacts):
                self._facts = value
                self._tell_what_changed(value)

    def _tell_what_changed(self, facts: LanguageFacts) -> None:
        wished = min(self._wished, facts.trained_tokens) if facts.trained_tokens else self._wished
        if facts.context_tokens >= wished and facts.cache is CacheType.F16:
            return
        how = "" if facts.cache is CacheType.F16 else ", kept in eight bits"
        sentence = (
            f"Memory is short: the language model reads {facts.context_tokens:,} tokens at once{how}, "
            f"about {minutes_of(facts.context_tokens)} minutes of call, instead of {wished:,}."
        )
        if sentence != self._told:
            self._told = sentence
            self._care.tell(sentence)


def _load(worker: Worker, request: protocol.LoadModel, model: Model, care: Care) -> list[protocol.Value]:
    """Load a model; a worker that dies of it was killed by the file, or by its size."""
    try:
        return list(worker.call(request))
    except EngineCrashed as error:
        _count_death(worker, model, care)
        if worker.was_killed:  # not by the file: it can be tried again
            raise
        raise ModelDamaged from error
    except ModelStalls:
        _count_death(worker, model, care)
        raise


def _blamed(error: AssistantError, worker: Worker, *, has_worked: bool) -> ModelDamaged | None:
    """A failure of an engine that never worked on its model is the model's; started again, it would fail again."""
    if has_worked or worker.was_killed or worker.is_closed or not isinstance(error, EngineCrashed):
        return None
    advice = "Your calls are safe; copy the model's file again, or choose another with «tacit models use»."
    return ModelDamaged("The engine can't work with this model's file.", advice)


def _count_death(worker: Worker, model: Model, care: Care) -> None:
    if not worker.was_killed and not worker.is_closed and worker.pid is None:
        care.died(model)


class LocalEngines:
    """Engines in worker processes of this computer (`core.engine.Engines`)."""

    def __init__(self, threads: int, context_tokens: int | Callable[[], int], care: Care | None = None) -> None:
        """With a callable for the context, each engine gets the one that is wished when it is made."""
        self._threads = threads
        self._context_tokens = context_tokens
        self._care = care or NoCare()

    def media(self) -> RemoteMedia:
        """A fresh media worker."""
        return RemoteMedia()

    def speech(self, model: Model) -> RemoteSpeech:
        """A speech worker on this model."""
        return RemoteSpeech(model, self._threads, self._care)

    def language(self, model: Model) -> RemoteLanguage:
        """A language worker on this model."""
        wished = self._context_tokens
        return RemoteLanguage(model, self._threads, wished() if callable(wished) else wished, self._care)

    def models(self, reads: Sequence[Path] = (), writes: Sequence[Path] = ()) -> RemoteModels:
        """A worker that looks at models."""
        return RemoteModels(self._threads, reads, writes)

    def prover(self) -> LocalProver:
        """Asks each kind of process to try its walls."""
        return LocalProver()
