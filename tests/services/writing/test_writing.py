"""Actions on texts: part by part, checked, with nothing left out in silence, stopped when asked."""

import json
import re
from pathlib import Path

import pytest

from app.core.engines import Delta, Prompt
from app.core.errors import AssistantError, EngineCrashed, EngineError, ModelMissing
from app.core.job import Cancelled, NullContext, Progress
from app.core.writing.action import TextAction
from app.core.writing.written import SoFar, Written
from app.services.engine_pool import EnginePool
from app.services.writing.generating import WeakModel
from app.services.writing.writing import Writing
from tests.doubles.engines import Script, ScriptedEngines, ScriptedLanguage
from tests.services.calls.test_summarizing import reply
from tests.services.stage import GGUF, Watching, provisioning

NOTE = """# Suplier review

The last delivery were late.

- [ ] Send the prise list, see [[Kitchen]]
- 12 boxes is damaged

```sh
rm  -r  it   # dont
```
"""


def words_of(prompt: Prompt) -> str:
    """What the model is given of the text."""
    return prompt.messages[-1][1].partition("\n\n")[2]


def is_plain(prompt: Prompt) -> bool:
    return prompt.messages[0][0] != "system"


def saying(replies: dict[str, str]) -> Script:
    """Each of these words replaced, and the rest said as it is."""
    return lambda prompt: _replaced(words_of(prompt), replies)


def _replaced(words: str, replies: dict[str, str]) -> str:
    for old, new in replies.items():
        words = words.replace(old, new)
    return words


class Desk:
    """Runs actions with a scripted model."""

    def __init__(self, folder: Path) -> None:
        (folder / "models").mkdir()
        (folder / "models" / "mine.gguf").write_bytes(GGUF.read_bytes())
        self._folder = folder
        self.engine = ScriptedLanguage(lambda _: "")

    def run(
        self,
        action: TextAction,
        text: str,
        script: Script,
        context: object = None,
        *,
        to: str = "",
        question: str = "",
        tokens: int = 2048,
    ) -> Written:
        self.engine = ScriptedLanguage(script, tokens)
        pool = EnginePool(ScriptedEngines(language=self.engine), provisioning(self._folder))
        return Writing(pool).run(action, text, context or NullContext(), target=to, question=question)  # type: ignore[arg-type]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_a_proofread_text_keeps_its_marks_its_code_and_its_links(desk: Desk) -> None:
    fixes = {"Suplier": "Supplier", "were": "was", "prise": "price", "is damaged": "are damaged"}
    written = desk.run(TextAction.PROOFREAD, NOTE, saying(fixes))
    assert written.new == _replaced(NOTE, fixes)
    assert [(one.old, one.new) for one in written.difference.changes] == [
        ("Suplier", "Supplier"), ("were", "was"), ("prise", "price"), ("is", "are"),
    ]  # fmt: skip
    assert written.notes == ()
    given_away = "".join(words_of(prompt) for prompt in desk.engine.prompts)
    assert "rm" not in given_away
    assert "[ ]" not in given_away


def test_what_is_more_than_proofreading_is_left_and_told(desk: Desk) -> None:
    fixes = {"were": "was", "12 boxes is": "21 boxes are"}
    written = desk.run(TextAction.PROOFREAD, NOTE, saying(fixes))
    assert written.new == NOTE.replace("were", "was")
    assert written.notes == ("Left as it was in one place: there the model changed a figure.",)


def test_a_reply_that_can_not_be_used_is_asked_for_once_more_and_plainly(desk: Desk) -> None:
    def script(prompt: Prompt) -> str:
        return words_of(prompt).replace("were", "was") if is_plain(prompt) else "They said it. " * 40

    written = desk.run(TextAction.PROOFREAD, "The last delivery were late.", script)
    assert written.new == "The last delivery was late."
    assert [is_plain(prompt) for prompt in desk.engine.prompts] == [False, True]


