"""Reading lines of a call once more with a language model, to see what a claim is worth that words leave open."""

from collections.abc import Callable, Sequence

from app.core.engines import LanguageEngine
from app.core.errors import ContextOverflow, EngineError, EngineFault, ModelError
from app.core.evidence.passages import SpokenLine
from app.core.prompts import claim_prompt

_UNKNOWN = 0.5


def _go_on() -> None:
    """Cancel nothing."""


class Rereader:
    """Asks a language model, which is fetched when the first question comes; without one all is equally likely."""

    def __init__(self, engine: Callable[[], LanguageEngine | None], checkpoint: Callable[[], None] = _go_on) -> None:
        """`checkpoint` is called before each reading, and may raise to cancel it."""
        self._fetch, self._checkpoint = engine, checkpoint
        self._engine: LanguageEngine | None = None
        self._is_gone = False

    def likelihood(self, lines: Sequence[SpokenLine], claim: str) -> float:
        """How likely the lines say what the claim says, from 0 to 1; see `core.evidence.verdict.Reader`."""
        self._checkpoint()
        if self._is_gone:
            return _UNKNOWN
        try:
            if self._engine is None:
                self._engine = self._fetch()
            if self._engine is None:
                self._is_gone = True
                return _UNKNOWN
            return self._engine.likelihood(claim_prompt(lines, claim), "yes", "no")
        except ContextOverflow:
            return _UNKNOWN
        except EngineFault:
            raise
        except (ModelError, EngineError):  # what words say stands by itself
            self._is_gone = True
            return _UNKNOWN
