"""Which engines are in memory: one of each kind, started on first use and kept for the next."""

import os
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from app.catalog.installed import models_folder
from app.core.engines import Engines, LanguageEngine, MediaEngine, SpeechEngine
from app.core.errors import EngineCrashed, EngineFault, EngineOutOfMemory, ModelTooLarge
from app.core.fit import speech_need
from app.core.model import Model, ModelKind
from app.services.models.selection import ModelSelection

T = TypeVar("T")
_INSTEAD = "the work is done with"
_MOST_ATTEMPTS = 8  # more than the number of smaller ways to load a model


def retry_once(work: Callable[[], T]) -> T:
    """Do work on an engine, and repeat it once if its worker died; fall back as `retry_with_less` does.

    Raises:
        EngineCrashed: the worker died again, so its input is at fault.
        EngineOutOfMemory, ModelTooLarge: nothing smaller is left to try.
    """
    try:
        return retry_with_less(work)
    except EngineFault:
        raise  # not a crash: it would fail again
    except EngineCrashed:
        return retry_with_less(work)


def retry_with_less(work: Callable[[], T], is_untouched: Callable[[], bool] = lambda: True) -> T:
    """Do work on an engine, and retry with a shorter context or a smaller model while it runs out of memory.

    `work` must fetch the engine itself, because a retry may get one with a shorter context or a smaller model.
    `is_untouched` says that the work has left nothing behind yet that a retry would duplicate.

    Raises:
        EngineOutOfMemory, ModelTooLarge: nothing smaller is left to try, or the work has left something behind.
    """
    is_smallest = False
    for _ in range(_MOST_ATTEMPTS):
        try:
            return work()
        except EngineOutOfMemory:
            if not is_untouched():
                raise
        except ModelTooLarge:
            if is_smallest or not is_untouched():
                raise
            is_smallest = True  # for this model; the next attempt may get a smaller one
    return work()


class EnginePool:
    """Hands out engines for the models in use; a change of model or context ends the old engine."""

    def __init__(self, engines: Engines, models: ModelSelection) -> None:
        self._engines = engines
        self._models = models
        self._mutex = threading.Lock()
        self._speech: tuple[Model, SpeechEngine] | None = None
        self._speech_requested: Model | None = None
        self._language: tuple[Model, LanguageEngine] | None = None
        self._language_requested: tuple[Model, int] | None = None  # and its context, in tokens
        self._media: list[MediaEngine] = []
        self._lock_descriptors: dict[ModelKind, int] = {}

    def media(self) -> MediaEngine:
        """A decoder for the caller alone, who returns it with `let_go`."""
        engine = self._engines.media()
        with self._mutex:
            self._media.append(engine)
        return engine

    def let_go(self, media: MediaEngine) -> None:
        """End a decoder from `media()`."""
        media.close()
        with self._mutex:
            if media in self._media:
                self._media.remove(media)

    def speech(self) -> tuple[Model, SpeechEngine]:
        """The speech model in use, or a smaller one that fits, and its engine.

        Raises:
            ModelMissing: there is none.
        """
        wished = self._models.needed(ModelKind.SPEECH)
        with self._mutex:
            if self._speech is None or self._speech_requested != wished:
                if self._speech:
                    self._speech[1].close()
                model = self._speech_that_fits(wished)
                self._lock_model(model)
                self._speech, self._speech_requested = (model, self._engines.speech(model)), wished
            return self._speech

    def language(self) -> tuple[Model, LanguageEngine]:
        """The language model in use, loaded, and its engine; a smaller model if it fits with no context at all.

        Raises:
            ModelMissing: there is none.
            ModelDamaged, ModelTooLarge, EngineCrashed: neither it nor a smaller one can be loaded.
        """
        wished = self._models.needed(ModelKind.LANGUAGE)
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
            is_fresh = self._language is None or self._language_requested != asked
            if self._language is None or is_fresh or (model != wished and self._language[0] != model):
                if self._language:
                    self._language[1].close()
                self._lock_model(model)
                self._language, self._language_requested = (model, self._engines.language(model)), asked
            return self._language

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
            model, engine = self._speech
            smaller = self._models.smaller(model)
            if not smaller:
                return False
            engine.close()
            self._lock_model(smaller[0])
            self._speech = smaller[0], self._engines.speech(smaller[0])
        self._models.crash_count.notify(f"{model.name} ran out of memory: {_INSTEAD} {smaller[0].name}.")
        return True

    def close(self) -> None:
        """End every engine."""
        with self._mutex:
            resident = [entry[1] for entry in (self._speech, self._language) if entry is not None]
            for engine in [*self._media, *resident]:
                engine.close()
            self._speech = self._language = None
            self._media = []
            for descriptor in self._lock_descriptors.values():
                os.close(descriptor)
            self._lock_descriptors.clear()

    def _lock_model(self, model: Model) -> None:
        """Keep the model of a running engine from being removed, and release the previous one of its kind."""
        if (before := self._lock_descriptors.pop(model.kind, None)) is not None:
            os.close(before)
        with suppress(OSError):  # a file that can't be opened is reported when it is loaded
            self._lock_descriptors[model.kind] = models_folder.lock_against_removal(model)
