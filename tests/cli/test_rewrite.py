"""The filter: a text from stdin or a file, its result alone on stdout, and what must be known of it on stderr."""

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from app.cli import main as cli
from app.cli import safe_output
from app.core.engines import Prompt
from tests.doubles.engines import Script, ScriptedEngines, ScriptedLanguage
from tests.running import Home, Outcome, _no_window
from tests.services.stage import GGUF
from tests.services.writing.test_writing import saying
from tests.ui.stage import product

OLD = "- [ ] The prise were 1,200 euros\r\n\r\nIt come late."


class Filter:
    """The command in this process, with a scripted model."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._folder, self._monkeypatch, self._capsys = folder, monkeypatch, capsys
        (folder / "models").mkdir()
        (folder / "models" / "mine.gguf").write_bytes(GGUF.read_bytes())
        monkeypatch.setenv("XDG_CONFIG_HOME", str(folder / "config"))

    def run(self, *arguments: str, script: Script, given: str = OLD) -> Outcome:
        def build(*_: Any, **__: Any) -> Any:
            made = product(self._folder)
            made.engines = lambda: ScriptedEngines(language=ScriptedLanguage(script))
            return made

        self._monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given.encode())))
        self._monkeypatch.setattr(safe_output, "protect_standard_streams", lambda: None)
        status = cli.run(["rewrite", *arguments], True, build, _no_window)
        captured = self._capsys.readouterr()
        return Outcome(status, captured.out, captured.err)


@pytest.fixture
def tool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Filter:
    return Filter(tmp_path, monkeypatch, capsys)


FIXES = {"prise": "price", "were": "was", "come": "came"}


def test_stdin_becomes_stdout_and_the_lines_end_as_they_did(tool: Filter) -> None:
    found = tool.run("-", script=saying(FIXES))
    assert (found.status, found.out) == (0, "- [ ] The price was 1,200 euros\r\n\r\nIt came late.\n")


def test_a_file_is_read_and_not_changed(tool: Filter, tmp_path: Path) -> None:
    file = tmp_path / "note.md"
    file.write_text("It come late.\n")
    found = tool.run(str(file), script=saying(FIXES))
    assert (found.out, file.read_text()) == ("It came late.\n", "It come late.\n")


def test_changes_are_shown_word_by_word(tool: Filter) -> None:
    found = tool.run("-", "--diff", script=saying(FIXES), given="It come late.\n")
    assert found.out == "It [-come-]{+came+} late.\n"


def test_json_has_the_text_its_changes_and_its_notes(tool: Filter) -> None:
    found = tool.run("-", "--json", script=saying(FIXES | {"1,200": "2,100"}))
    assert found.json["text"] == OLD.replace("come", "came")
    assert found.json["changes"] == [{"old": "come", "new": "came"}]
    assert found.json["notes"] == ["Left as it was in one place: there the model changed a figure."]
    assert found.json["action"] == "proofread"


def test_what_must_be_known_is_said_on_stderr(tool: Filter) -> None:
    found = tool.run("-", script=saying(FIXES | {"1,200": "2,100"}))
    assert "there the model changed a figure." in found.err
    assert "changed" not in found.out


def test_the_language_is_named_by_its_name_or_code_and_makes_it_a_translation(tool: Filter) -> None:
    asked: list[str] = []

    def script(prompt: Prompt) -> str:
        asked.append(prompt.messages[-1][1])
        return "Es kam."

    for named in ("German", "de"):
        assert tool.run("-", "--to", named, script=script, given="It came.").out == "Es kam.\n"
    assert all("into German" in one for one in asked)


def test_a_question_is_answered_with_the_lines_that_say_so(tool: Filter) -> None:
    text = "The boxes came.\n\nLeo brings the price list on Friday.\n"
    found = tool.run("-", "--ask", "When does Leo bring the list?", given=text, script=lambda _: "On Friday [2].")
    assert (found.status, found.out) == (0, "On Friday [line 3].\n")


def test_a_summary_has_its_lines_in_json_too(tool: Filter) -> None:
    tasks = [{"task": "Bring the price list", "owner": "", "due": "", "source": [1]}]
    text = "Leo was there, and he is to bring the price list of the year.\n"
    found = tool.run(
        "-", "--as", "tasks", "--json", given=text, script=lambda _: json.dumps({"title": "T", "action_items": tasks})
    )
    assert found.json["sections"]["action_items"] == [
        {"task": "Bring the price list", "owner": "", "due": "", "verdict": "confirmed", "lines": [1], "instead": []}
    ]


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (("--as", "translate"), 2, "name the language"),
        (("--to", "Klingon"), 2, "a language, such as German or de"),
        (("--as", "summary", "--diff"), 2, "Changes are shown"),
        (("--as", "formal", "--to", "de"), 2, "Two things"),
        (("--ask", "When?", "--to", "de", "--as", "translate"), 2, "Two things"),
    ],
)
def test_wrong_use_is_told(tool: Filter, arguments: tuple[str, ...], status: int, words: str) -> None:
    found = tool.run("-", *arguments, script=saying({}))
    assert (found.status, found.out) == (status, "")
    assert words in found.err
    assert found.err.count(". ") == 1, "two sentences"


def test_what_fails_is_told_in_two_sentences_or_as_json(tool: Filter) -> None:
    found = tool.run("-", "--as", "formal", script=lambda _: "…")
    assert (found.status, found.out) == (1, "")
    assert "too weak for this text: it wrote nothing. Your text is as it was" in found.err
    told = tool.run("-", "--as", "formal", "--json", script=lambda _: "…").json["error"]
    assert told["kind"] == "WeakModel"


def test_stopped_by_the_person_it_says_that_nothing_was_stored(tool: Filter) -> None:
    def script(_: Prompt) -> str:
        raise KeyboardInterrupt

    found = tool.run("-", script=script)
    assert (found.status, found.out) == (130, "")
    assert "Stopped. Nothing was stored" in found.err


def test_what_is_no_text_is_told_and_no_vault_is_made(tmp_path: Path) -> None:
    home = Home(tmp_path, makes_vaults=False)
    binary = tmp_path / "sound.bin"
    binary.write_bytes(b"\xff\xfe\x00")
    assert home.run_here("rewrite", str(binary)).status == 2
    told = home.run("rewrite", "-", standard_input="Some words.")
    assert (told.status, told.out) == (1, "")
    assert "demo model" in told.err
    assert not home.vault.exists()
