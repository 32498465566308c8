"""The engines in worker processes, seen through the engine protocols."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from app.core.engine import (
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
from app.core.errors import EngineCrashed, EngineOutOfMemory, ModelDamaged, ModelTooLarge
from app.core.fit import ladder
from app.core.job import Progress
from app.core.model import LanguageFacts, Model
from app.core.recording import Survey
from app.engines import wire
from app.engines.process import Worker
from app.engines.prover import LocalProver
from app.engines.reach import model_files


def _served(source: ByteSource) -> Callable[[wire.WantBytes | wire.WantSound], wire.Reply]:
    def serve(want: wire.WantBytes | wire.WantSound) -> wire.Reply:
        if not isinstance(want, wire.WantBytes) or want.length > wire.LARGEST_FRAME // 2:
            raise EngineCrashed
        return wire.Bytes(source.read(want.offset, want.length))

    return serve


class RemoteMedia(MediaEngine):
    """The media worker, seen as a `MediaEngine`."""

    def __init__(self) -> None:
        self.worker = Worker("media")

    def survey(self, source: ByteSource) -> Iterator[Progress | Survey]:
        """See `MediaEngine.survey`."""
        for value in self.worker.call(wire.SurveyMedia(source.size), _served(source)):
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
        request = wire.DecodeMedia(source.size, tuple(channels), start, rate, is_mixed)
        for value in self.worker.call(request, _served(source)):
            if isinstance(value, Pcm):
                yield value

    def close(self) -> None:
        """End the process."""
        self.worker.close()


class RemoteSpeech(SpeechEngine):
    """The speech worker on one model, seen as a `SpeechEngine`."""

    def __init__(self, model: Model, threads: int) -> None:
        self._model = model
        self._threads = threads
        self.worker = Worker("speech", self._load, model_files(model.path))

    def transcribe(self, sound: Iterable[Pcm], options: SpeechOptions) -> Iterator[Heard]:
        """See `SpeechEngine.transcribe`."""
        blocks = iter(sound)

        def serve(want: wire.WantBytes | wire.WantSound) -> wire.Reply:
            if not isinstance(want, wire.WantSound):
                raise EngineCrashed
            return wire.Sound(next(blocks, None))

        for value in self.worker.call(wire.Transcribe(options), serve):
            if isinstance(value, Heard):
                yield value

    def close(self) -> None:
        """End the process."""
        self.worker.close()

    def _load(self, worker: Worker) -> None:
        _load(worker, wire.LoadModel(str(self._model.path.resolve()), self._threads))


class RemoteLanguage(LanguageEngine):
    """The language worker on one model, seen as a `LanguageEngine`."""

    def __init__(self, model: Model, threads: int, context_tokens: int) -> None:
        self._request = wire.LoadModel(str(model.path.resolve()), threads, ladder(context_tokens))
        self._facts: LanguageFacts | None = None
        self.worker = Worker("language", self._load, model_files(model.path))

    def facts(self) -> LanguageFacts:
        """See `LanguageEngine.facts`."""
        self.count([])
        assert self._facts is not None
        return self._facts

    def count(self, texts: Sequence[str]) -> list[int]:
        """See `LanguageEngine.count`."""
        return list(self.worker.one(wire.CountTexts(tuple(texts)), wire.Counts).tokens)

    def count_prompt(self, prompt: Prompt) -> int:
        """See `LanguageEngine.count_prompt`."""
        return self.worker.one(wire.CountPrompt(prompt), wire.Counts).tokens[0]

    def generate(self, prompt: Prompt, grammar: str = "", reply_tokens: int = 512) -> Iterator[Delta | Generated]:
        """See `LanguageEngine.generate`."""
        for value in self.worker.call(wire.Generate(prompt, grammar, reply_tokens)):
            if isinstance(value, Delta | Generated):
                yield value

    def close(self) -> None:
        """End the process."""
        self.worker.close()

    def _load(self, worker: Worker) -> None:
        for value in _load(worker, self._request):
            if isinstance(value, LanguageFacts):
                self._facts = value


def _load(worker: Worker, request: wire.LoadModel) -> list[wire.Value]:
    """Load a model; a worker that dies of it was killed by the file, or by its size."""
    try:
        return list(worker.call(request))
    except EngineOutOfMemory as error:
        raise ModelTooLarge from error
    except EngineCrashed as error:
        if worker.was_killed:  # not by the file: it can be tried again
            raise
        raise ModelDamaged from error


class LocalEngines:
    """Engines in worker processes of this computer (`core.engine.Engines`)."""

    def __init__(self, threads: int, context_tokens: int) -> None:
        self._threads = threads
        self._context_tokens = context_tokens

    def media(self) -> RemoteMedia:
        """A fresh media worker."""
        return RemoteMedia()

    def speech(self, model: Model) -> RemoteSpeech:
        """A speech worker on this model."""
        return RemoteSpeech(model, self._threads)

    def language(self, model: Model) -> RemoteLanguage:
        """A language worker on this model."""
        return RemoteLanguage(model, self._threads, self._context_tokens)

    def prover(self) -> LocalProver:
        """Asks each kind of process to try its walls."""
        return LocalProver()
