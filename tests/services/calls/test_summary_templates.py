"""A template of a person's own is one file: it is found, checked, and gives prompt, grammar, summary and exports."""

import json
import os
import shutil
from pathlib import Path

import pytest

from app.core.call import CallState
from app.core.engines import Prompt
from app.core.errors import SettingsError
from app.core.json_shapes import summary_json
from app.core.summary import Evidence
from app.engines.parent.engines import RemoteLanguage
from app.services.calls.summarizing import Summarizing
from app.services.calls.summary_templates import SummaryTemplates
from app.storage.vault import Vault
from tests.call_summaries import CALL_TEMPLATE
from tests.doubles.engines import ScriptedEngines, ScriptedLanguage
from tests.exported_text import exported_text
from tests.services.stage import Kept, Stage, Watching, lines_of, told

VISIT = Path(__file__).parents[2] / "fixtures" / "templates" / "visit.toml"
REPLY = {
    "title": "The knee",
    "findings": [{"text": "The knee is swollen.", "source": [1]}],
    "plan": [{"task": "Take an X-ray", "owner": "You", "due": "on Monday", "source": [2]}],
    "assessment": "The knee is swollen.",
}


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A folder of a person's own templates, with one in it."""
    folder = tmp_path / "config" / "templates"
    folder.mkdir(parents=True)
    shutil.copy(VISIT, folder)
    return folder


def summarizing(stage: Stage, own: Path) -> Summarizing:
    return Summarizing(stage.store, stage.engine_pool, stage.changes.append, SummaryTemplates(own), least_words=0)


def test_one_file_gives_prompt_summary_exports_and_json(vault: Vault, own: Path) -> None:
    asked: list[Prompt] = []

    def script(prompt: Prompt) -> str:
        asked.append(prompt)
        return json.dumps(REPLY)

    stage = Stage(vault, ScriptedEngines(language=ScriptedLanguage(script, 2048)))
    known = lines_of(stage.store, ["The knee is swollen.", "I will take an X-ray on Monday."])
    summary = summarizing(stage, own).run(known, Watching(), "visit")
    assert (
        asked[0]
        .messages[-1][1]
        .endswith(
            "as JSON with title, findings, plan and assessment. Cite line numbers.\n"
            "findings: What was found, with its figures."
        )
    )
    assert stage.store.summary(known) == summary
    assert (summary.template, [s.key for s in summary.sections]) == ("visit", ["findings", "assessment", "plan"])
    call, transcript = stage.store.get(known), stage.store.transcript(known)
    assert summary.section("findings").points[0].evidence == (Evidence(transcript.utterances[0].id, 0.0, 4.0),)
    assert (call.state, call.title, call.preview) == (CallState.SUMMARIZED, "The knee", "The knee is swollen.")
    shape = summary_json(summary, transcript)
    assert list(shape) == ["title", "findings", "assessment", "plan", "model", "sentences"]
    assert shape["assessment"] == "The knee is swollen."
    assert shape["sentences"] == {"assessment": [shape["findings"][0]]}
    assert exported_text("md", transcript, call, summary).startswith(
        "# The knee\n\n## Findings\n- The knee is swollen. [0:00]\n\n## Assessment\nThe knee is swollen.\n\n"
        "## Plan\n- Take an X-ray (You, on Monday) (not confirmed by the transcript)\n"
    )


def test_a_long_call_is_put_together_by_the_same_template(vault: Vault, own: Path) -> None:
    def script(prompt: Prompt) -> str:
        text = prompt.messages[-1][1]
        if "Parts of one call" in text:
            assert text.endswith("Write a title and an assessment of the whole call as JSON with title and assessment.")
            return json.dumps({"title": "The whole knee", "assessment": "The knee is swollen."})
        return json.dumps(REPLY)

    stage = Stage(vault, ScriptedEngines(language=ScriptedLanguage(script, 1000)))
    known = lines_of(stage.store, ["The knee is swollen, and that since the summer of last year or so."] * 90)
    summary = summarizing(stage, own).run(known, Watching(), "visit")
    assert (summary.title, summary.section("assessment").text) == ("The whole knee", "The knee is swollen.")
    assert len(summary.section("findings").points) == 1  # said in every part, kept once


def test_a_template_without_prose_takes_the_title_from_those_of_the_parts(vault: Vault, own: Path) -> None:
    (own / "list.toml").write_text('title = "List"\n[[sections]]\nkey = "facts"\ntitle = "Facts"\nkind = "points"\n')

    def script(prompt: Prompt) -> str:
        if "Parts of one call" in (text := prompt.messages[-1][1]):
            assert "[1] The knee\n[2] The knee" in text
            return '{"title": "The knee of last year"}'
        return json.dumps({"title": "The knee", "facts": []})

    stage = Stage(vault, ScriptedEngines(language=ScriptedLanguage(script, 1000)))
    known = lines_of(stage.store, ["The knee is swollen, and that since the summer of last year or so."] * 90)
    summary = summarizing(stage, own).run(known, Watching(), "list")
    assert (summary.title, summary.lead) == ("The knee of last year", None)
    assert stage.store.get(known).preview.startswith("The knee is swollen, and")


