"""The beginning that prompts about a call share: the summary's first word after the last line, and a second question.

The call is a whole meeting, read before. A question's own tokens are evaluated once as the product does, and once by
llama.cpp alone behind the same beginning; they take turns. Beside the elapsed time stands what would have elapsed on
a computer that does nothing else (`clock`); where others are busy, only that is judged.
"""

import statistics
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from app.core import prompts
from app.core.engines import Delta, Prompt
from app.core.fit import Profile
from app.core.grammar import cited_text_grammar, summary_grammar
from app.core.wording import CallFacts
from app.engines import protocol
from app.engines.worker.language import LlamaEngine
from tests.bench.real.clock import BUSY, THREADS, Clock, Quiet
from tests.bench.real.figure import Figure
from tests.bench.real.generation import MODEL
from tests.bench.real.meeting import meeting_lines
from tests.call_summaries import CALL_TEMPLATE

CONTEXT = 16_384  # tokens; the meeting takes about half of them
FIRST_WORD, OWN_TOKENS = 2.0, 1.2  # the bars: seconds, and times the evaluation of the question's own tokens
_QUESTIONS = (
    "What is the budget for the project, and who said so?",
    "Which animals did they draw on the board, and why did they choose these?",
    "What will each of them have to do until the next meeting?",
    "What do they say about the remote controls that they use at home?",
)


def measure(folder: Path) -> Iterator[Figure]:
    """The times of the first word and of the second question, each beside its bar."""
    engine = LlamaEngine()
    load = protocol.LoadModel(str(folder / "models" / MODEL), THREADS, (Profile(CONTEXT),))
    list(engine.answer(load, Quiet()))  # type: ignore[arg-type]
    lines = meeting_lines(folder / "qmsum" / "ES2004a.json")
    clock = Clock()
    list(engine.answer(protocol.ReadPrompt(prompts.call_prompt(lines)), Quiet()))  # type: ignore[arg-type]
    assert engine._memory is not None
    read = len(engine._memory.kept)
    yield Figure("the call, tokens", read, note=f"{len(lines)} lines of ES2004a; context {CONTEXT}")
    yield Figure("reading it, tokens/s", clock.speed(read).elapsed)
    yield Figure("reading it, tokens/s, undisturbed", clock.speed(read).undisturbed)
    numbers = range(1, len(lines) + 1)
    task = prompts.summary_prompt(CALL_TEMPLATE, lines, call=CallFacts("en", tuple({line.speaker for line in lines})))
    first_words = []
    for _ in range(2):
        first_words.append(_seconds_to_word(engine, task, summary_grammar(CALL_TEMPLATE, numbers)))
        _claim(engine)
    yield from _judged("summary's first word, s", first_words, FIRST_WORD)
    ratios: list[tuple[float, float]] = []
    text = prompts.transcript_text(lines)
    for question in _QUESTIONS:
        prompt = prompts.question_prompt(text, (), question)
        _claim(engine)
        asked = _seconds_to_word(engine, prompt, cited_text_grammar(numbers))
        _claim(engine)
        bare = _bare(engine, prompt)
        ratios.append((asked[0] / bare[0], asked[1] / bare[1]))
    yield from _judged("a question / its own tokens", ratios[1:], OWN_TOKENS)


def _judged(name: str, pairs: list[tuple[float, float]], most: float) -> Iterator[Figure]:
    elapsed, undisturbed = (statistics.median(values) for values in zip(*pairs, strict=True))
    is_busy = elapsed > BUSY * undisturbed if most is FIRST_WORD else False
    yield Figure(f"{name}: elapsed", elapsed, note="others are busy: not judged" if is_busy else "",
                 most=None if is_busy else most)  # fmt: skip
    yield Figure(f"{name}: undisturbed", undisturbed, most=most)


def _claim(engine: LlamaEngine) -> None:
    claim = protocol.CompareWords(prompts.claim_prompt((), "They meet again on Monday."), "yes", "no")
    list(engine.answer(claim, Quiet()))  # type: ignore[arg-type]


def _seconds_to_word(engine: LlamaEngine, prompt: Prompt, grammar: str) -> tuple[float, float]:
    """Until the first word that the model chooses is sent."""
    context: Any = engine._llama._ctx
    clock, decode = Clock(), context.decode
    context.decode = clock.timed(decode)
    written = ""
    try:
        for value in engine.answer(protocol.Generate(prompt, grammar, 40), Quiet()):  # type: ignore[arg-type]
            written += value.text if isinstance(value, Delta) else ""
            if any(letter.isalnum() for letter in written.removeprefix('{"title":')):
                break
        return clock.seconds()
    finally:
        context.decode = decode


def _bare(engine: LlamaEngine, prompt: Prompt) -> tuple[float, float]:
    """llama.cpp's evaluation of what this prompt has behind what is kept, and of one token of the reply."""
    assert engine._memory is not None
    tokens = engine._prompt_tokens(prompt)
    reused = engine._memory.begin(tokens)
    llama: Any = engine._llama
    clock = Clock()
    evaluate = clock.timed(llama.eval)
    evaluate(tokens[reused:])
    evaluate(tokens[:1])
    return clock.seconds()
