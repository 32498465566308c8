"""Keeping what the language model has evaluated of a call on disk, and giving it back to the model."""

from collections.abc import Generator, Iterable
from contextlib import closing

from app.core.engines import LanguageEngine, Prompt
from app.core.errors import EngineError, EngineFault, ModelError, NotFound, VaultDamaged
from app.core.ids import CallId
from app.core.job import Cancelled, JobContext
from app.core.prompt_state import StatePiece
from app.storage.tables.prompt_states import PromptStateStore


class PromptStates:
    """What is evaluated of each call, as far as there is a place for it; nothing depends on its being there."""

    def __init__(self, store: PromptStateStore) -> None:
        self._store = store

    def give_back(self, call: CallId, engine: LanguageEngine, prompt: Prompt, context: JobContext) -> None:
        """Give the engine what was evaluated of this prompt about a call, unless it has that still.

        What is damaged, or ends the engine, is removed: the call is then read again.

        Raises:
            Cancelled: the job was cancelled.
        """
        stored = self._store.open(call)
        if stored is None:
            return
        try:
            with stored, closing(_closable(engine.load_state(prompt, stored))) as values:
                for progress in values:
                    context.checkpoint()
                    context.report(progress)
        except EngineFault:
            raise
        except (VaultDamaged, EngineError, ModelError):
            self._store.remove(call)

    def keep(self, call: CallId, engine: LanguageEngine, prompt: Prompt, context: JobContext) -> None:
        """Store what the engine has evaluated of this prompt about a call, if it reaches further than what is stored.

        Work that is done is not undone by it: it stops where the job is cancelled, or the engine fails.
        """
        try:
            known = self._store.last_head(call)
            with closing(_watched(engine.state(prompt, known), context)) as pieces:
                self._store.write(call, pieces)
        except EngineFault:
            raise
        except (Cancelled, NotFound, EngineError, ModelError):
            return

    def size(self) -> int:
        """Bytes on disk."""
        return self._store.size()

    def remove_all(self) -> None:
        """Remove all of it; calls are read again when they are needed."""
        self._store.remove_all()


def _watched(pieces: Iterable[StatePiece], context: JobContext) -> Generator[StatePiece, None, None]:
    for piece in pieces:
        context.checkpoint()
        yield piece


def _closable(values: Iterable[object]) -> Generator[object, None, None]:
    yield from values
