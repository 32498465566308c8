"""What was evaluated of a call serves all prompts about it, token by token, whatever is evaluated in between.

With TACIT_REAL, a folder whose `models` holds them, also with real models.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core import prompts
from app.core.conversation import Message, Role
from app.core.engines import Prompt
from app.core.errors import ContextOverflow
from app.core.fit import Profile
from app.core.ids import SpeakerId, UtteranceId
from app.core.prompts import NumberedLine
from app.core.resources import demo_models
from app.core.transcript import Utterance
from app.core.wording import DEMO, INSTRUCT, CallFacts, Wording
from app.engines import protocol
from app.engines.worker.language import LlamaEngine
from app.services.calls.summary_templates import SummaryTemplates
from tests.real.folder import LANGUAGE_MODELS

MODELS = [pytest.param(demo_models() / "language.gguf", id="language"), *LANGUAGE_MODELS]
SAID = (
    "We move the launch to Friday.", "Why?", "Because the tests are slow: 30 % — „zu langsam“.", "…", "Good!",
    "I write to the customer", "12,5 € are left.", "Then that is all. 😀",
)  # fmt: skip


class Quiet:
    """What the engine asks of its channel."""

    is_cancelled = False


def loaded(path: Path) -> Iterator[LlamaEngine]:
    """An engine with this model."""
    made = LlamaEngine()
    load = protocol.LoadModel(str(path), 2, (Profile(2048),))
    list(made.answer(load, Quiet()))  # type: ignore[arg-type]
    yield made
    made._llama.close()


@pytest.fixture(scope="module", params=MODELS)
def engine(request: pytest.FixtureRequest) -> Iterator[LlamaEngine]:
    yield from loaded(request.param)


def lines_of(count: int) -> list[NumberedLine]:
    return [
        NumberedLine(n, ("You", "Them")[n % 2], Utterance(UtteranceId(f"u{n}"), 0, SpeakerId("s"), n, n + 1, text))
        for n, text in enumerate(SAID[:count], 1)
    ]


def answers(engine: LlamaEngine, request: protocol.Request) -> list[protocol.Value]:
    return list(engine.answer(request, Quiet()))  # type: ignore[arg-type]


@pytest.mark.parametrize("wording", [DEMO, INSTRUCT], ids=["demo", "instruct"])
def test_every_prompt_about_a_call_begins_with_what_was_read(
    engine: LlamaEngine, wording: Wording, tmp_path: Path
) -> None:
    templates = SummaryTemplates(tmp_path)
    call = CallFacts("en", ("You", "Them"))
    for count in range(1, len(SAID) + 1):
        lines = lines_of(count)
        answers(engine, protocol.ReadPrompt(prompts.call_prompt(lines, wording)))
        assert engine._memory is not None
        kept = list(engine._memory.kept)
        text = prompts.transcript_text(lines)
        earlier = [Message(Role.USER, "Why?"), Message(Role.ASSISTANT, "They are slow. [3]")]
        asked = [
            *(prompts.summary_prompt(templates.get(key), lines, wording, call) for key in templates.names()),
            prompts.question_prompt(text, (), "When is it?", wording),
            prompts.question_prompt(text, (), "- list all\n\n1. of it", wording),
            prompts.question_prompt(text, earlier, "When is it?", wording),
        ]
        for prompt in asked:
            assert engine._prompt_tokens(prompt)[: len(kept)] == kept
        if count < len(SAID):
            longer = prompts.question_prompt(prompts.transcript_text(lines_of(count + 1)), (), "When?", wording)
            assert engine._prompt_tokens(longer)[: len(kept)] == kept
        (tokens,) = (len(engine._tokens(text, special=False)),)
        assert len(kept) >= tokens - 2, "all of it but what depends on what follows"


def test_a_claim_leaves_what_is_kept_as_it_is(engine: LlamaEngine) -> None:
    """The reply that follows it is computed from the same memory: its logits are the same, bit for bit."""
    prompt = prompts.question_prompt(prompts.transcript_text(lines_of(8)), (), "When is the launch?")
    compare = protocol.CompareWords(prompt, "Friday", "Monday")
    answers(engine, protocol.ReadPrompt(prompts.call_prompt(lines_of(8))))
    before = answers(engine, compare)[-1]
    for claim in ("The launch is moved.", "Nobody writes to the customer.", "12,5 € are left."):
        answers(engine, protocol.CompareWords(prompts.claim_prompt((), claim), "yes", "no"))
    assert answers(engine, compare)[-1] == before


def test_reading_the_lines_of_another_call_gives_up_the_first_one(engine: LlamaEngine) -> None:
    first = prompts.call_prompt(lines_of(8))
    other = Prompt(
        (first.messages[0], ("user", "Transcript:\n[1] Eva: Hello.\n[2] Tom: Good morning to all of you.")), 40
    )
    assert engine._memory is not None
    answers(engine, protocol.ReadPrompt(first))
    kept = list(engine._memory.kept)
    answers(engine, protocol.ReadPrompt(other))
    assert engine._memory.kept == engine._prompt_tokens(other)[: len(engine._memory.kept)]
    assert list(engine._memory.kept) != kept
    with pytest.raises(ContextOverflow):
        answers(engine, protocol.ReadPrompt(Prompt((("user", "[1] Eva: Hello. " * 2000),), 30_000)))


def test_a_memory_that_can_not_be_cut_goes_on_from_the_whole_of_what_is_kept(
    engine: LlamaEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert engine._memory is not None
    compare = protocol.CompareWords(
        prompts.question_prompt(prompts.transcript_text(lines_of(8)), (), "When is the launch?"), "Friday", "Monday"
    )
    claim = protocol.CompareWords(prompts.claim_prompt((), "The launch is moved."), "yes", "no")
    answers(engine, claim)
    answers(engine, protocol.ReadPrompt(prompts.call_prompt(lines_of(8))))
    whole = answers(engine, compare)[-1]
    monkeypatch.setattr(engine._memory, "can_cut", False)
    answers(engine, claim)
    answers(engine, protocol.ReadPrompt(prompts.call_prompt(lines_of(7))))
    answers(engine, claim)
    answers(engine, protocol.ReadPrompt(prompts.call_prompt(lines_of(8))))
    kept = len(engine._memory.kept)
    answers(engine, claim)
    reused = engine._memory.begin(engine._prompt_tokens(compare.prompt))
    assert reused == kept
    assert answers(engine, compare)[-1] == whole
