"""Reading a call with the language model while it is transcribed, so that its summary can begin at its end."""

from contextlib import closing
from typing import Any

from app.core import prompts
from app.core.call import Call
from app.core.engines import LanguageEngine
from app.core.errors import EngineError, EngineFault, ModelError
from app.core.ids import CallId
from app.core.job import JobContext
from app.core.prompts import NumberedLine
from app.core.wording import wording_of
from app.services.engine_pool import EnginePool
from app.services.generation import reply_budget_tokens
from app.storage.tables.calls import CallStore

_LEAST_LETTERS = 1200  # that are read at a time: some 300 tokens, of which a processor evaluates all at once


class ReadingAhead:
    """Has the language model read the lines of a call as they become final; nothing depends on it.

    It takes turns with the speech model, for which two at once would leave half of the processors each. So the whole
    takes no longer, and what is left at the end is the last lines.
    """

    def __init__(self, calls: CallStore, engine_pool: EnginePool) -> None:
        self._calls = calls
        self._engine_pool = engine_pool
        self._unread: dict[CallId, int] = {}  # letters that were heard since

    def begin(self, call: Call) -> None:
        """Begin with a call; one that gets no summary, or has an earlier transcript, is left alone."""
        self._unread.pop(call.id, None)
        if call.wants_summary and not call.awaits_new_transcript:
            self._unread[call.id] = 0

    def read(self, call: CallId, letters: int, until: float, context: JobContext) -> None:
        """Note that so many letters were heard, and read the lines that are final if they are enough by now.

        All tracks were heard up to the second `until`.

        Raises:
            Cancelled: the job was cancelled.
        """
        if call not in self._unread:
            return
        self._unread[call] += letters
        if self._unread[call] < _LEAST_LETTERS:
            return
        self._unread[call] = 0
        lines = self._final_lines(call, until)
        try:
            model, engine = self._engine_pool.language()
            prompt = prompts.call_prompt(lines, wording_of(model))
            if engine.count_prompt(prompt) > _room(engine):
                del self._unread[call]
                return
            values: Any = engine.read(prompt)
            with closing(values):
                for _ in values:
                    context.checkpoint()
        except EngineFault:
            raise
        except (EngineError, ModelError):  # the summary will meet it, and tell
            del self._unread[call]

    def _final_lines(self, call: CallId, until: float) -> list[NumberedLine]:
        """The lines that no later sound changes: the last one of each track may still grow."""
        transcript = self._calls.transcript(call)
        lines = transcript.utterances
        growing = {line.track: line.id for line in lines}.values()
        count = next((n for n, line in enumerate(lines) if line.end > until or line.id in growing), len(lines))
        return prompts.numbered_lines(lines[:count], transcript.speakers)


def _room(engine: LanguageEngine) -> int:
    """Tokens of a call that is summarised in one piece."""
    return engine.facts().context_tokens - reply_budget_tokens(engine, prompts.SUMMARY_REPLY_TOKENS)
