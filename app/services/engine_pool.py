"""Which engine is in memory: one of each kind, made at the first use and kept for the next."""

import os
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from app.catalog.installed import models_folder
from app.core.engines import Engines, LanguageEngine, MediaEngine, SpeechEngine
from app.core.errors import EngineCrashed, EngineOutOfMemory, ModelTooLarge
from app.core.fit import speech_need
from app.core.model import Model, ModelKind
from app.services.models.selection import Provisioning

T = TypeVar("T")
_INSTEAD = "the work is done with"
_STEPS = 8  # more than there are ways to load a model with less


def again_once(work: Callable[[], T]) -> T:
    """Do work on an engine, and once more if its worker died; with less where there was not enough memory.

    Raises:
        EngineCrashed: it died again, so the fault is in what it was given.
        EngineOutOfMemory, ModelTooLarge: there is no less.
    """
    try:
        return with_less(work)
    except EngineCrashed:
        return with_less(work)


def with_less(work: Callable[[], T], is_untouched: Callable[[], bool] = lambda: True) -> T:
    """Do work on an engine, and again with less each time that it ran out of memory.

    `work` asks for the engine itself: its context may be shorter now, or its model a smaller one.
    `is_untouched` says that nothing came of it yet which a second time would double.

    Raises:
        EngineOutOfMemory, ModelTooLarge: there is no less, or something came of it.
    """
    has_no_less = False
    for _ in range(_STEPS):
        try:
            return work()
        except EngineOutOfMemory:
            if not is_untouched():
                raise
        except ModelTooLarge:
            if has_no_less or not is_untouched():
                raise
            has_no_less = True  # of this model; the next time there may be a smaller one
    return work()


class Residency:
    """Hands out engines on the models in use; a change of model or context ends the old engine."""

    def __init__(self, engines: Engines, models: Provisioning) -> None:
        self._engines = engines
        self._models = models
        self._mutex = threading.Lock()
        self._speech: tuple[Model, SpeechEngine] | None = None
        self._speech_wished: Model | None = None
        self._language: tuple[Model, LanguageEngine] | None = None
        self._language_wished: tuple[Model, int] | None = None  # with the context
        self._media: list[MediaEngine] = []
        self._held: dict[ModelKind, int] = {}

    def media(self) -> MediaEngine:
        """A decoder of one's own; the caller gives it back with `let_go`."""
        engine = self._engines.media()
        with self._mutex:
            self._media.append(engine)
        return engine

    def let_go(self, media: MediaEngine) -> None:
        """End a decoder that `media()` made."""
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
            if self._speech is None or self._speech_wished != wished:
                if self._speech:
                    self._speech[1].close()
                model = self._fitting_speech(wished)
                self._hold(model)
                self._speech, self._speech_wished = (model, self._engines.speech(model)), wished
            return self._speech

    def language(self) -> tuple[Model, LanguageEngine]:
        """The language model in use, loaded, and its engine; a smaller one if it does not fit with any context.

        Raises:
            ModelMissing: there is none.
            ModelDamaged, ModelTooLarge, EngineCrashed: it can't be loaded, and neither can a smaller one.
        """
        wished = self._models.needed(ModelKind.LANGUAGE)
        model, engine = self._made(wished, wished)
        for other in [*self._models.smaller(model), None]:
            try:
                engine.facts()  # outside the lock: loading takes seconds, and whoever closes must not wait for it
                break
            except ModelTooLarge:
                if other is None:
                    raise
                self._models.minding.tell(
                    f"{model.name} does not fit into the memory that is free: {_INSTEAD} {other.name}."
                )
                model, engine = self._made(wished, other)
        return model, engine

    def _made(self, wished: Model, model: Model) -> tuple[Model, LanguageEngine]:
        """The engine for what is wished if it is here already, be it on a smaller model; else one on this model."""
        asked = (wished, self._models.context_tokens)
        with self._mutex:
            is_fresh = self._language is None or self._language_wished != asked
            if self._language is None or is_fresh or (model != wished and self._language[0] != model):
                if self._language:
                    self._language[1].close()
                self._hold(model)
                self._language, self._language_wished = (model, self._engines.language(model)), asked
            return self._language

    def _fitting_speech(self, wished: Model) -> Model:
        free = self._models.minding.free()
        if not free or speech_need(wished.size) <= free:
            return wished
        fits = [m for m in self._models.smaller(wished) if speech_need(m.size) <= free]
        if fits:
            self._models.minding.tell(
                f"{wished.name} does not fit into the memory that is free: {_INSTEAD} {fits[0].name}."
            )
        return fits[0] if fits else wished

    def take_smaller_speech(self) -> bool:
        """Put a smaller speech model in the place of the one that ran out of memory; False if there is none."""
        with self._mutex:
            if self._speech is None:
                return False
            model, engine = self._speech
            smaller = self._models.smaller(model)
            if not smaller:
                return False
            engine.close()
            self._hold(smaller[0])
            self._speech = smaller[0], self._engines.speech(smaller[0])
        self._models.minding.tell(f"{model.name} ran out of memory: {_INSTEAD} {smaller[0].name}.")
        return True

    def close(self) -> None:
        """End every engine."""
        with self._mutex:
            resident = [entry[1] for entry in (self._speech, self._language) if entry is not None]
            for engine in [*self._media, *resident]:
                engine.close()
            self._speech = self._language = None
            self._media = []
            for descriptor in self._held.values():
                os.close(descriptor)
            self._held.clear()

    def _hold(self, model: Model) -> None:
        """Keep the model of an engine in memory from being removed, and let go of the one before."""
        if (before := self._held.pop(model.kind, None)) is not None:
            os.close(before)
        with suppress(OSError):  # a file that can't be opened is met, and told, where it is loaded
            self._held[model.kind] = models_folder.hold(model)