@pytest.mark.parametrize(
    ("action", "fault"), [(TextAction.SHORTER, "made it no shorter"), (TextAction.FRIENDLY, "changed nothing")]
)
def test_what_is_not_what_was_asked_for_is_told(desk: Desk, action: TextAction, fault: str) -> None:
    text = (
        "We came to the meeting too late, since the train stood between two stations and nobody in it knew why at all."
    )
    with pytest.raises(WeakModel, match=fault):
        desk.run(action, text, saying({}))


def test_a_name_from_an_example_is_not_taken_for_the_texts(desk: Desk) -> None:
    def script(prompt: Prompt) -> str:
        return "Kommst du bitte?" if is_plain(prompt) else "Hallo Tom, kommst du bitte? Viele Grüße Lisa"

    written = desk.run(TextAction.FRIENDLY, "Komm bitte zu mir und sag es den anderen auch.", script)
    assert written.new == "Kommst du bitte?"
    kept = desk.run(TextAction.FRIENDLY, "Komm bitte, Tom und Lisa.", lambda _: "Hallo Tom, Lisa, kommt bitte!")
    assert kept.new == "Hallo Tom, Lisa, kommt bitte!"


def test_a_lost_link_leaves_the_part_and_is_told(desk: Desk) -> None:
    written = desk.run(TextAction.TRANSLATE, NOTE, saying({", see [[Kitchen]]": ""}), to="de")
    assert "see [[Kitchen]]" in written.new
    assert "Left as it was in one place: there the model changed a link, an address or code." in written.notes


def test_a_model_of_which_nothing_can_be_used_is_told(desk: Desk) -> None:
    with pytest.raises(WeakModel, match="wrote nothing") as caught:
        desk.run(TextAction.FORMAL, "We came late to the meeting.", lambda _: "…")
    assert "Your text is as it was" in caught.value.advice


def test_figures_and_names_that_are_added_or_lost_are_told(desk: Desk) -> None:
    text = "We pay 1,200 euros, and Leo comes on Friday."
    written = desk.run(TextAction.SHORTER, text, lambda _: "We pay and then Nina comes on Monday.")
    assert written.notes == (
        "Look at these, which your text does not have: Nina, Monday.",
        "These figures of your text are not in it: 1200, Friday.",
    )


def test_a_letter_is_rewritten_as_a_whole_and_a_list_item_by_item(desk: Desk) -> None:
    letter = "Dear Leo,\n\nthe boxes came late.\n\n- all of them were broken again\n- three\n\nBye\nAnna\n"
    written = desk.run(TextAction.FRIENDLY, letter, saying({"late": "a little late", "broken": "sadly broken"}))
    assert [words_of(prompt) for prompt in desk.engine.prompts] == [
        "Dear Leo,\n\nthe boxes came late.", "all of them were broken again", "Bye\nAnna",
    ]  # fmt: skip
    assert written.new == letter.replace("late", "a little late").replace("broken", "sadly broken")


def test_behind_a_german_greeting_a_small_letter_stays_small(desk: Desk) -> None:
    letter = "Liebe Anna,\n\nam Montag kommen wir zu euch und ihr seit hoffentlich da.\n"
    written = desk.run(TextAction.PROOFREAD, letter, saying({"am ": "Am ", "seit": "seid"}))
    assert written.new == letter.replace("seit", "seid")


def test_an_item_stays_one_line_without_the_full_stop_that_it_did_not_have(desk: Desk) -> None:
    written = desk.run(TextAction.PROOFREAD, "- two other ofers\n- It come.\n", lambda p: {
        "two other ofers": "two other\noffers.", "It come.": "It comes."}[words_of(p)])  # fmt: skip
    assert written.new == "- two other offers\n- It comes.\n"


