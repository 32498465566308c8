"""Summaries of any length: every line is read once, nothing is skipped, and points keep only what bears them."""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from app.core.call import CallState
from app.core.conversation import StopReason
from app.core.engines import Delta, Generated, LanguageEngine, Prompt
from app.core.errors import ContextOverflow, EngineCrashed, EngineError, NotReady
from app.core.job import Cancelled, Progress
from app.core.json_shapes import summary_json
from app.core.model import LanguageFacts
from app.core.prompt_state import StateHead, StatePiece, StoredState
from app.core.sampling import GREEDY, Sampling
from app.core.transcript import Transcript
from app.engines.parent.engines import RemoteLanguage
from app.services.calls.library import renamed
from app.storage.vault import Vault
from tests.doubles.engines import Script, ScriptedEngines, ScriptedLanguage
from tests.services.stage import TRUTH, Kept, Stage, Watching, lines_of, told
from tests.storage.calls import add


def reply(**parts: object) -> str:
    whole = {"title": "T", "key_points": [], "decisions": [], "action_items": [], "overview": "O."} | parts
    return json.dumps(whole, ensure_ascii=False)


def lines_in(prompt: Prompt) -> list[str]:
    """The lines of the transcript in a prompt, without their numbers."""
    return re.findall(r"^\[\d+\] \w+: (.*)$", prompt.messages[-1][1], re.MULTILINE)


def is_heading(prompt: Prompt) -> bool:
    return "Parts of one call:" in prompt.messages[-1][1]


def staged(vault: Vault, script: Script, context_tokens: int = 2048) -> tuple[Stage, ScriptedLanguage]:
    language = ScriptedLanguage(script, context_tokens)
    return Stage(vault, ScriptedEngines(language=language)), language


class Overheard(LanguageEngine):
    """The real engine, and every prompt whose reply was whole."""

    def __init__(self, engine: LanguageEngine) -> None:
        self.prompts: list[Prompt] = []
        self._engine = engine

    def facts(self) -> LanguageFacts:
        return self._engine.facts()

    def count(self, texts: Sequence[str]) -> list[int]:
        return self._engine.count(texts)

    def count_prompt(self, prompt: Prompt) -> int:
        return self._engine.count_prompt(prompt)

    def generate(
        self, prompt: Prompt, grammar: str = "", reply_tokens: int = 512, sampling: Sampling = GREEDY
    ) -> Iterator[Progress | Delta | Generated]:
        for value in self._engine.generate(prompt, grammar, reply_tokens):
            if isinstance(value, Generated) and value.stop_reason is StopReason.FINISHED:
                self.prompts.append(prompt)
            yield value

    def read(self, prompt: Prompt) -> Iterator[Progress]:
        return self._engine.read(prompt)

    def state(self, prompt: Prompt, known: StateHead | None = None) -> Iterator[StatePiece]:
        return self._engine.state(prompt, known)

    def load_state(self, prompt: Prompt, stored: StoredState) -> Iterator[Progress]:
        return self._engine.load_state(prompt, stored)

    def likelihood(self, prompt: Prompt, one: str, other: str) -> float:
        return self._engine.likelihood(prompt, one, other)

    def close(self) -> None:
        """It is kept."""


def test_the_real_model_finds_the_facts_of_the_demo_call(vault: Vault, real_language: RemoteLanguage) -> None:
    stage = Stage(vault, Kept(language=real_language))
    known = told(stage.store)
    summary = stage.summarizing.run(known, Watching())
    assert [
        (p.text, [stage.line(known, e.utterance) for e in p.evidence]) for p in summary.section("decisions").points
    ] == [("Move the launch.", [7])]
    noted = summary.section("key_points").points[0]
    assert ("slow" in noted.text, stage.line(known, noted.evidence[0].utterance)) == (True, 4)
    sides = {speaker.id: side for side, speaker in enumerate(stage.store.get(known).speakers)}
    items = [
        (
            sides[a.speaker] if a.speaker else None,
            a.owner,
            a.task,
            a.due,
            [stage.line(known, e.utterance) for e in a.evidence],
        )
        for a in summary.section("action_items").tasks
    ]
    assert items == [
        (1, "Them", "Send the test results", "by Friday", [9]),
        (None, "Nina", "Review the final design", "tomorrow morning", [11]),
        (0, "You", "Update the launch plan", "by Wednesday", [13]),
    ]
    assert summary.model == "demo-language"
    assert stage.store.summary(known) == summary
    assert stage.store.get(known).state is CallState.SUMMARIZED
    assert stage.store.get(known).title == summary.title
    assert [c.kind for c in stage.changes] == ["summary"]


