"""A text is checked against a call by the command line."""

import json
import os
import threading
from pathlib import Path

import pytest

from app.core.resources import demo_call
from tests.core.imports.test_docx import document, paragraph, text
from tests.running import Home

MINUTES = """Minutes

The payment page is slow. The launch is moved.
- Them sends the test results by Friday.
- The design is reviewed by Oscar tomorrow.
- It takes 5 days.

Everybody gets a holiday in Greece. Who is Leo?
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    made = Home(tmp_path_factory.mktemp("check"))
    assert made.run("import", str(demo_call()), "--no-summary").status == 0
    return made


@pytest.fixture
def minutes(tmp_path: Path) -> Path:
    path = tmp_path / "minutes.txt"
    path.write_text(MINUTES, "utf-8-sig")
    return path


def only_call(home: Home) -> str:
    (call,) = json.loads(home.run_here("list", "--json").out)
    return str(call["id"])


def test_each_statement_has_a_verdict_and_its_lines(home: Home, minutes: Path) -> None:
    found = json.loads(home.run_here("check", only_call(home), str(minutes), "--json").out)
    assert [(one["text"], one["verdict"]) for one in found] == [
        ("The payment page is slow.", "confirmed"),
        ("The launch is moved.", "confirmed"),
        ("Them sends the test results by Friday.", "confirmed"),
        ("The design is reviewed by Oscar tomorrow.", "not_found"),
        ("It takes 5 days.", "contradicted"),
        ("Everybody gets a holiday in Greece.", "not_found"),
    ]
    said = json.loads(home.run_here("show", only_call(home), "--json").out)["transcript"]["utterances"]
    texts = [said[one["evidence"][0]["line"] - 1]["text"] for one in found[:3]]
    assert all(
        word in text for word, text in zip(("payment page", "move the launch", "test results"), texts, strict=True)
    )
    assert found[4]["instead"] == ["three days"]
    assert all(set(one) >= {"text", "verdict", "score", "evidence"} for one in found)
    assert "final design" in said[found[3]["nearest"][0]["line"] - 1]["text"]


def test_the_report_is_read_by_people_and_written_where_they_say(home: Home, minutes: Path, tmp_path: Path) -> None:
    shown = home.run_here("check", only_call(home), str(minutes))
    assert "6 statements: 3 confirmed, 1 contradicted, 2 not found" in shown.out
    assert "the call says otherwise: three days" in shown.out
    report = tmp_path / "report.md"
    written = home.run_here("check", only_call(home), str(minutes), "-f", "md", "-o", str(report))
    assert written.status == 0
    assert report.read_text("utf-8").startswith("# Checked against: ")
    again = home.run_here("check", only_call(home), str(minutes), "-o", str(report))
    assert again.status != 0
    assert "--force" in again.err


@pytest.mark.parametrize(
    ("content", "words"), [(b"\xff\xfe\x00\xd8", "no text in UTF-8"), (b"Who?\n", "states nothing")]
)
def test_what_states_nothing_is_told(home: Home, tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "odd.txt"
    path.write_bytes(content)
    told = home.run_here("check", only_call(home), str(path))
    assert words in told.out + told.err


def test_a_text_comes_by_stdin_too(home: Home) -> None:
    told = home.run("check", only_call(home), "-", "--json", standard_input="The launch is moved.")
    assert [one["verdict"] for one in json.loads(told.out)] == ["confirmed"]


def test_minutes_of_a_word_processor_are_checked(home: Home, tmp_path: Path) -> None:
    path = tmp_path / "Minutes.DOCX"
    path.write_bytes(document("".join(paragraph(text(said)) for said in ("The launch is moved.", "It takes 5 days."))))
    told = home.run("check", only_call(home), str(path), "--json")
    assert [(one["text"], one["verdict"]) for one in json.loads(told.out)] == [
        ("The launch is moved.", "confirmed"), ("It takes 5 days.", "contradicted"),
    ]  # fmt: skip
    path.write_bytes(path.read_bytes()[:60])
    refused = home.run("check", only_call(home), str(path))
    assert (refused.status, refused.out) == (1, "")
    assert "Traceback" not in refused.err


def test_the_words_of_subtitles_are_checked_without_their_times(home: Home, tmp_path: Path) -> None:
    path = tmp_path / "call.srt"
    path.write_text("1\n00:00:01,000 --> 00:00:04,000\nThe launch is moved.\n")
    told = home.run("check", only_call(home), str(path), "--json")
    assert [one["text"] for one in json.loads(told.out)] == ["The launch is moved."]


@pytest.mark.parametrize("content", [b"\xff\xfe\x00\xd8", b"The launch\x00 is moved."])
def test_what_is_no_text_is_wrong_use(home: Home, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "odd.txt"
    path.write_bytes(content)
    told = home.run_here("check", only_call(home), str(path))
    assert (told.status, told.out) == (2, "")
    assert "no text in UTF-8" in told.err


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_text_comes_by_a_pipe_too(home: Home, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.docx"  # what a shell's <(...) names has any name
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_text, args=("The launch is moved.",), daemon=True)
    writer.start()
    told = home.run_here("check", only_call(home), str(pipe), "--json")
    writer.join(10)
    assert [one["verdict"] for one in json.loads(told.out)] == ["confirmed"]