@pytest.mark.parametrize("action", [TextAction.FORMAL, TextAction.PROOFREAD])
def test_a_text_longer_than_the_context_is_worked_through_in_pieces_and_says_so(desk: Desk, action: TextAction) -> None:
    paragraphs = [f"In week {n} the delivery were late again, and we wrote to them. " * 6 for n in range(1, 9)]
    text = "\n\n".join(one.strip() for one in paragraphs) + "\n"
    if action is TextAction.PROOFREAD:
        text = text.replace("\n\n", " ")
    written = desk.run(action, text, saying({"were": "was"}), tokens=900)
    assert written.new == text.replace("were", "was")
    assert len(desk.engine.prompts) > 2
    assert re.match(r"The text is long: it was worked through in \d+ pieces", written.notes[0])


def test_a_sentence_longer_than_the_context_is_cut_between_words(desk: Desk) -> None:
    text = "word " * 900
    assert desk.run(TextAction.TRANSLATE, text, saying({"word": "Wort"}), to="de", tokens=600).new == "Wort " * 900


def test_what_is_reported_ends_with_the_result(desk: Desk) -> None:
    context = Watching()
    written = desk.run(TextAction.PROOFREAD, NOTE, saying({"were": "was"}), context)
    so_far = [event.text for event in context.events if isinstance(event, SoFar)]
    assert so_far[-1] == written.new
    assert all(written.new.startswith(text.rstrip()) for text in so_far)
    assert any(isinstance(event, Delta) for event in context.events)
    assert [event.total for event in context.events if isinstance(event, Progress) and event.unit] == [4, 4, 4, 4]


def test_it_is_stopped_while_the_model_writes(desk: Desk) -> None:
    context = Watching(stop_when=lambda event: isinstance(event, Delta))
    with pytest.raises(Cancelled):
        desk.run(TextAction.PROOFREAD, NOTE, saying({}), context)
    assert len(desk.engine.prompts) == 1


def test_a_worker_that_dies_once_is_asked_again(desk: Desk) -> None:
    deaths = [EngineCrashed()]
    written = desk.run(
        TextAction.PROOFREAD, "It were late.", lambda p: deaths.pop() if deaths else saying({"were": "was"})(p)
    )
    assert written.new == "It was late."


@pytest.mark.parametrize(
    ("text", "to", "title"),
    [(" \n", "", "no text"), ("x " * 150_000, "", "longer"), ("We have been there with them, and it is ours.", "en",
     "in English already")],
)  # fmt: skip
def test_what_can_not_be_worked_on_is_told(desk: Desk, text: str, to: str, title: str) -> None:
    with pytest.raises(AssistantError, match=title):
        desk.run(TextAction.TRANSLATE, text, saying({}), to=to or "de")


def test_the_demo_model_is_not_asked(tmp_path: Path) -> None:
    pool = EnginePool(ScriptedEngines(language=ScriptedLanguage(lambda _: "x")), provisioning(tmp_path))
    with pytest.raises(ModelMissing, match="demo model"):
        Writing(pool).run(TextAction.FORMAL, "Some words.", NullContext())


def test_what_goes_on_is_only_that_and_comes_behind_the_text(desk: Desk) -> None:
    text = "The train stopped between two stations.\n"
    written = desk.run(TextAction.CONTINUE, text, lambda _: text + "Nobody knew why.")
    assert written.new == "Nobody knew why."
    long = desk.run(TextAction.CONTINUE, "The train stopped. " * 300, lambda _: "Nobody knew why.", tokens=700)
    assert re.match(r"The text is long: only its last \d+ words were read\.", long.notes[0])
    with pytest.raises(WeakModel):
        desk.run(TextAction.CONTINUE, text, lambda _: text)


TEXT = """# Supply

The contract runs two years with a 5 percent discount, and prices rose in March.

- [ ] Send the price list
- [x] Ask Hannah

Leo brings two other offers by Friday, as he promised in the meeting with all of us.
The delivery was late twice, and three of the boxes in it were damaged.
"""


