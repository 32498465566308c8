"""A prompt is read in pieces, by the real engine and by its double: how far it is, and from where it goes on."""

import pytest

from app.core.engines import Generated, LanguageEngine, Prompt, Turn
from app.core.errors import ContextOverflow, VaultDamaged
from app.core.job import Progress
from app.core.prompt_state import StateHead, StatePiece
from tests.engines.parent.test_behaviour import CALL, MOVE, scripted, text_of

LINES = "Transcript:\n" + "\n".join(f"[{n}] Them: I will send the test results by Friday." for n in range(1, 40))
SYSTEM: Turn = ("system", "You are a private assistant.")
BEGINNING = Prompt((SYSTEM, ("user", LINES)), len(LINES))
CLAIM = Prompt((("system", "You check."), ("user", "Them: We agree to move the launch.\n\nDo they?")))


def asked(question: str) -> Prompt:
    return Prompt((SYSTEM, ("user", f"{LINES}\n\n{question}")), len(LINES))


@pytest.fixture(params=["scripted", "real"])
def engine(request: pytest.FixtureRequest) -> LanguageEngine:
    """Each of the two."""
    found: LanguageEngine = scripted() if request.param == "scripted" else request.getfixturevalue("real_language")
    return found


def test_it_says_in_tokens_how_far_a_long_prompt_is_read(engine: LanguageEngine) -> None:
    long = Prompt((("user", f"{CALL} " * 12),))
    values = list(engine.generate(long, "", 4))
    said = [value for value in values if isinstance(value, Progress)]
    assert values[: len(said)] == said, "before the first word of the reply"
    assert len(said) >= 2
    assert {(one.step, one.total, one.unit) for one in said} == {("Reading", engine.count_prompt(long), "tokens")}
    done = [one.done for one in said]
    assert done == sorted(set(done))
    assert 0 < done[0] < done[-1] < engine.count_prompt(long)
    again = [value for value in engine.generate(long, "", 4) if isinstance(value, Progress)]
    assert again == [], "it is read already"


def test_a_prompt_that_goes_on_is_read_from_where_it_goes_on(engine: LanguageEngine) -> None:
    first = Prompt((("user", f"{CALL} " * 6),))
    more = Prompt((("user", f"{CALL} " * 12),))
    list(engine.generate(first, "", 4))
    known = engine.count_prompt(first)
    said = [value.done for value in engine.generate(more, "", 4) if isinstance(value, Progress)]
    assert said
    assert said[0] > known * 0.8
    assert text_of(engine, MOVE) == text_of(engine, MOVE)


def test_reading_can_be_stopped_and_goes_on_from_there(engine: LanguageEngine) -> None:
    long = Prompt((("user", f"{CALL} " * 12),))
    whole = text_of(engine, long, "", 8)
    list(engine.generate(MOVE, "", 1))  # forgets it
    pieces = engine.generate(long, "", 8)
    assert isinstance(next(pieces), Progress)
    pieces.close()  # type: ignore[attr-defined]
    assert text_of(engine, long, "", 8) == whole


def total(progress: Progress) -> float:
    assert progress.total is not None
    return progress.total


def reused(engine: LanguageEngine, prompt: Prompt) -> int:
    """How many tokens of this prompt need no evaluation."""
    *_, last = engine.generate(prompt, "", 4)
    assert isinstance(last, Generated)
    return last.reused_tokens


def test_what_prompts_share_is_read_before_and_once(engine: LanguageEngine) -> None:
    list(engine.generate(MOVE, "", 1))
    said = list(engine.read(BEGINNING))
    assert said[-1].done == said[-1].total
    assert [one.done for one in said] == sorted({one.done for one in said})
    assert {(one.step, one.unit) for one in said} == {("Reading", "tokens")}
    read = total(said[-1]) - 3  # the tokens at its end depend on what follows
    assert read > engine.count([LINES])[0]
    assert reused(engine, asked("What will they send?")) >= read
    assert len(list(engine.read(BEGINNING))) == 1, "nothing is left to read"


def test_a_claim_or_another_prompt_does_not_cost_what_was_read(engine: LanguageEngine) -> None:
    first = asked("What will they send, and when?")
    engine.likelihood(first, "yes", "no")  # whole, so that what follows is evaluated in the same batches
    list(engine.read(BEGINNING))
    before = text_of(engine, first, "", 8)
    known = reused(engine, asked("Who sends it?"))
    assert known > engine.count([LINES])[0]
    likely = engine.likelihood(CLAIM, "yes", "no")
    assert engine.likelihood(CLAIM, "yes", "no") == pytest.approx(likely, abs=0.02)
    text_of(engine, MOVE, "", 4)
    assert reused(engine, asked("When do they send it?")) >= known - 3
    assert text_of(engine, first, "", 8) == before


