"""Generating one reply with the language engine: watched for cancellation and for circles."""

from collections.abc import Callable, Iterator

from app.core.engines import Delta, Generated, LanguageEngine, Prompt
from app.core.job import JobContext, Progress
from app.core.repetition import RepetitionGuard
from app.core.sampling import GREEDY, Sampling

_LEAST_SHARE = 4  # a reply takes a quarter of the context at most, so that a small context still has room to read


def reply_budget_tokens(engine: LanguageEngine, wanted: int) -> int:
    """Tokens kept free for a reply in this engine's context."""
    return min(wanted, engine.facts().context_tokens // _LEAST_SHARE)


def generate_text(
    engine: LanguageEngine,
    prompt: Prompt,
    grammar: str,
    room: int,
    context: JobContext,
    observe: Callable[[Progress | Delta | Generated], None] = lambda _: None,
    sampling: Sampling = GREEDY,
    guard: RepetitionGuard | None = None,
) -> str:
    """Generate a whole reply, checking for cancellation before each part of it; `observe` sees what arrives.

    A reply that goes in circles by its `guard`, which takes all of it, is stopped there. Whatever ends it, the engine
    is free again then.
    """
    parts = []
    pieces = engine.generate(prompt, grammar, room, sampling)
    try:
        for value in pieces:  # to the end, also behind `Generated`: only then the engine knows that it succeeded
            context.checkpoint()
            if isinstance(value, Delta):
                parts.append(value.text)
                if guard is not None:
                    guard.add(value.text)
                    if guard.is_repeating:
                        break
            observe(value)
    finally:
        _close_reply(pieces)
    return "".join(parts)


def _close_reply(pieces: Iterator[object]) -> None:
    """Stop the engine that streams a reply, wherever it is."""
    close = getattr(pieces, "close", None)
    if close is not None:
        close()
