"""A folder is imported by the command line: what is in it, once, with a sum at the end; and calls are exported."""

from functools import partial
from pathlib import Path

import pytest

from app.cli import importing
from app.services.calls.recordings_folder import RecordingsFolder
from app.storage.tables.calls import CallStore
from app.storage.vault import Vault
from tests.running import PASSPHRASE, Home, Outcome

TWO = "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Anna>{words}\n\n00:03.000 --> 00:04.000\n<v Leo>Good, we do that.\n"


def write_call(path: Path, words: str) -> Path:
    """A call of two lines as WebVTT."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(TWO.format(words=words))
    return path


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setattr(importing, "RecordingsFolder", partial(RecordingsFolder, settling=0.05))
    return Home(tmp_path / "home")


def imported(home: Home, *arguments: str) -> Outcome:
    return home.run_here("import", "--no-summary", *arguments)


def titles(home: Home) -> list[str]:
    return sorted(call["title"] for call in home.run_here("list", "--json").json)


def test_all_of_a_folder_comes_in_once_and_the_sum_says_what_failed(home: Home, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    write_call(folder / "one.vtt", "We launch on Monday.")
    write_call(folder / "deep" / "two.vtt", "We launch on Tuesday.")
    write_call(folder / "deep" / "copy of one.vtt", "We launch on Monday.")
    write_call(folder / ".three.vtt", "Hidden.")
    (folder / "letter.txt").write_text("Dear diary, nothing happened.\n")
    before = {path: path.stat() for path in folder.rglob("*")}
    done = imported(home, str(folder))
    assert done.status == 1
    assert done.err.endswith(
        "2 calls came in, 1 was here already, 1 failed.\n"
        "  letter.txt: This text does not look like a call: it names nobody who speaks, and no times.\n"
    )
    assert len(titles(home)) == 2
    assert {path: path.stat().st_mtime_ns for path in before} == {p: s.st_mtime_ns for p, s in before.items()}
    (folder / "letter.txt").unlink()
    again = imported(home, str(folder))
    assert (again.status, again.err.splitlines()[-1]) == (0, "No call came in, 3 were here already.")


def test_an_empty_folder_brings_nothing(home: Home, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    done = imported(home, str(tmp_path / "in"))
    assert (done.status, done.out, done.err) == (0, "", "No call came in.\n")


def test_files_and_folders_go_together(home: Home, tmp_path: Path) -> None:
    one = write_call(tmp_path / "in" / "one.vtt", "We launch on Monday.")
    two = write_call(tmp_path / "two.vtt", "We launch on Tuesday.")
    done = imported(home, str(one), str(tmp_path / "in"), str(two), "--json")
    assert [call["state"] for call in done.json] == ["transcribed", "transcribed"]


def test_finished_calls_are_exported_by_a_process_too(tmp_path: Path) -> None:
    """Under its walls a command writes nothing outside of its own folders: the broker makes these files."""
    home = Home(tmp_path / "home")
    folder, out = tmp_path / "in", tmp_path / "in" / "out"
    write_call(folder / "one.vtt", "We launch on Monday.")
    out.mkdir()
    wish = ("--no-summary", "--export-to", str(out), "--export-format", "txt", "--export-name", "{file}")
    done = home.run("import", str(folder), *wish)
    assert done.status == 0, done.err
    assert "We launch on Monday." in (out / "one.txt").read_text()
    again = home.run("import", str(folder), *wish)
    assert again.err.endswith("No call came in, 1 was here already.\n"), "what was exported is not imported"
    assert [path.name for path in out.iterdir()] == ["one.txt"]


@pytest.mark.parametrize(
    ("wish", "sentence"),
    [
        (("--export-to", "{in}"), "What is written there would be imported again."),
        (("--export-to", "nowhere"), "The folder to export to is not there."),
        (("--export-to", "{vault}"), "That place belongs to a vault or to the models."),
        (("--export-to", "{out}", "--export-name", "{titel}"), "That pattern for the names of files can't be used."),
        (("--template", "nowhere"), "There is no summary template of this name."),
        (("--model", "nowhere"), "No model goes by that name."),
    ],
)
def test_what_can_not_be_done_is_refused_before_anything_comes_in(
    home: Home, tmp_path: Path, wish: tuple[str, ...], sentence: str
) -> None:
    write_call(tmp_path / "in" / "one.vtt", "We launch on Monday.")
    (tmp_path / "out").mkdir()
    places = {"{in}": str(tmp_path / "in"), "{out}": str(tmp_path / "out"), "{vault}": str(home.vault)}
    done = imported(home, str(tmp_path / "in"), *(places.get(word, word) for word in wish))
    assert done.status == 1
    assert f"tacit: {sentence} Nothing was" in done.err
    assert titles(home) == []


def test_the_list_says_what_waits_and_retry_tries_it_again(home: Home, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    call = tmp_path / "one.txt"
    call.write_text("Anna: We launch on Monday.\nLeo: Good, we do that.\n")
    wish = ("--export-to", str(out), "--export-name", "{id}", "--export-format")
    done = imported(home, str(call), *wish, "srt")
    assert (done.status, list(out.iterdir())) == (1, [])
    assert home.run_here("list").out.endswith("one  (waits: exporting)\n")
    (listed,) = home.run_here("list", "--json").json
    assert listed["next_step"] == "export"
    again = home.run_here("retry", listed["id"])
    assert again.status == 1
    assert again.err.startswith("Going on with «one».\ntacit: ")
    assert imported(home, str(call), *wish, "txt").status == 0, "what is said now holds for it"
    assert home.run_here("list", "--json").json[0]["next_step"] is None
    assert [path.name for path in out.iterdir()] == [f"{listed['id']}.txt"]
    assert home.run_here("retry").out == "Nothing waits.\n"


def test_retry_finishes_what_was_stopped(home: Home, tmp_path: Path) -> None:
    call = write_call(tmp_path / "one.vtt", "We launch on Monday.")
    assert imported(home, str(call)).status == 0
    vault = Vault.open(home.vault, PASSPHRASE)
    store = CallStore(vault)
    (known,) = store.all()
    store.request_summary(known.id)  # as where a command was killed before its summary
    vault.close()
    done = home.run("retry", "--json")
    assert (done.status, [one["state"] for one in done.json]) == (0, ["summarized"]), done.err
