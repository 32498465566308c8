"""Models that can't hold the form of a summary: asked for plain sentences, which are looked up, or told as too weak."""

from collections.abc import Iterator, Sequence

import pytest

from app.core.engines import Delta, Generated, Prompt
from app.core.errors import EngineError
from app.core.ids import SpeakerId, UtteranceId
from app.core.job import NullContext, Progress
from app.core.sampling import GREEDY, Sampling
from app.core.summary import Summary
from app.core.transcript import Speaker, Transcript, Utterance
from app.core.wording import DEMO, INSTRUCT, Wording
from app.services.calls.summarizing import summarize
from tests.call_summaries import CALL_TEMPLATE
from tests.doubles.engines import Script, ScriptedLanguage
from tests.services.calls.test_summarizing import reply

LINES = ["We move the launch to June.", "Nina pays the printer on Friday."]
CIRCLES = reply(overview="They move it again. " * 12)
UNFOUND = reply(title="Castle", overview="They sell a castle in Norway to nine dentists.")
TELLING = "They move the launch to June. Nina pays the printer on Friday."


def is_plain(prompt: Prompt) -> bool:
    return "short sentences" in prompt.messages[-1][1]


def replies(form: str, plain: str) -> Script:
    return lambda prompt: plain if is_plain(prompt) else form


def summary_by(engine: ScriptedLanguage, lines: Sequence[str] = LINES, wording: Wording = INSTRUCT) -> Summary:
    speaker = SpeakerId("s")
    said = tuple(
        Utterance(UtteranceId(f"u{n}"), 0, speaker, 3.0 * n, 3.0 * n + 2, text) for n, text in enumerate(lines)
    )
    transcript = Transcript("en", 60.0, "m", said, (Speaker(speaker, "You"),))
    return summarize(CALL_TEMPLATE, transcript, engine, NullContext(), wording)


@pytest.mark.parametrize(("form", "tries"), [(CIRCLES, 2), (UNFOUND, 1)])
def test_a_model_that_holds_no_form_is_asked_for_plain_sentences_that_are_looked_up(form: str, tries: int) -> None:
    engine = ScriptedLanguage(replies(form, TELLING))
    summary = summary_by(engine)
    section = summary.section("overview")
    assert section.text == TELLING
    assert [[e.utterance for e in one.evidence] for one in section.sentences] == [["u0"], ["u1"]]
    assert (summary.title, summary.section("key_points").points) == ("", ())
    assert [is_plain(one) for one in engine.prompts] == [False] * tries + [True]
    assert engine.grammars[-1] == ""
    assert "[1]" not in engine.prompts[-1].messages[-1][1]


def test_circles_are_not_waited_for() -> None:
    taken: list[str] = []
    same = reply(key_points=[{"text": "It is so, and so it is.", "source": [1]}] * 8, overview="So it is. " * 60)

    class Watched(ScriptedLanguage):
        def generate(
            self, prompt: Prompt, grammar: str = "", reply_tokens: int = 512, sampling: Sampling = GREEDY
        ) -> Iterator[Progress | Delta | Generated]:
            for value in super().generate(prompt, grammar, reply_tokens, sampling):
                if isinstance(value, Delta) and not is_plain(prompt):
                    taken.append(value.text)
                yield value

    assert summary_by(Watched(replies(same, TELLING))).section("overview").text == TELLING
    assert 0 < len("".join(taken)) < len(same)  # of two tries


def test_what_breaks_off_is_halved_and_then_asked_for_plainly() -> None:
    words = "river stone lamp forest apple winter bread ladder garden mirror candle bottle paper window".split()
    long = " ".join(f"{a} {b}" for a in words for b in words)
    points = [{"text": long[n * 200 : n * 200 + 200].strip(), "source": [1]} for n in range(8)]
    engine = ScriptedLanguage(replies(reply(key_points=points, overview=long[:690]), TELLING), 900)
    summary = summary_by(engine, [*LINES, *(f"The {word} is on the {word}." for word in words)])
    asked = [is_plain(one) for one in engine.prompts]
    assert asked.index(True) > 1
    assert all(asked[asked.index(True) :]), "a model that held the form nowhere is not asked for it again"
    assert summary.section("overview").text == TELLING


def test_what_is_found_neither_in_the_form_nor_plainly_stands_as_not_found() -> None:
    summary = summary_by(ScriptedLanguage(replies(UNFOUND, "They buy a ship in Greece from ten cooks.")))
    assert summary.section("overview").text == "They sell a castle in Norway to nine dentists."
    assert not summary.has_evidence


@pytest.mark.parametrize(
    ("plain", "told"),
    [
        ("They sell a castle in Norway to nine dentists.", "nothing that it wrote is said in the call"),
        ("1.1.1.1.1.1" * 40, "too weak"),
        ("", "no whole sentence"),
        ("- launch\n- printer", "no whole sentence"),
    ],
)
def test_a_model_that_says_nothing_of_the_call_is_told_as_too_weak(plain: str, told: str) -> None:
    with pytest.raises(EngineError, match=told) as caught:
        summary_by(ScriptedLanguage(replies(CIRCLES, plain)))
    assert "better model" in caught.value.advice


def test_plain_sentences_stand_without_lists_marks_and_what_breaks_off() -> None:
    plain = f"Summary:\n\nThey move the launch to June [1].\n- launch\n\n{TELLING} And then they"
    assert summary_by(ScriptedLanguage(replies(CIRCLES, plain))).section("overview").text == TELLING


def test_the_demo_models_are_asked_for_their_own_form_alone() -> None:
    engine = ScriptedLanguage(replies(CIRCLES, TELLING))
    with pytest.raises(EngineError, match="too weak"):
        summary_by(engine, wording=DEMO)
    assert not any(map(is_plain, engine.prompts))
    assert summary_by(ScriptedLanguage(replies(UNFOUND, TELLING)), wording=DEMO).title == ""
