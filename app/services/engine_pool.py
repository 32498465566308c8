"""The engines in memory, one of each kind kept for the next use, and the policy for when one of them fails."""

import os
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Generic, TypeVar

from app.catalog.installed import models_folder
from app.core.engines import DocumentEngine, EmbeddingEngine, Engines, LanguageEngine, MediaEngine, SpeechEngine
from app.core.errors import EngineCrashed, EngineFault, EngineOutOfMemory, ModelTooLarge
from app.core.fit import speech_need
from app.core.model import Model, ModelKind
from app.core.voices import VoiceEngine
from app.services.models.base_models import CONTINUES_TEXTS
from app.services.models.selection import ModelSelection

T = TypeVar("T")
E = TypeVar("E", SpeechEngine, LanguageEngine, EmbeddingEngine, VoiceEngine)
_INSTEAD = "the work is done with"
_MOST_SHORTAGES = 8  # more than the number of smaller ways to load a model


@dataclass(frozen=True)
class RetryPolicy:
    """How often work on an engine is done again after its worker died or ran out of memory.

    Work that can't be resumed is not done again once it has saved something, which would then be there twice.
    """

    deaths: int  # of workers in a row after which the work is given up, counted from the last one that saved something
    is_resumable: bool = False  # whether the work goes on from what it saved


ONCE_MORE = RetryPolicy(deaths=2)
FOR_WANT_OF_MEMORY = RetryPolicy(deaths=1)
RESUMED = RetryPolicy(deaths=3, is_resumable=True)


def retry(
    policy: RetryPolicy,
    work: Callable[[], T],
    saved: Callable[[], object] = lambda: None,
    take_smaller: Callable[[], bool] | None = None,
) -> T:
    """Do work on an engine, and do it again by the policy: nothing else above the engines retries.

    A worker that saved something before it died may have met a passing fault; one that did not has met this input.
    `work` must fetch the engine itself, because the next attempt may get another model. `saved` returns a value that
    is another one when the work has saved something. `take_smaller` replaces the model that ran out of memory, or
    says that there is none; without it, an engine that ran out of memory takes less the next time by itself.

    Raises:
        EngineCrashed: too many workers died, so their input is at fault.
        EngineFault: our own code failed, at the first time, since it would fail again.
        EngineOutOfMemory, ModelTooLarge: nothing smaller is left to try, or the work has saved something.
    """
    deaths = shortages = 0
    is_smallest = False  # for this model; the next attempt may get a smaller one
    while True:
        before = saved()
        try:
            return work()
        except EngineFault:
            raise
        except EngineCrashed:
            has_saved = saved() != before
            deaths = 1 if has_saved else deaths + 1
            if deaths >= policy.deaths or (has_saved and not policy.is_resumable):
                raise
        except (EngineOutOfMemory, ModelTooLarge) as error:
            shortages += 1
            if shortages > _MOST_SHORTAGES or (saved() != before and not policy.is_resumable):
                raise
            if take_smaller is not None:
                if not take_smaller():
                    raise
            elif isinstance(error, ModelTooLarge):
                if is_smallest:
                    raise
                is_smallest = True


@dataclass(frozen=True)
class _Resident(Generic[E]):
    """An engine in memory, with what was requested, the model it got, and the lock that keeps the model's file."""

    request: object  # the model that is wanted, of a language engine with its context
    model: Model
    engine: E
    lock_descriptor: int | None

    def close(self) -> None:
        """End the engine, and let its model's file be removed."""
        self.engine.close()
        if self.lock_descriptor is not None:
            os.close(self.lock_descriptor)


def _resident(request: object, model: Model, start: Callable[[Model], E]) -> _Resident[E]:
    """A new engine, whose model's file can't be removed while it is in memory."""
    lock_descriptor = None
    with suppress(OSError):  # a file that can't be opened is reported when it is loaded
        lock_descriptor = models_folder.lock_against_removal(model)
    return _Resident(request, model, start(model), lock_descriptor)