def test_reading_ahead_goes_on_with_the_next_lines_and_from_where_it_was_stopped(engine: LanguageEngine) -> None:
    lines = LINES.replace("Friday", "Monday")
    beginning = Prompt((SYSTEM, ("user", lines)), len(lines))
    longer = f"{lines}\n[40] You: We move the launch.\n[41] Them: Good."
    list(engine.generate(MOVE, "", 1))
    pieces = engine.read(beginning)
    began_at, stopped_at = next(pieces).done, next(pieces).done
    pieces.close()  # type: ignore[attr-defined]
    engine.likelihood(CLAIM, "yes", "no")
    first = next(iter(engine.read(beginning))).done
    assert first >= stopped_at > began_at
    (*_, last) = engine.read(beginning)
    said = list(engine.read(Prompt((SYSTEM, ("user", longer)), len(longer))))
    assert said[0].done > total(last) - 5
    assert reused(engine, Prompt((SYSTEM, ("user", f"{longer}\n\nWhen?")), len(longer))) > total(said[-1]) - 5


def test_what_is_kept_gives_way_to_a_prompt_that_needs_its_place(engine: LanguageEngine) -> None:
    list(engine.read(BEGINNING))
    context = engine.facts().context_tokens
    (each,) = engine.count([f"{CALL} "])
    long = Prompt((("user", f"{CALL} " * ((context - 200) // each)),))
    assert engine.count_prompt(long) > context * 0.7
    assert reused(engine, long) < 100
    assert 0 <= engine.likelihood(long, "yes", "no") <= 1
    assert 0 <= reused(engine, asked("When?")) <= engine.count_prompt(asked("When?"))
    with pytest.raises(ContextOverflow):
        list(engine.read(Prompt((("user", LINES * 9),), len(LINES) * 9)))
    assert text_of(engine, MOVE, "", 4)


class Stored:
    """Pieces that lie somewhere."""

    def __init__(self, pieces: list[StatePiece]) -> None:
        self.pieces = pieces
        self.opened = 0

    @property
    def heads(self) -> tuple[StateHead, ...]:
        return tuple(piece.head for piece in self.pieces)

    def data(self, index: int) -> bytes:
        self.opened += 1
        return self.pieces[index].data


def test_what_was_evaluated_can_be_stored_and_given_back(engine: LanguageEngine) -> None:
    lines = LINES.replace("Friday", "Tuesday")
    prompt = Prompt((SYSTEM, ("user", f"{lines}\n\nWhen?")), len(lines))
    text = text_of(engine, prompt, "", 8)
    stored = Stored(list(engine.state(prompt)))
    assert len(stored.pieces) > 1
    assert list(engine.state(prompt, stored.heads[-1])) == []
    list(engine.read(BEGINNING))
    assert reused(engine, prompt) < stored.heads[-1].tokens
    list(engine.read(BEGINNING))
    said = list(engine.load_state(prompt, stored))
    assert stored.opened == len(stored.pieces)
    assert [one.done for one in said] == [head.tokens for head in stored.heads]
    assert {(one.step, one.unit) for one in said} == {("Opening", "tokens")}
    assert text_of(engine, prompt, "", 8) == text
    assert reused(engine, prompt) >= stored.heads[-1].tokens
    assert list(engine.load_state(asked("Of other lines?"), stored)) == []
    assert list(engine.load_state(prompt, Stored([]))) == []


def test_a_state_that_is_damaged_where_it_lies_is_the_storages_error(engine: LanguageEngine) -> None:
    lines = LINES.replace("Friday", "Thursday")
    prompt = Prompt((SYSTEM, ("user", f"{lines}\n\nWhen?")), len(lines))
    text = text_of(engine, prompt, "", 8)

    class Damaged(Stored):
        def data(self, index: int) -> bytes:
            if index == 1:
                raise VaultDamaged
            return super().data(index)

    stored = Damaged(list(engine.state(prompt)))
    list(engine.read(BEGINNING))
    with pytest.raises(VaultDamaged):
        list(engine.load_state(prompt, stored))
    assert text_of(engine, prompt, "", 8) == text