def test_a_real_summary_of_a_long_call_reads_every_line_once(vault: Vault, real_language: RemoteLanguage) -> None:
    engine = Overheard(real_language)
    stage = Stage(vault, Kept(language=engine))
    known = told(stage.store, times=8)
    watching = Watching()
    summary = stage.summarizing.run(known, watching)
    pieces = [lines_in(prompt) for prompt in engine.prompts if not is_heading(prompt)]
    assert len(pieces) > 1
    assert [line for piece in pieces for line in piece] == [text for _, text in TRUTH["turns"]] * 8
    assert min(map(len, pieces)) > 10  # no short rest
    assert any(is_heading(prompt) for prompt in engine.prompts)
    cited = {
        stage.line(known, e.utterance)
        for p in (*summary.section("decisions").points, *summary.section("key_points").points)
        for e in p.evidence
    }
    assert cited <= {n for n in range(1, 129) if (n - 1) % 16 in (3, 4, 5, 6)}  # the lines of problem and decision
    assert len(summary.section("decisions").points) == 1  # said eight times, kept once
    lines = [event for event in watching.events if isinstance(event, Progress) and event.step == "Summarizing"]
    assert {(event.total, event.unit) for event in lines} == {(128, "lines")}
    done = [event.done for event in lines]
    assert done == sorted(done)
    assert done[-1] == 128
    assert len({round(one) for one in done}) > len(pieces) * 4, "it moves while a chunk is read and written about"
    assert any(isinstance(event, Progress) and event.step == "Combining" for event in watching.events)


def test_pieces_are_numbered_from_one_and_citations_lead_to_the_call(vault: Vault) -> None:
    def script(prompt: Prompt) -> str:
        if is_heading(prompt):
            return '{"title": "Subjects of a call", "overview": "A whole call."}'
        found = lines_in(prompt)
        point = {"text": found[-1], "source": [len(found)]}
        return reply(title="Part", overview="Part of a whole call.", key_points=[point])

    stage, language = staged(vault, script, 1000)
    texts = [f"we talked about subject{n} and then about matter{n} and subjects for a while" for n in range(90)]
    known = lines_of(stage.store, texts)
    summary = stage.summarizing.run(known, Watching())
    pieces = [lines_in(p) for p in language.prompts if not is_heading(p)]
    assert len(pieces) > 2
    assert [line for piece in pieces for line in piece] == texts
    assert [point.text for point in summary.section("key_points").points] == [piece[-1] for piece in pieces]
    for point in summary.section("key_points").points:
        (evidence,) = point.evidence
        line = stage.line(known, evidence.utterance)
        assert texts[line - 1] == point.text
        assert evidence.start == 10.0 * (line - 1)
    assert (summary.title, summary.section("overview").text) == ("Subjects of a call", "A whole call.")


def test_a_reply_that_breaks_off_halves_its_piece(vault: Vault) -> None:
    def script(prompt: Prompt) -> str:
        if is_heading(prompt):
            return '{"title": "Whole", "overview": "All of it."}'
        found = lines_in(prompt)
        point = {"text": " ".join(found)[:200], "source": [1]}
        is_long = len(found) > 10
        return reply(key_points=[point] * (10 if is_long else 1), overview="o " * (340 if is_long else 1))

    stage, language = staged(vault, script, 1200)
    texts = [f"line{n}" for n in range(32)]
    known = lines_of(stage.store, texts)
    stage.summarizing.run(known, Watching())
    sizes = [len(lines_in(p)) for p in language.prompts if not is_heading(p)]
    assert sizes == [32, 16, 8, 8, 16, 8, 8]
    read = [line for p in language.prompts if len(found := lines_in(p)) == 8 for line in found]
    assert read == texts


def test_a_piece_that_keeps_failing_is_an_error_and_nothing_is_saved(vault: Vault) -> None:
    stage, _ = staged(vault, lambda _: reply(overview="o " * 340), 600)
    known = lines_of(stage.store, [f"line{n}" for n in range(16)])
    with pytest.raises(EngineError) as caught:
        stage.summarizing.run(known, Watching())
    assert "safe" in caught.value.advice
    assert stage.store.summary(known) is None
    assert stage.store.get(known).state is CallState.TRANSCRIBED
    assert len(stage.store.transcript(known).utterances) == 16


def test_a_line_that_is_longer_than_the_context_is_an_error_not_a_gap(vault: Vault) -> None:
    stage, _ = staged(vault, lambda _: reply(), 600)
    known = lines_of(stage.store, ["short", "word " * 900, "short"])
    with pytest.raises((EngineError, ContextOverflow)):
        stage.summarizing.run(known, Watching())
    assert stage.store.summary(known) is None


def summary_of(vault: Vault, texts: Sequence[str], **parts: Any) -> Any:
    stage, _ = staged(vault, lambda _: reply(**parts))
    return stage.summarizing.run(lines_of(stage.store, texts), Watching())