class EnginePool:
    """Hands out engines for the models in use; a change of model or context ends the old engine."""

    def __init__(self, engines: Engines, models: ModelSelection) -> None:
        self._engines = engines
        self._models = models
        self._mutex = threading.Lock()
        self._speech: _Resident[SpeechEngine] | None = None
        self._language: _Resident[LanguageEngine] | None = None
        self._embedding: _Resident[EmbeddingEngine] | None = None
        self._voices: _Resident[VoiceEngine] | None = None
        self._unshared: list[MediaEngine | DocumentEngine] = []

    def media(self) -> MediaEngine:
        """A decoder for the caller alone, who returns it with `let_go`."""
        engine = self._engines.media()
        with self._mutex:
            self._unshared.append(engine)
        return engine

    def documents(self) -> DocumentEngine:
        """A reader of documents for the caller alone, who returns it with `let_go`."""
        engine = self._engines.documents()
        with self._mutex:
            self._unshared.append(engine)
        return engine

    def let_go(self, engine: MediaEngine | DocumentEngine) -> None:
        """End an engine from `media()` or `documents()`."""
        engine.close()
        with self._mutex:
            if engine in self._unshared:
                self._unshared.remove(engine)

    def speech(self, asked: str = "") -> tuple[Model, SpeechEngine]:
        """The speech model of this name if it is here, else the one in use, or a smaller one that fits; and its engine.

        Raises:
            ModelMissing: there is none.
        """
        wished = self._models.installed(asked, ModelKind.SPEECH) or self._models.needed(ModelKind.SPEECH)
        with self._mutex:
            if self._speech is None or self._speech.request != wished:
                self._end_speech()
                self._speech = _resident(wished, self._speech_that_fits(wished), self._engines.speech)
            return self._speech.model, self._speech.engine

    def language(self) -> tuple[Model, LanguageEngine]:
        """The language model in use, loaded, and its engine; a smaller model if it fits with no context at all.

        Raises:
            ModelMissing: there is none.
            ModelDamaged, ModelTooLarge, EngineCrashed: neither it nor a smaller one can be loaded.
        """
        self._models.recognise(self._engines)
        while True:
            wished = self._models.needed(ModelKind.LANGUAGE)
            model, engine = self._loaded_language(wished)
            if engine.facts().has_chat_template or model.is_demo:
                return model, engine
            with self._mutex:
                self._end_language()  # it serves the model that was wished for: the next request would get it again
            self._models.base_models.add(model)
            instead = self._models.needed(ModelKind.LANGUAGE)
            done = f" Instead, {_INSTEAD} {instead.name}." if instead != wished else ""
            self._models.crash_count.notify(f"{model.name} can't be used: {CONTINUES_TEXTS}.{done}")

    @property
    def may_embed(self) -> bool:
        """Whether `embedding` may have one; it starts no worker to look into files that came new."""
        return self._models.may_have_embedding

    def embedding(self) -> tuple[Model, EmbeddingEngine] | None:
        """The embedding model in use and its engine, which works beside the others; None where there is none.

        It is loaded by the first text that it embeds.
        """
        self._models.recognise(self._engines)
        model = self._models.in_use(ModelKind.EMBEDDING)
        with self._mutex:
            if self._embedding is None or self._embedding.request != model:
                self._end_embedding()
                if model is not None:
                    self._embedding = _resident(model, model, self._engines.embedding)
            return None if self._embedding is None else (self._embedding.model, self._embedding.engine)

    @property
    def may_tell_voices_apart(self) -> bool:
        """Whether there is a model for `voices`; a file that nobody looked into yet is looked into."""
        self._models.recognise(self._engines)
        return self._models.in_use(ModelKind.DIARIZATION) is not None

    def voices(self) -> tuple[Model, VoiceEngine]:
        """The voice print model in use and its engine, which works beside the others.

        Raises:
            ModelMissing: there is none.
        """
        self._models.recognise(self._engines)
        model = self._models.needed(ModelKind.DIARIZATION)
        with self._mutex:
            if self._voices is None or self._voices.request != model:
                self._end_voices()
                self._voices = _resident(model, model, self._engines.voices)
            return self._voices.model, self._voices.engine

    def _loaded_language(self, wished: Model) -> tuple[Model, LanguageEngine]:
        model, engine = self._language_engine(wished, wished)
        for other in [*self._models.smaller(model), None]:
            try:
                engine.facts()  # outside the mutex: loading takes seconds, and `close` must not wait for it
                break
            except ModelTooLarge:
                if other is None:
                    raise
                self._models.crash_count.notify(
                    f"{model.name} does not fit into the memory that is free: {_INSTEAD} {other.name}."
                )
                model, engine = self._language_engine(wished, other)
        return model, engine

    def _language_engine(self, wished: Model, model: Model) -> tuple[Model, LanguageEngine]:
        """The running engine if it serves this request, even with a smaller model; else a new one for `model`."""
        asked = (wished, self._models.context_tokens)
        with self._mutex:
            current = self._language
            if current is None or current.request != asked or (model != wished and current.model != model):
                self._end_language()
                current = self._language = _resident(asked, model, self._engines.language)
            return current.model, current.engine

    def _speech_that_fits(self, wished: Model) -> Model:
        free = self._models.crash_count.free_bytes()
        if not free or speech_need(wished.size) <= free:
            return wished
        fits = [m for m in self._models.smaller(wished) if speech_need(m.size) <= free]
        if fits:
            self._models.crash_count.notify(
                f"{wished.name} does not fit into the memory that is free: {_INSTEAD} {fits[0].name}."
            )
        return fits[0] if fits else wished

    def take_smaller_speech(self) -> bool:
        """Replace the speech model that ran out of memory by a smaller one; False if there is none."""
        with self._mutex:
            if self._speech is None:
                return False
            request, model = self._speech.request, self._speech.model
            smaller = self._models.smaller(model)
            if not smaller:
                return False
            self._end_speech()
            self._speech = _resident(request, smaller[0], self._engines.speech)
        self._models.crash_count.notify(f"{model.name} ran out of memory: {_INSTEAD} {smaller[0].name}.")
        return True

    def notify(self, sentence: str) -> None:
        """Tell the person something about the models that is no error of what they asked for."""
        self._models.crash_count.notify(sentence)

    def close(self) -> None:
        """End every engine."""
        with self._mutex:
            for engine in self._unshared:
                engine.close()
            self._unshared = []
            self._end_speech()
            self._end_language()
            self._end_embedding()
            self._end_voices()

    def _end_speech(self) -> None:
        current, self._speech = self._speech, None
        if current is not None:
            current.close()

    def _end_language(self) -> None:
        current, self._language = self._language, None
        if current is not None:
            current.close()

    def _end_embedding(self) -> None:
        current, self._embedding = self._embedding, None
        if current is not None:
            current.close()

    def _end_voices(self) -> None:
        current, self._voices = self._voices, None
        if current is not None:
            current.close()
