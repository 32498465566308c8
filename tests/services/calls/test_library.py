"""What a person changes, finds and takes out of the library."""

import json
import os
from pathlib import Path

import msgspec
import pytest

from app.core.change import Change
from app.core.errors import AssistantError, NotFound, VaultUnwritable
from app.core.ids import CallId, UtteranceId
from app.core.transcript import names_of, text_digest
from app.services.calls.exporting import CallExport
from app.services.outputs import Outputs
from app.storage.vault import Vault
from tests.call_summaries import call_summary
from tests.doubles.engines import ScriptedEngines
from tests.services.stage import Stage, Watching, lines_of


@pytest.fixture
def stage(vault: Vault) -> Stage:
    return Stage(vault, ScriptedEngines())


@pytest.fixture
def known(stage: Stage) -> CallId:
    return lines_of(stage.store, ["We move the launch.", "The page is slow."], title="Website call")


def test_a_corrected_line_keeps_its_id_is_found_by_its_new_words_and_says_what_it_was(
    stage: Stage, known: CallId
) -> None:
    first, second = stage.library.transcript(known).utterances
    assert stage.library.correct(known, second.id, " The page\n is  gone. ") == "The page is slow."
    assert [(u.id, u.text) for u in stage.library.transcript(known).utterances] == [
        (first.id, first.text), (second.id, "The page is gone."),
    ]  # fmt: skip
    assert [hit.utterance for hit in stage.store.search('"gone"', 9)] == [second.id]
    assert stage.store.search('"slow"', 9) == []
    assert stage.changes == [Change("transcript", known)]


def test_a_line_is_not_corrected_to_nothing(stage: Stage, known: CallId) -> None:
    (first, _) = stage.library.transcript(known).utterances
    with pytest.raises(AssistantError, match="A line needs words"):
        stage.library.correct(known, first.id, " \n ")
    with pytest.raises(NotFound):
        stage.library.correct(known, UtteranceId("nowhere"), "words")
    assert stage.library.transcript(known).utterances[0].text == first.text
    assert stage.changes == []


def test_what_was_heard_behind_it_meanwhile_is_kept_and_another_change_is_not_overwritten(
    stage: Stage, known: CallId
) -> None:
    (first, second) = stage.library.transcript(known).utterances
    stage.library.correct(known, first.id, "We move the launch. Until May.")  # as a line does that goes on
    stage.library.correct(known, first.id, "We moved the launch.", "We move the launch.")
    assert stage.library.transcript(known).utterances[0].text == "We moved the launch. Until May."
    with pytest.raises(AssistantError, match="changed meanwhile"):
        stage.library.correct(known, first.id, "Another.", "We move the launch.")
    assert stage.library.transcript(known).utterances[0].text == "We moved the launch. Until May."
    assert stage.library.correct(known, second.id, second.text, "something else") == second.text, "it is so already"


def test_what_is_put_back_is_put_back_letter_by_letter(stage: Stage) -> None:
    said = "Two  blanks,\u3000and a wide one."
    known = lines_of(stage.store, [said])
    (line,) = stage.library.transcript(known).utterances
    assert stage.library.correct(known, line.id, "One.") == said
    stage.library.take_back(known, line.id, said, "One.")
    assert stage.library.transcript(known).utterances[0].text == said


def test_a_text_that_is_too_long_is_refused_and_not_cut(stage: Stage, known: CallId) -> None:
    (first, _) = stage.library.transcript(known).utterances
    with pytest.raises(AssistantError, match="at most 4,000 characters"):
        stage.library.correct(known, first.id, "word " * 900)
    assert stage.library.transcript(known).utterances[0].text == first.text


def test_a_line_of_another_call_is_not_corrected(stage: Stage, known: CallId) -> None:
    other = lines_of(stage.store, ["Another call."])
    (line,) = stage.library.transcript(other).utterances
    with pytest.raises(NotFound):
        stage.library.correct(known, line.id, "words")
    assert stage.library.transcript(other).utterances[0].text == "Another call."


def test_a_summary_knows_that_a_line_was_corrected_since_until_that_is_undone(stage: Stage, known: CallId) -> None:
    before = stage.library.transcript(known)
    summary = msgspec.structs.replace(call_summary("T", "Prose."), of=text_digest(before.utterances))
    assert not summary.is_before_corrections(before)
    line = before.utterances[1]
    stage.library.correct(known, line.id, "The page is gone.")
    assert summary.is_before_corrections(stage.library.transcript(known))
    assert stage.library.transcript(known).corrections == 1
    stage.library.correct(known, line.id, line.text)
    assert not summary.is_before_corrections(stage.library.transcript(known))
    assert stage.library.transcript(known).corrections == 0