def test_points_that_their_lines_do_not_bear_lose_their_evidence(vault: Vault) -> None:
    summary = summary_of(
        vault,
        ["It takes three days.", "We move the launch."],
        key_points=[
            {"text": "It takes 3 days.", "source": [1]},
            {"text": "It takes 5 days.", "source": [1]},
            {"text": "Oscar's page is slow", "source": [2]},
        ],
        decisions=[{"text": "Move the launch.", "source": [2, 1, 2]}],
        action_items=[{"task": "Pay Nina", "owner": "You", "due": "by Friday", "source": [1]}],
    )
    found = summary.section("key_points").points
    assert [(bool(p.evidence), p.instead) for p in found] == [(True, ()), (True, ("three days",)), (False, ())]
    shown = summary_json(summary, Transcript("en", 60.0, "m", (), ()))["key_points"]
    assert [(bool(p["evidence"]), "against" in p) for p in shown] == [(True, False), (False, True), (False, False)]
    assert [(e.start, e.end) for e in summary.section("decisions").points[0].evidence] == [(0.0, 4.0), (10.0, 14.0)]
    assert summary.section("action_items").tasks[0].evidence == ()
    assert summary.section("action_items").tasks[0].task == "Pay Nina"  # kept, and shown as not confirmed


def test_an_invented_date_makes_an_action_item_unconfirmed(vault: Vault) -> None:
    actions = [{"task": "Send it", "owner": "Them", "due": due, "source": [1]} for due in ("by Friday", "May 7")]
    summary = summary_of(vault, ["Can you send it by Friday?"], action_items=actions)
    assert [bool(a.evidence) for a in summary.section("action_items").tasks] == [True, False]


@pytest.mark.parametrize(
    ("line", "is_borne"),
    [("I will send the results.", False), ("Can you send the results?", True), ("They should send results.", True)],
)
def test_a_task_is_not_confirmed_by_what_the_other_side_takes_on(vault: Vault, line: str, is_borne: bool) -> None:
    action = {"task": "Send the results", "owner": "Them", "due": "", "source": [1]}
    summary = summary_of(vault, [line.replace("They", "Them")], action_items=[action])
    assert bool(summary.section("action_items").tasks[0].evidence) == is_borne


def test_what_is_said_twice_is_kept_once(vault: Vault) -> None:
    action = {"task": "Send the results", "owner": "Them", "due": "by Friday", "source": [1]}
    summary = summary_of(
        vault,
        ["Can you send the results by Friday?", "We move the launch."],
        decisions=[{"text": "Move the launch.", "source": [2]}, {"text": "Moved the launch", "source": [2]}],
        action_items=[action, action, action | {"owner": "You"}],
    )
    assert len(summary.section("decisions").points) == 1
    assert [a.owner for a in summary.section("action_items").tasks] == ["Them", "You"]


def test_the_same_task_on_another_day_or_for_somebody_else_is_another(vault: Vault) -> None:
    task = "Send the test results of the payment page to the whole team"
    whose = [("You", "by Friday"), ("You", "by Monday"), ("Them", "by Friday"), ("You", "by Friday")]
    actions = [{"task": task, "owner": owner, "due": due, "source": [1]} for owner, due in whose]
    summary = summary_of(vault, ["Send the test results of the payment page to the team."], action_items=actions)
    assert [(a.owner, a.due) for a in summary.section("action_items").tasks] == whose[:3]


def test_an_owner_goes_by_the_name_of_the_side(vault: Vault) -> None:
    action = {"task": "Send it", "owner": "leo", "due": "", "source": [1]}
    stage, _ = staged(vault, lambda _: reply(action_items=[action, action | {"owner": "Nina"}]))
    known = lines_of(stage.store, ["Leo, can you send it? Nina too."])
    elena, leo = renamed(stage.store.get(known).speakers, ("Elena", "Leo"))
    stage.store.set_speakers(known, (elena, leo))
    items = stage.summarizing.run(known, Watching()).section("action_items").tasks
    assert [(a.owner, a.speaker) for a in items] == [("leo", leo.id), ("Nina", None)]


def first_words(prompt: Prompt) -> str:
    return f"About {' '.join(lines_in(prompt)[0].split()[:3])}."


def test_a_heading_that_fails_is_made_of_the_parts(vault: Vault) -> None:
    def script(prompt: Prompt) -> str:
        if is_heading(prompt):
            return json.dumps({"title": "T", "overview": "o " * 340})
        return reply(title="Some more words", overview=first_words(prompt))

    stage, language = staged(vault, script, 800)
    known = lines_of(stage.store, [f"un{n} deux{n} trois{n} and some more words about it" for n in range(80)])
    summary = stage.summarizing.run(known, Watching())
    pieces = [p for p in language.prompts if not is_heading(p)]
    assert len(pieces) > 1
    assert summary.title == "Some more words"
    assert summary.section("overview").text == " ".join(map(first_words, pieces))


