"""The demo tells what was said, decided and promised, as the demo call's own facts have it."""

from pathlib import Path

import jiwer
import pytest

from app.core.resources import demo_call
from tests.running import CALLS, Home, Outcome, truth

MOST_ERRORS_DEMO = 0.05
MOST_ERRORS_ON_AVERAGE = 0.08


def plain(text: str) -> str:
    """Words alone, as word error rates are counted."""
    return "".join(c for c in text.lower() if c.isalnum() or c in " '")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    return Home(tmp_path_factory.mktemp("home")).run("demo", "--json")


def test_it_ends_well_and_shows_progress_in_real_units(demo: Outcome) -> None:
    assert demo.status == 0
    assert "Transcribing  0:42 of 0:42" in demo.err
    assert "The demo models are in use" in demo.err


def test_word_error_rate_of_the_demo_call(demo: Outcome) -> None:
    said = " ".join(text for _, text in truth(demo_call())["turns"])
    heard = " ".join(u["text"] for u in demo.json["transcript"]["utterances"])
    rate = jiwer.wer(plain(said), plain(heard))
    print(f"word error rate of the demo call: {rate:.3f}")
    assert rate <= MOST_ERRORS_DEMO


def test_each_turn_is_a_line_of_the_right_speaker(demo: Outcome) -> None:
    turns = truth(demo_call())["turns"]
    spoken = [u["speaker"] for u in demo.json["transcript"]["utterances"]]
    assert spoken == [("You", "Them")[side] for side, _ in turns]


def test_times_are_those_of_the_recording(demo: Outcome) -> None:
    for utterance, (start, end) in zip(demo.json["transcript"]["utterances"], truth(demo_call())["times"], strict=True):
        assert abs(utterance["start"] - start) < 0.5
        assert abs(utterance["end"] - end) < 0.8
        assert [w["start"] for w in utterance["words"]] == sorted(w["start"] for w in utterance["words"])


def test_summary_has_the_decisions_the_problem_and_the_action_items(demo: Outcome) -> None:
    facts, summary = truth(demo_call()), demo.json["summary"]
    side = dict(zip(facts["names"], ("You", "Them"), strict=True))
    wanted = {(task, side.get(owner, owner), due, line + 1) for owner, task, due, line in facts["actions"]}
    found = {(a["task"].lower(), a["owner"], a["due"], a["evidence"][0]["line"]) for a in summary["action_items"]}
    assert found == wanted
    decided = {(d["text"].lower().rstrip("."), d["evidence"][0]["line"]) for d in summary["decisions"]}
    assert decided == {(text, line + 1) for text, line in facts["decisions"]}
    text, line = facts["problem"]
    assert (text, line + 1) in {
        (p["text"].lower().rstrip("."), p["evidence"][0]["line"]) for p in summary["key_points"]
    }
    assert facts["topic"].removeprefix("the ") == summary["title"].lower()


def test_the_answer_cites_the_right_line_and_search_finds_it(demo: Outcome) -> None:
    shape = demo.json
    line = next(line for _, task, _, line in truth(demo_call())["actions"] if task in shape["question"].lower())
    assert [e["line"] for e in shape["answer"]["evidence"]] == [line + 1]
    assert "[" not in shape["answer"]["text"]
    assert any("payment" in hit["text"] for hit in shape["hits"])


def test_the_vault_is_deleted_unless_it_is_kept(demo: Outcome, tmp_path: Path) -> None:
    assert demo.json["vault"] is None
    home = Home(tmp_path)
    kept = home.run("demo", "--keep", str(tmp_path / "kept"))
    assert kept.status == 0
    passphrase = kept.out.rsplit("passphrase: ", 1)[1].strip()
    home.passphrase.write_text(passphrase)
    listed = home.run("list", "--json", "--vault", str(tmp_path / "kept"))
    assert [r["state"] for r in listed.json] == ["summarized"]
    assert not list(home.temporary.iterdir())


def test_word_error_rate_of_six_calls_through_the_whole_path(tmp_path: Path) -> None:
    home, rates = Home(tmp_path), []
    for call in sorted(CALLS.glob("*.opus")):
        heard = home.run("transcribe", str(call), "-f", "json").json["utterances"]
        said = truth(call)["turns"]
        merged = " ".join(u["text"] for u in heard)
        rates.append(jiwer.wer(plain(" ".join(text for _, text in said)), plain(merged)))
    average = sum(rates) / len(rates)
    print(f"word error rates: {', '.join(f'{r:.3f}' for r in rates)}; average {average:.3f}")
    assert len(rates) == 6
    assert average <= MOST_ERRORS_ON_AVERAGE