def test_words_are_replaced_in_all_calls_or_in_one_as_whole_words(stage: Stage) -> None:
    first = lines_of(stage.store, ["Mr Okonkur called.", "Okonkurs and okonkur.", "Nobody."], title="One")
    second = lines_of(stage.store, ["Ask Okonkur, or  Okonkur."], title="Two")
    (alone,) = stage.library.replace("Okonkur", "Okonkwo", second)
    assert (alone.call, [(u.line, u.text) for u in alone.after]) == (second, [(1, "Ask Okonkwo, or  Okonkwo.")])
    (other,) = stage.library.replace("Okonkur", "Okonkwo")
    assert (other.call, [(u.line, u.text) for u in other.after]) == (first, [(1, "Mr Okonkwo called.")])
    assert [u.text for u in stage.library.transcript(first).utterances][1:] == ["Okonkurs and okonkur.", "Nobody."]
    assert stage.library.replace("Okonkur", "Okonkwo") == []
    stage.library.change(other.undone, is_new=False)
    assert stage.library.transcript(first).utterances[0].text == "Mr Okonkur called."


def test_words_are_replaced_in_all_calls_or_in_none(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    first = lines_of(stage.store, ["Mr Okonkur called."], title="One")
    second = lines_of(stage.store, ["Ask Okonkur."], title="Two")
    change_lines, changed = stage.store.utterances.edit, []

    def fail_at_the_second(utterance: UtteranceId, text: str, seen: str | None = None) -> str:
        changed.append(text)
        if len(changed) == 2:
            raise VaultUnwritable
        return change_lines(utterance, text, seen)

    monkeypatch.setattr(stage.store.utterances, "edit", fail_at_the_second)
    with pytest.raises(VaultUnwritable):
        stage.library.replace("Okonkur", "Okonkwo")
    texts = [stage.library.transcript(call).utterances[0].text for call in (first, second)]
    assert texts == ["Mr Okonkur called.", "Ask Okonkur."]
    assert len(changed) == 3, "one, the one that failed, and the first put back"


def test_a_line_that_would_become_too_long_stays_as_it_is(stage: Stage) -> None:
    known = lines_of(stage.store, ["a " * 1_500 + "a", "a b"])
    (change,) = stage.library.replace("a", "four")
    assert [line.text for line in change.after] == ["four b"]
    assert len(stage.library.transcript(known).utterances[0].text) == 3_001


@pytest.mark.parametrize(
    ("text", "old", "new", "result"),
    [
        ("C++ (v1.0)", "C++", r"\g<0> \1", r"\g<0> \1 (v1.0)"),  # signs that a pattern or its replacement could take
        ("下周三见面", "周三", "周四", "下周四见面"),
        ("We said New  York.", "New York", "Newark", "We said Newark."),
        ("Only this.", "Only this.", "", "Only this."),
        ("Well, um, yes.", "um,", "", "Well, yes."),
    ],
)
def test_what_is_replaced_is_taken_as_it_stands(stage: Stage, text: str, old: str, new: str, result: str) -> None:
    known = lines_of(stage.store, [text])
    stage.library.replace(old, new)
    assert [u.text for u in stage.library.transcript(known).utterances] == [result]


def test_without_words_to_look_for_nothing_is_replaced(stage: Stage, known: CallId) -> None:
    with pytest.raises(AssistantError, match="nothing to replace"):
        stage.library.replace(" \n", "x")
    assert stage.changes == []


def test_renaming_makes_one_line_of_it_and_keeps_it(stage: Stage, known: CallId) -> None:
    stage.library.rename(known, "  The\n launch \t call ")
    assert stage.library.call(known).title == "The launch call"
    stage.library.rename(known, "x" * 500)
    assert len(stage.library.call(known).title) == 200
    stage.store.save_summary(known, call_summary("Another", "", (), (), (), "m"))
    assert stage.library.call(known).title == "x" * 200
    assert stage.changes == [Change("recording", known)] * 2


@pytest.mark.parametrize("title", ["", "  \n "])
def test_a_call_needs_a_title(stage: Stage, known: CallId, title: str) -> None:
    with pytest.raises(AssistantError, match="needs a title"):
        stage.library.rename(known, title)
    assert stage.library.call(known).title == "Website call"


def test_swapping_sides_twice_changes_nothing(stage: Stage, known: CallId) -> None:
    stage.library.name_speakers(known, ["Elena", "Leo"])
    before = stage.library.transcript(known)
    stage.library.swap_sides(known)
    assert [(one.name, one.is_you) for one in stage.library.call(known).speakers] == [("Leo", False), ("Elena", True)]
    assert stage.library.transcript(known).utterances == before.utterances
    stage.library.swap_sides(known)
    assert stage.library.transcript(known) == before


def test_naming_one_side_leaves_the_other(stage: Stage, known: CallId) -> None:
    stage.library.name_speakers(known, ["", " Leo \n B. "])
    assert names_of(stage.library.call(known).speakers) == ("You", "Leo B.")
    stage.library.name_speakers(known, ["E" * 100])
    assert names_of(stage.library.call(known).speakers) == ("E" * 60, "Leo B.")


def test_deleting_says_what_is_gone(stage: Stage, known: CallId) -> None:
    stage.library.delete(known)
    assert stage.changes == [Change("recording", known, is_gone=True)]
    assert stage.library.calls() == []
    for ask in (stage.library.call, stage.library.delete, stage.library.transcript):
        with pytest.raises(NotFound):
            ask(known)


def test_a_call_is_found_by_the_beginning_of_its_id_in_any_case(stage: Stage, known: CallId) -> None:
    assert stage.library.find(f" {known[:9].upper()} ") == known
    with pytest.raises(NotFound):
        stage.library.find("")


def test_searching_finds_lines_then_titles(stage: Stage, known: CallId) -> None:
    other = lines_of(stage.store, ["Nothing of that kind."], title="The launch")
    hits = stage.searching.search("launch")
    assert [(h.id, h.line, h.text) for h in hits] == [
        (known, 1, "We move the launch."), (other, 1, "Nothing of that kind."),
    ]  # fmt: skip
    assert [h.id for h in stage.searching.search("pag slo")] == []
    assert [h.line for h in stage.searching.search("PAGE slo")] == [2]
    assert len(stage.searching.search("launch", limit=1)) == 1


@pytest.mark.parametrize("query", ["", " ", '"', "*", "AND", "a:b", "(", "NEAR(", "-launch", "'; DROP x", "\udcff"])
def test_nothing_a_person_types_is_an_error(stage: Stage, known: CallId, query: str) -> None:
    stage.searching.search(query)
    assert stage.searching.search("launch")[0].id == known


def test_a_renamed_call_is_found_by_its_new_title(stage: Stage, known: CallId) -> None:
    stage.library.rename(known, "Zanzibar plan")
    assert [h.title for h in stage.searching.search("zanzibar")] == ["Zanzibar plan"]
    assert stage.searching.search("website") == []


def test_a_question_finds_lines_with_any_of_its_words(stage: Stage, known: CallId) -> None:
    (found,) = stage.related.anywhere("Why is the page so slow?", 5).passages
    assert (found.call, found.first, found.last) == (known, 0, 1)
    assert stage.related.inside(known, "page launch", 5, Watching()).passages[0].call == known
    assert stage.related.anywhere("Is it raining?", 5).passages == []
    with pytest.raises(NotFound):
        stage.related.inside(CallId("0"), "page", 5, Watching())


@pytest.fixture
def exporting(stage: Stage) -> CallExport:
    return CallExport(stage.library, Outputs())


def test_a_call_is_exported_as_it_stands(exporting: CallExport, known: CallId, tmp_path: Path) -> None:
    exporting.save(known, "json", tmp_path / "call.json")
    shape = json.loads((tmp_path / "call.json").read_text("utf-8"))
    assert shape["recording"]["title"] == "Website call"
    assert [u["text"] for u in shape["transcript"]["utterances"]] == ["We move the launch.", "The page is slow."]
    exporting.save(known, "srt", tmp_path / "call.srt")
    assert (tmp_path / "call.srt").read_bytes().startswith(b"1\n00:00:00,000 --> ")
    assert sorted(p.name for p in tmp_path.iterdir() if p.is_file()) == ["call.json", "call.srt"]


def test_an_export_that_fails_leaves_the_old_file(
    exporting: CallExport, known: CallId, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "call.txt"
    path.write_text("old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(AssistantError, match="disk is full"):
        exporting.save(known, "txt", path)
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir() if p.is_file()] == ["call.txt"]
