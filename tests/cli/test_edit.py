"""`tacit edit`: a line is corrected, what shows it shows the new words, and the summary says that it is older."""

from pathlib import Path

import pytest

from tests.running import CALLS, Home


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home with a summarized call."""
    made = Home(tmp_path_factory.mktemp("edit"))
    assert made.run("import", str(CALLS / "call-910006.opus")).status == 0
    return made


def test_a_line_is_corrected_and_the_summary_says_that_it_is_older(home: Home) -> None:
    (listed,) = home.run_here("list", "--json").json
    before = home.run_here("show", listed["id"], "--json").json["transcript"]["utterances"]
    done = home.run("edit", listed["id"][:6], "--line", "2", "--text", "Hello Zebedee,\n this is Leo.", "--json")
    assert done.status == 0, done.err
    assert done.json == {
        "recording": listed["id"], "line": 2, "before": before[1]["text"], "text": "Hello Zebedee, this is Leo.",
        "speaker": before[1]["speaker"],
    }  # fmt: skip
    assert f"The summary was written before this: «tacit summarize {listed['id']}»" in done.err
    shown = home.run_here("show", listed["id"])
    assert "Hello Zebedee, this is Leo." in shown.out
    assert "The summary was written before lines were corrected" in shown.out
    assert home.run_here("search", "Zebedee", "--json").json
    after = home.run_here("show", listed["id"], "--json").json["transcript"]["utterances"]
    assert [u["text"] for u in after if u["line"] != 2] == [u["text"] for u in before if u["line"] != 2]
    assert [u["line"] for u in after if u["edited"]] == [2]
    assert [(u["id"], u["track"]) for u in after] == [(u["id"], u["track"]) for u in before]


def test_lines_are_given_to_speakers_by_number_or_name_and_speakers_are_named(home: Home) -> None:
    (listed,) = home.run_here("list", "--json").json
    known = home.run_here("speakers", listed["id"], "--json").json["speakers"]
    assert [one["number"] for one in known] == [1, 2]
    assert sum(one["lines"] for one in known) == len(
        home.run_here("show", listed["id"], "--json").json["transcript"]["utterances"]
    )
    done = home.run_here("edit", listed["id"], "--line", "3", "--speaker", "Dr. Weber", "--json")
    assert done.json["speaker"] == "Dr. Weber"
    assert (
        home.run_here("edit", listed["id"], "--line", "4", "--speaker", "dr. weber", "--json").json["speaker"]
        == "Dr. Weber"
    )
    named = home.run_here("speakers", listed["id"], "--name", "3=Dr. Maria Weber", "--json").json["speakers"]
    assert [(one["name"], one["lines"]) for one in named][2] == ("Dr. Maria Weber", 2)
    shown = home.run_here("show", listed["id"], "--json").json["transcript"]["utterances"]
    assert [u["line"] for u in shown if u["speaker"] == "Dr. Maria Weber"] == [3, 4]
    back = home.run_here("edit", listed["id"], "--line", "3", "--speaker", "1", "--json")
    assert back.json["speaker"] == known[0]["name"]


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        (("speakers", "--name", "9=Anna"), 1, "The call has no speaker 9. Nothing was changed;"),
        (("speakers", "--name", "Anna"), 2, "A name is given as 1=Anna"),
        (("edit", "--line", "1", "--speaker", "9"), 1, "The call has no speaker 9. Nothing was changed;"),
        (("edit", "--line", "1"), 2, "Say with --text what was said, or with --speaker who said it."),
    ],
)
def test_speakers_that_are_not_there_are_refused_in_words(
    home: Home, arguments: tuple[str, ...], status: int, sentence: str
) -> None:
    (listed,) = home.run_here("list", "--json").json
    refused = home.run_here(arguments[0], listed["id"], *arguments[1:])
    assert refused.status == status
    assert sentence in refused.err


def test_a_line_is_left_as_it_is_if_there_is_no_such_speaker(home: Home) -> None:
    (listed,) = home.run_here("list", "--json").json
    before = home.run_here("show", listed["id"], "--json").out
    refused = home.run_here("edit", listed["id"], "--line", "1", "--text", "Other words.", "--speaker", "9")
    assert refused.status == 1
    assert home.run_here("show", listed["id"], "--json").out == before


def test_corrections_stay_where_the_same_is_heard_again(home: Home) -> None:
    (listed,) = home.run_here("list", "--json").json
    home.run_here("edit", listed["id"], "--line", "1", "--text", "Something else.")
    before = home.run_here("show", listed["id"], "--json").json["transcript"]["utterances"]
    done = home.run("transcribe-again", listed["id"])
    assert "Corrected lines keep your words where the same was heard again" in done.err
    assert home.run_here("show", listed["id"], "--json").json["transcript"]["utterances"] == before


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--line", "999", "--text", "words"), "The call has no line 999. Nothing was changed;"),
        (("--line", "1", "--text", " "), "A line needs words. The old ones were kept;"),
    ],
)
def test_what_can_not_be_corrected_is_refused_in_words(
    home: Home, arguments: tuple[str, ...], sentence: str, tmp_path: Path
) -> None:
    (listed,) = home.run_here("list", "--json").json
    before = home.run_here("show", listed["id"], "--json").out
    refused = home.run_here("edit", listed["id"], *arguments)
    assert refused.status == 1
    assert sentence in refused.err
    assert home.run_here("show", listed["id"], "--json").out == before


def test_words_are_replaced_in_all_calls_and_it_is_said_where(home: Home) -> None:
    (listed,) = home.run_here("list", "--json").json
    home.run_here("edit", listed["id"], "--line", "1", "--text", "Ask Okonkur, or Okonkur.")
    done = home.run_here("replace", "Okonkur", "Okonkwo", "--json")
    assert done.status == 0, done.err
    assert [(one["recording"], one["line"], one["text"]) for one in done.json] == [
        (listed["id"], 1, "Ask Okonkwo, or Okonkwo.")
    ]
    assert "Replaced in one line of one call." in done.err
    again = home.run_here("replace", "Okonkur", "Okonkwo", "--in", listed["id"])
    assert again.status == 0
    assert "Nothing was replaced" in again.err


def test_a_line_is_written_where_there_is_none(home: Home) -> None:
    (listed,) = home.run_here("list", "--json").json
    before = home.run_here("show", listed["id"], "--json").json["transcript"]["utterances"]
    moment = before[2]["start"] - 0.25
    done = home.run_here("edit", listed["id"], "--at", str(moment), "--text", "Quokka, as I hear it.", "--json")
    assert (done.json["line"], done.json["before"]) == (3, "")
    after = home.run_here("show", listed["id"], "--json").json["transcript"]["utterances"]
    assert [one["text"] for one in after] == [
        *(one["text"] for one in before[:2]), "Quokka, as I hear it.", *(one["text"] for one in before[2:]),
    ]  # fmt: skip
    assert (after[2]["start"], after[2]["speaker"]) == (moment, before[2]["speaker"])
    assert home.run_here("search", "quokka", "--json").json


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        (("--at", "99:00", "--text", "words"), 1, "The call has no sound at this time. Nothing was written;"),
        (("--at", "soon", "--text", "words"), 2, "A time is given as 12:50, as 1:02:31 or in seconds."),
        (("--at", "0:01"), 2, "Say with --text what was said"),
        (("--at", "0:01", "--line", "1", "--text", "words"), 2, "Say with --line which line is meant"),
        (("--text", "words"), 2, "Say with --line which line is meant"),
    ],
)
def test_where_no_line_can_be_written_is_said(
    home: Home, arguments: tuple[str, ...], status: int, sentence: str
) -> None:
    (listed,) = home.run_here("list", "--json").json
    refused = home.run_here("edit", listed["id"], *arguments)
    assert refused.status == status
    assert sentence in refused.err


def test_how_much_of_the_speech_has_text_is_said(home: Home) -> None:
    (listed,) = home.run_here("list", "--json").json
    shown = home.run_here("show", listed["id"], "--json").json["transcript"]["coverage"]
    found = home.run_here("coverage", listed["id"], "--json").json
    assert found == {"recording": listed["id"], "coverage": shown}
    assert shown["speech"] > 10
    assert shown["without_text"] == pytest.approx(sum(gap["end"] - gap["start"] for gap in shown["gaps"]))
    told = home.run_here("coverage", listed["id"]).out
    assert " of the speech has text" in told