_TWELVE = [f"Am Ende {n} Rechnungen bis Freitag bezahlen" for n in ("zwölf", "12")]
_TWENTY = [f"Das Angebot prüfen und {n} Briefe schicken" for n in ("zwanzig", "20")]


def german(stage: Stage) -> Any:
    lines = [f"Gespräch {n}. {_TWELVE[0]}. {_TWENTY[0]}." for n in range(60)]
    return stage.summarizing.run(lines_of(stage.store, lines, language="de"), Watching())


def test_what_is_said_twice_in_german_is_kept_once(vault: Vault) -> None:
    """With the evidence of both; a figure is also a word."""
    points = [{"text": text, "source": [line]} for line, text in enumerate(_TWENTY, 1)]
    decisions = [*points, {"text": _TWELVE[0], "source": [1]}]
    actions = [{"task": t, "owner": "Them", "due": "", "source": [line]} for line, t in enumerate(_TWENTY, 1)]
    details = [{"text": _TWELVE[1], "source": [1]}]

    def script(prompt: Prompt) -> str:
        if is_heading(prompt):
            return json.dumps({"title": "T", "overview": "O."})
        return reply(decisions=decisions, key_points=details, action_items=actions)

    stage, _ = staged(vault, script)
    summary = german(stage)
    found, tasks = summary.section("decisions").points, summary.section("action_items").tasks
    assert [point.text for point in found] == [_TWENTY[0], _TWELVE[0]]
    assert summary.section("key_points").points == ()
    assert [action.task for action in tasks] == [_TWENTY[0]]
    assert [one.evidence[1].start for one in (found[0], tasks[0])] == [10.0, 10.0]


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("Die Firma bespricht ihre Rechnungen.", "Die Firma bespricht ihre Rechnungen."),
        (f"{_TWELVE[0]}. {_TWELVE[1]}.", f"{_TWELVE[0]}, es geht um die Rechnung einer Firma."),
    ],
)
def test_a_german_heading_is_read_by_the_rules_of_german(vault: Vault, written: str, shown: str) -> None:
    """A noun in another form is no name; and whoever says the same twice, once in figures, repeats himself."""
    parts = iter(_TWELVE * 20)

    def script(prompt: Prompt) -> str:
        if is_heading(prompt):
            return json.dumps({"title": "Die Rechnungen", "overview": written}, ensure_ascii=False)
        return reply(title="Teil", overview=f"{next(parts)}, es geht um die Rechnung einer Firma.")

    stage, language = staged(vault, script, 800)
    summary = german(stage)
    assert sum(not is_heading(p) for p in language.prompts) > 1
    assert (summary.title, summary.section("overview").text) == ("Die Rechnungen", shown)


def test_cancelled_between_two_words_nothing_is_saved(vault: Vault) -> None:
    stage, _ = staged(vault, lambda _: reply(overview="one two three four"))
    known = lines_of(stage.store, ["We agree."])
    with pytest.raises(Cancelled):
        stage.summarizing.run(known, Watching(stop_at=12))
    assert stage.store.summary(known) is None
    assert stage.store.get(known).state is CallState.TRANSCRIBED


def test_a_crash_is_told_and_the_next_try_works(vault: Vault) -> None:
    answers: Iterator[Any] = iter([["{", EngineCrashed()], ["{", EngineCrashed()], reply()])
    stage, _ = staged(vault, lambda _: next(answers))
    known = lines_of(stage.store, ["We agree."])
    with pytest.raises(EngineCrashed):  # one death is overcome without a word, a second one is told
        stage.summarizing.run(known, Watching())
    assert stage.store.summary(known) is None
    assert stage.summarizing.run(known, Watching()).section("overview").text == "O."


def test_a_call_that_is_not_transcribed_yet_is_refused(vault: Vault) -> None:
    stage, _ = staged(vault, lambda _: reply())
    known = add(stage.store, "We agree.")
    with pytest.raises(NotReady, match="not transcribed yet"):
        stage.summarizing.run(known, Watching())


def test_a_call_in_which_nothing_was_heard_has_nothing_to_summarize(vault: Vault) -> None:
    stage, _ = staged(vault, lambda _: reply())
    known = lines_of(stage.store, [])
    with pytest.raises(NotReady, match="No speech"):
        stage.summarizing.run(known, Watching())


def test_a_name_that_a_person_gave_is_kept(vault: Vault) -> None:
    stage, _ = staged(vault, lambda _: reply(title="Website launch"))
    known = lines_of(stage.store, ["We agree."])
    stage.library.rename(known, "Mine")
    stage.summarizing.run(known, Watching())
    assert stage.store.get(known).title == "Mine"
