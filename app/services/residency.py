"""Which engine is in memory: one of each kind, made at the first use and kept for the next."""

import os
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from app.catalog import shelf
from app.core.engine import Engines, LanguageEngine, MediaEngine, SpeechEngine
from app.core.errors import EngineCrashed
from app.core.model import Model, ModelKind
from app.services.provisioning import Provisioning

T = TypeVar("T")


def again_once(work: Callable[[], T]) -> T:
    """Do work on an engine, and once more if its worker died: the next call starts a fresh one.

    Raises:
        EngineCrashed: it died again, so the fault is in what it was given.
    """
    try:
        return work()
    except EngineCrashed:
        return work()


class Residency:
    """Hands out engines on the models in use; a change of model ends the old engine."""

    def __init__(self, engines: Engines, models: Provisioning) -> None:
        self._engines = engines
        self._models = models
        self._mutex = threading.Lock()
        self._speech: tuple[Model, SpeechEngine] | None = None
        self._language: tuple[Model, LanguageEngine] | None = None
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
        """The speech model in use, and its engine.

        Raises:
            ModelMissing: there is none.
        """
        model = self._models.needed(ModelKind.SPEECH)
        with self._mutex:
            if self._speech is None or self._speech[0] != model:
                if self._speech:
                    self._speech[1].close()
                self._hold(model)
                self._speech = (model, self._engines.speech(model))
            return self._speech

    def language(self) -> tuple[Model, LanguageEngine]:
        """The language model in use, and its engine.

        Raises:
            ModelMissing: there is none.
        """
        model = self._models.needed(ModelKind.LANGUAGE)
        with self._mutex:
            if self._language is None or self._language[0] != model:
                if self._language:
                    self._language[1].close()
                self._hold(model)
                self._language = (model, self._engines.language(model))
            return self._language

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
            self._held[model.kind] = shelf.hold(model)
