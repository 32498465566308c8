"""What becomes of a summary that is not good enough: too few words, circles, broken sentences, invented titles."""

import pytest

from app.core.errors import EngineError
from app.core.ids import UtteranceId
from app.core.summary import ActionItem, Evidence
from app.services.calls.summarizing import Summarizing
from app.services.calls.summary_reply import _actions_once
from app.storage.vault import Vault
from tests.services.calls.test_summarizing import reply, staged, summary_of
from tests.services.stage import Watching, lines_of


def test_a_reply_in_circles_is_tried_once_more_and_then_told(vault: Vault) -> None:
    circling = reply(overview="They move it again. " * 12)
    written = iter([circling, reply(overview="They move it."), circling, circling])
    stage, engine = staged(vault, lambda _: next(written))
    known = lines_of(stage.store, ["We move the launch."])
    summary = stage.summarizing.run(known, Watching())
    assert summary.section("overview").text == "They move it."
    assert [one.temperature > 0 for one in engine.samplings] == [False, True]
    with pytest.raises(EngineError, match="too weak"):
        stage.summarizing.run(known, Watching())
    assert stage.store.summary(known) == summary  # what was there stays


def test_a_call_of_few_words_gets_no_summary_but_the_reason(vault: Vault) -> None:
    stage, engine = staged(vault, lambda _: reply())
    summarizing = Summarizing(stage.store, stage.engine_pool, stage.changes.append)
    summary = summarizing.run(lines_of(stage.store, ["Hello, it is me.", "Hello!"]), Watching())
    assert "too short for a summary: it has 5 words" in summary.sections[0].text
    assert (summary.model, engine.prompts) == ("", [])


def test_prose_ends_where_a_sentence_ends_and_says_nothing_twice(vault: Vault) -> None:
    said = "We move the launch to June. We move the launch to June! They pay later. And then they"
    summary = summary_of(vault, ["We move the launch to June.", "They pay later."], overview=said)
    assert summary.section("overview").text == "We move the launch to June. They pay later."


def test_a_title_with_a_name_that_the_call_has_not_is_dropped(vault: Vault) -> None:
    stage, _ = staged(vault, lambda _: reply(title="The launch in Oslo"))
    known = lines_of(stage.store, ["We move the launch."])
    before = stage.store.get(known).title
    assert stage.summarizing.run(known, Watching()).title == ""
    assert stage.store.get(known).title == before


@pytest.mark.parametrize(
    "title", ["Call Summary", "Zusammenfassung des Gesprächs", "Key points and decisions", "A trip"]
)
def test_a_title_that_could_stand_over_any_call_leaves_the_calls_own(vault: Vault, title: str) -> None:
    stage, _ = staged(vault, lambda _: reply(title=title))
    known = lines_of(stage.store, ["Here is a summary: we move the launch."])
    before = stage.store.get(known).title
    assert stage.summarizing.run(known, Watching()).title == ""
    assert stage.store.get(known).title == before


def test_lines_that_bear_a_task_are_not_shown_against_it() -> None:
    against = ActionItem("Pay", "", "", (Evidence(UtteranceId("a"), 1.0, 2.0),), None, ("two weeks",))
    borne = ActionItem("Pay", "", "", (Evidence(UtteranceId("b"), 3.0, 4.0),))
    (shown,) = _actions_once([against, borne], "en")
    assert shown == against