def test_each_sentence_of_a_summary_has_its_lines_or_is_not_confirmed(desk: Desk) -> None:
    said = reply(
        overview="The contract runs two years with a 5 percent discount. They sell a castle in Norway.",
        action_items=[{"task": "Bring two other offers", "owner": "Leo", "due": "Friday", "source": [5]}],
        key_points=[{"text": "The discount is 9 percent.", "source": [2]}],
    )
    written = desk.run(TextAction.SUMMARY, TEXT, lambda _: _in_form(said))
    rows = written.new.splitlines()
    assert "The contract runs two years with a 5 percent discount. [line 3]" in written.new
    assert "They sell a castle in Norway. (not confirmed by the text)" in written.new
    assert "- [ ] Send the price list [line 5]" in rows
    assert "- [ ] Bring two other offers (Leo, Friday) [line 8]" in rows
    assert not any("Ask Hannah" in row for row in rows)
    assert any(
        row.startswith("- The discount is 9 percent. (the text says otherwise: 5 percent; line 3") for row in rows
    )
    assert "[1] # Supply" in desk.engine.prompts[0].messages[-1][1]
    assert "call" not in desk.engine.prompts[0].messages[-1][1]


def _in_form(said: str) -> str:
    """The reply without the sections that the text's template has not."""
    return re.sub(r', "decisions": \[.*?\](?=, ")', "", said)


def test_tasks_are_the_open_boxes_and_what_the_model_finds_beside_them(desk: Desk) -> None:
    tasks = [{"task": "Bring two other offers", "owner": "Leo", "due": "by Friday", "source": [3]}]
    written = desk.run(TextAction.TASKS, TEXT, lambda _: tasks_reply(tasks))
    assert written.new == (
        "- [ ] Send the price list [line 5]\n- [ ] Bring two other offers (Leo, by Friday) [line 8]\n"
    )
    assert "Hannah" not in desk.engine.prompts[0].messages[-1][1]
    nothing = desk.run(TextAction.TASKS, "- [x] Ask Hannah\n", lambda _: "")
    assert nothing.notes == ("No task was found in this text.",)
    assert desk.engine.prompts == []


def tasks_reply(tasks: object) -> str:
    return json.dumps({"title": "Supply", "action_items": tasks})


def test_an_answer_names_its_lines_and_what_no_line_says(desk: Desk) -> None:
    said = "Leo brings two other offers by Friday [5]. They sold a castle in Norway to a dentist [2]."
    written = desk.run(TextAction.ASK, TEXT, lambda _: said, question="What does Leo do?")
    assert written.new == (
        "Leo brings two other offers by Friday [line 8]. "
        "They sold a castle in Norway to a dentist (not confirmed by the text)."
    )
    with pytest.raises(AssistantError, match="question is empty"):
        desk.run(TextAction.ASK, TEXT, lambda _: said)


def test_of_a_long_text_the_lines_that_speak_of_the_question_are_read_and_this_is_said(desk: Desk) -> None:
    lines = [f"In week {n} somebody was there and spoke about the weather." for n in range(200)]
    lines[120] = "Leo brings two other offers by Friday."
    written = desk.run(
        TextAction.ASK, "\n".join(lines), lambda _: "By Friday [121].", question="When does Leo bring the offers?",
        tokens=900,
    )  # fmt: skip
    assert written.new == "By Friday [line 121]."
    assert re.match(r"The text is long: \d+ of its 200 lines were read", written.notes[0])


def test_a_short_text_has_no_summary(desk: Desk) -> None:
    with pytest.raises(EngineError, match="too short for a summary: it has 4 words"):
        desk.run(TextAction.SUMMARY, "We came too late.", saying({}))


def test_the_room_of_a_piece_is_asked_for_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Prompt] = []
    real = ScriptedLanguage.count_prompt

    def noted(engine: ScriptedLanguage, prompt: Prompt) -> int:
        asked.append(prompt)
        return real(engine, prompt)

    monkeypatch.setattr(ScriptedLanguage, "count_prompt", noted)
    desk.run(TextAction.PROOFREAD, "\n\n".join(f"Paragraph {n} is here." for n in range(20)), saying({}))
    assert len(asked) == 1