def test_the_real_engine_takes_the_grammar(vault: Vault, own: Path, real_language: RemoteLanguage) -> None:
    stage = Stage(vault, Kept(language=real_language))
    summary = summarizing(stage, own).run(told(stage.store), Watching(), "visit")
    assert [s.key for s in summary.sections] == ["findings", "assessment", "plan"]
    assert summary.section("assessment").text


def test_a_call_is_summarised_again_by_the_template_it_had_while_that_is_there(vault: Vault, own: Path) -> None:
    both = REPLY | {"key_points": [], "decisions": [], "action_items": [], "overview": "O."}

    def script(prompt: Prompt) -> str:
        keys = ("title", "findings", "plan", "assessment")
        is_visit = "findings" in prompt.messages[-1][1]
        wanted = keys if is_visit else ("title", "key_points", "decisions", "action_items", "overview")
        return json.dumps({key: both[key] for key in wanted})

    stage = Stage(vault, ScriptedEngines(language=ScriptedLanguage(script, 2048)))
    known = lines_of(stage.store, ["The knee is swollen.", "I see."])
    work = summarizing(stage, own)
    assert work.run(known, Watching()).template == "call"
    assert work.run(known, Watching(), "visit").template == "visit"
    assert work.run(known, Watching()).template == "visit"
    (own / "visit.toml").unlink()
    assert work.run(known, Watching()).template == "call"


def test_a_summary_that_can_not_be_read_does_not_keep_a_new_one_away(vault: Vault, own: Path) -> None:
    reply = {"title": "T", "key_points": [], "decisions": [], "action_items": [], "overview": "O."}
    stage = Stage(vault, ScriptedEngines(language=ScriptedLanguage(lambda _: json.dumps(reply), 2048)))
    known = lines_of(stage.store, ["The knee is swollen."])
    with vault.write() as db:
        db.execute("UPDATE recordings SET summary = '[]' WHERE id = ?", [known])
    assert summarizing(stage, own).run(known, Watching()).section("overview").text == "O."


def test_templates_are_found_and_those_of_the_program_are_never_replaced(own: Path) -> None:
    shutil.copy(VISIT, own / "call.toml")
    templates = SummaryTemplates(own)
    assert templates.names() == ["call", "visit"]
    assert templates.get("call") == CALL_TEMPLATE
    assert templates.get("visit").title == "Visit"
    shutil.copy(VISIT, own / "later.toml")
    assert templates.names() == ["call", "later", "visit"]
    assert SummaryTemplates(own / "not there").names() == ["call"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\xff\xfe", "it is not written as UTF-8"),
        (b"#" * 70_000, "it is larger than 64 KB"),
        (b'title = "X"\nsections = []', "it needs 1 to 12 sections"),
        (b"title = " + b"[" * 30_000, "it is not written as TOML"),
    ],
)
def test_a_file_that_can_not_be_used_says_why_in_two_sentences(own: Path, content: bytes, reason: str) -> None:
    (own / "mine.toml").write_bytes(content)
    with pytest.raises(SettingsError) as caught:
        SummaryTemplates(own).get("mine")
    assert caught.value.title == f"This summary template can't be used: {reason}."
    assert caught.value.advice == "Nothing was changed; correct its file, and try again."
    assert SummaryTemplates(own).get("visit").key == "visit"  # the others are none the worse


def test_a_file_as_some_editors_write_it_is_read_and_what_is_no_file_is_passed_over(own: Path) -> None:
    (own / "marked.toml").write_bytes(b"\xef\xbb\xbf" + VISIT.read_bytes().replace(b"\n", b"\r\n"))
    os.mkfifo(own / "pipe.toml")  # opening it would wait for ever
    (own / "folder.toml").mkdir()
    templates = SummaryTemplates(own)
    assert templates.names() == ["call", "marked", "visit"]
    assert templates.get("marked").sections == templates.get("visit").sections


def test_a_name_that_nothing_has_is_told_before_any_model_is_loaded(vault: Vault, own: Path) -> None:
    stage = Stage(vault, ScriptedEngines())
    known = lines_of(stage.store, ["The knee is swollen."])
    for name in ("absent", "../templates/visit", "visit.toml"):
        with pytest.raises(SettingsError, match="no summary template of this name"):
            summarizing(stage, own).run(known, Watching(), name)
    assert stage.store.summary(known) is None
