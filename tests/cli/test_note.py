"""`tacit note`: notes are written, found, exported and thrown away without the window."""

import json
import os
import stat
from pathlib import Path

import pytest

from tests.running import Home

FAILED, WRONG_USE = 1, 2


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def added(home: Home, text: str) -> str:
    done = home.run_here("note", "add", text, "--json")
    assert done.status == 0, done.err
    return str(done.json["id"])


def test_a_note_comes_from_the_command_line_or_from_stdin(home: Home) -> None:
    note = added(home, "# Supplier review\n\nRenew? #work")
    piped = home.run("note", "add", "-", "--json", standard_input="# Piped\r\n\r\nfrom stdin\r\n")
    assert piped.status == 0, piped.err
    assert piped.json["title"] == "Piped"
    assert home.run("note", "add", standard_input="no dash\n").out.strip().endswith("no dash")
    listed = home.run_here("note", "list", "--json").json
    assert [one["title"] for one in listed] == ["no dash", "Piped", "Supplier review"]
    assert listed[2]["id"] == note
    assert listed[2]["tags"] == ["work"]
    assert home.run_here("note", "show", piped.json["id"]).out == "# Piped\n\nfrom stdin\n"
    assert home.run_here("note", "list").out.splitlines()[2].endswith("  Supplier review  #work")


def test_a_first_note_makes_a_vault(tmp_path: Path) -> None:
    home = Home(tmp_path, makes_vaults=False)
    done = home.run("note", "add", "the first words")
    assert done.status == 0, done.err
    assert home.vault.is_dir()
    assert home.run_here("note", "search", "words", "--json").json[0]["title"] == "the first words"


def test_a_note_gets_another_text_and_links_follow(home: Home) -> None:
    note = added(home, "# Kitchen")
    other = added(home, "see [[Kitchen]]")
    done = home.run("note", "edit", note[:8], "-", standard_input="# Bath\n\nwords\n")
    assert done.status == 0, done.err
    shown = home.run_here("note", "show", note, "--json").json
    assert (shown["text"], shown["linked_from"]) == ("# Bath\n\nwords", [{"id": other, "title": "see Bath"}])
    assert home.run_here("note", "show", other).out == "see [[Bath]]\n"


def test_notes_are_found_by_words_and_tags(home: Home) -> None:
    note = added(home, "The price list #work")
    added(home, "Nothing")
    assert [one["id"] for one in home.run_here("note", "search", "pri #work", "--json").json] == [note]
    assert home.run_here("note", "search", "absent").out == "Nothing found.\n"


def test_the_trash_gives_back_what_was_not_deleted_for_good(home: Home) -> None:
    note = added(home, "one")
    assert home.run_here("note", "delete", note).out == "Moved to the trash, which keeps it for 30 days.\n"
    assert home.run_here("note", "list", "--json").json == []
    assert [one["id"] for one in home.run_here("note", "list", "--trash", "--json").json] == [note]
    refused = home.run_here("note", "edit", note, "two")
    assert (refused.status, refused.err) == (
        FAILED, "tacit: This note is in the trash. Nothing was changed; «tacit note restore ID» brings it back.\n",
    )  # fmt: skip
    assert home.run_here("note", "restore", note, "--json").json["deleted"] is None
    assert home.run_here("note", "delete", note, "--for-good").status == FAILED, "nobody said yes"
    assert home.run_here("note", "show", note).status == 0
    done = home.run_here("note", "delete", note, "--for-good", "--yes", "--rewrite-copies", "--json")
    assert done.json == {"deleted": note, "for_good": True, "copies_until": None}
    gone = home.run_here("note", "show", note)
    assert gone.err == "tacit: There is no note with that id. Nothing was changed; «tacit note list» shows the ids.\n"


def test_notes_are_exported_by_the_broker(home: Home) -> None:
    note = added(home, '# Plan: "A/B"\n\nwords')
    added(home, "# Other")
    out = home.folder / "documents"
    out.mkdir()
    done = home.run("note", "export", note, "-o", str(out / "plan.md"))
    assert done.status == 0, done.err
    assert (out / "plan.md").read_text() == '# Plan: "A/B"\n\nwords\n'
    assert home.run("note", "export", note, "-o", str(out / "plan.md")).status == FAILED, "it is there"
    assert home.run("note", "export", note, "-o", str(out / "plan.md"), "--force").status == 0
    assert home.run_here("note", "export", note).out == '# Plan: "A/B"\n\nwords\n'
    done = home.run("note", "export", "--all", str(out), "--json")
    assert done.status == 0, done.err
    assert sorted(path.name for path in out.iterdir()) == ["Other.md", "Plan A B.md", "plan.md"]
    assert sorted(done.json["files"]) == sorted(str(out / name) for name in ("Other.md", "Plan A B.md"))
    if os.name == "posix":
        assert stat.S_IMODE((out / "Other.md").stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("add", "  "), WRONG_USE),
        (("edit", "zzzz", ""), WRONG_USE),
        (("edit", "zzzz", "SECRET words"), FAILED),
        (("show", "SECRET"), FAILED),
        (("delete", "SECRET"), FAILED),
        (("delete", "SECRET", "--rewrite-copies"), WRONG_USE),
        (("restore", "SECRET"), FAILED),
        (("export",), WRONG_USE),
        (("export", "SECRET", "--all", "x"), WRONG_USE),
        (("export", "--all", "x", "--force"), WRONG_USE),
        (("export", "--all", "SECRET"), FAILED),
        (("nothing", "SECRET"), WRONG_USE),
    ],
)
def test_what_is_refused_is_said_without_its_words(home: Home, arguments: tuple[str, ...], status: int) -> None:
    added(home, "SECRET")
    for extra in ((), ("--json",)):
        done = home.run_here("note", *arguments, *extra)
        assert done.status == status
        assert "SECRET" not in done.out + done.err
        if status == FAILED and extra:
            assert json.loads(done.out)["error"]["title"]


def test_what_is_no_text_is_no_note(home: Home) -> None:
    import subprocess

    command = home.command("note", "add", "-")
    done = subprocess.run(command, env=home.environment, input=b"\xff\xfe\x00", capture_output=True, check=False)
    assert done.returncode == FAILED
    assert b"no text in UTF-8" in done.stderr
    assert home.run_here("note", "list", "--json").json == []
