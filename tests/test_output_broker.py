"""What the broker makes for a head that was taken over: documents, or what the command line names."""

import os
import stat
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from app.cli.context import OUTPUT
from app.cli.main import tacit
from app.core.exports import export_formats
from app.document_rule import document_suffixes
from app.storage.tables.calls import CallStore
from app.storage.vault import Vault
from app.writable_folders import COMMANDS_THAT_WRITE
from tests.running import CHEAP, PASSPHRASE, Home
from tests.storage.calls import add
from tests.taken_over import HEADS, attacked, home_of_a_person  # noqa: F401

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the walls of Linux")


_ASK = """
from app.core.output import look_at_output
for name in given.split():
    tried(name, lambda: look_at_output(home / name, replaces=True).write(b"import os"))
"""
_NO_DOCUMENTS = (
    ".bashrc", ".profile", "documents/run.sh", "documents/run.py", "documents/x.pth", "documents/x.desktop",
    "documents/x.service", "documents/plain", "documents/package.json", "documents/CMakeLists.txt",
    ".config/autostart/x.txt", ".hidden.txt", "documents/.git/x.txt",
    "program/site-packages/x.txt", "program/x.json", "bin/x.txt", "documents/started.txt", "documents/link.txt",
    "vault/x.txt", "models/x.json",
)  # fmt: skip


def test_a_window_that_was_taken_over_gets_documents_alone(home: Home) -> None:
    """The save dialog is drawn by the window, so it could claim that a person has chosen any of these."""
    home.vault.mkdir()
    (home.vault / "vault.hdr").write_text("{}")
    (home.folder / "documents/.git").mkdir()
    (home.folder / "program/pyvenv.cfg").touch()
    (home.folder / "bin").mkdir()
    started = home.folder / "documents/started.txt"
    started.write_text("#!/bin/sh\n")
    started.chmod(0o755)
    (home.folder / "documents/link.txt").symlink_to(home.folder / ".bashrc")
    there = {path: path.lstat().st_mtime_ns for path in home.folder.rglob("*") if path.is_file()}
    environment = {"PATH": f"{os.environ['PATH']}:{home.folder}/bin"}
    told = attacked(home, _ASK, "--window", given=" ".join(_NO_DOCUMENTS), environment=environment)
    assert told == dict.fromkeys(_NO_DOCUMENTS, "AssistantError")
    assert {p: p.lstat().st_mtime_ns for p in home.folder.rglob("*") if p.is_file()} == there


def test_the_window_exports_to_every_ending_that_it_offers(home: Home) -> None:
    assert {known.suffix for known in export_formats()} | {"html", "tacit", "zip"} <= document_suffixes()
    names = [f"documents/Call of Monday.{suffix}".replace(" ", "_") for suffix in sorted(document_suffixes())]
    (home.folder / names[0]).write_text("an earlier export")
    (home.folder / names[0]).chmod(0o640)
    told = attacked(home, _ASK, "--window", given=" ".join(names))
    assert told == dict.fromkeys(names, "done")
    assert all((home.folder / name).read_text() == "import os" for name in names)
    modes = [stat.S_IMODE((home.folder / name).stat().st_mode) for name in names]
    assert modes == [0o640, *([0o600] * (len(names) - 1))]


def test_a_command_gets_the_files_that_it_names_alone(home: Home) -> None:
    named, other = home.folder / "documents/named.py", home.folder / "documents/other.txt"
    for path in (named, other):
        path.write_text("before")
    ask = ["export", "x", "-o", str(named)]
    assert attacked(home, _ASK, *ask, given="documents/named.py") == {"documents/named.py": "AssistantError"}
    given = "documents/named.py documents/other.txt documents/new.txt .bashrc"
    told = attacked(home, _ASK, *ask, "--force", given=given)
    assert list(told.values()) == ["done", "AssistantError", "AssistantError", "AssistantError"]
    assert (named.read_text(), other.read_text()) == ("import os", "before")


def test_a_command_that_exports_to_a_folder_makes_new_documents_in_it_alone(home: Home) -> None:
    out = home.folder / "documents"
    (out / "below").mkdir()
    (out / "there.md").write_text("before")
    for ask in (["import", "x", "--export-to", str(out)], ["watch", "x", f"--export-to={out}"]):
        given = "documents/new.md documents/there.md documents/run.py documents/below/new.md .bashrc new.md"
        told = attacked(home, _ASK, *ask, given=given)
        assert told == dict.fromkeys(given.split(), "AssistantError") | {"documents/new.md": "done"}
        (out / "new.md").unlink()
    assert (out / "there.md").read_text() == "before"
    told = attacked(home, _ASK, "export", "x", "-o", "y", "--export-to", str(out), given="documents/new.md")
    assert told == {"documents/new.md": "AssistantError"}, "no other command has that option"


def test_each_command_that_takes_an_output_is_known_to_write() -> None:
    def writers(command: click.Command, words: tuple[str, ...]) -> Iterator[str]:
        if any(parameter.type is OUTPUT for parameter in command.params):
            yield words[0]
        if isinstance(command, click.Group):
            context = click.Context(command)
            for name in command.list_commands(context):
                found = command.get_command(context, name)
                assert found is not None
                yield from writers(found, (*words, name))

    assert set(writers(tacit, ())) == COMMANDS_THAT_WRITE


_WORK = """
from app import assembly
from app.core.output import look_at_output
vault, models, place, passphrase = given.split(",")
session = assembly.build(Path(vault), Path(models), is_offline_enforced=True).unlock(passphrase)
call = session.library.calls()[0].id
place = Path(place)
tried("export", lambda: session.call_export.save(call, "md", place / "new.md"))
tried("again", lambda: session.call_export.save(call, "txt", place / "there.txt"))
tried("through a link", lambda: session.call_export.save(call, "txt", place / "link.txt"))
tried("hard link", lambda: session.call_export.save(call, "txt", place / "hard.txt"))
tried("long", lambda: session.call_export.save(call, "md", place / ("n" * 252 + ".md")))
tried("backup", lambda: session.maintenance.back_up(place / "b.tacit"))
tried("backup again", lambda: session.maintenance.back_up(place / "b.tacit"))
tried("backup elsewhere", lambda: session.maintenance.back_up(place / "no" / "b.tacit"))
session.close()
"""


_DISKS = {"the home's": "", "another": "/dev/shm"}  # noqa: S108


@pytest.mark.parametrize("disk", _DISKS)
def test_the_window_exports_and_backs_up_by_the_broker(home: Home, disk: str) -> None:
    made = Vault.create(home.vault, PASSPHRASE, CHEAP)
    add(CallStore(made), "We agree.", title="One")
    made.close()
    with tempfile.TemporaryDirectory(dir=_DISKS[disk] or home.folder / "documents") as named:
        place = Path(named)
        assert disk != "another" or place.stat().st_dev != home.folder.stat().st_dev
        for name in ("there.txt", "target.txt", "one.txt"):
            (place / name).write_text("earlier")
        (place / "link.txt").symlink_to("target.txt")
        (place / "hard.txt").hardlink_to(place / "one.txt")
        told = attacked(home, _WORK, "--window", given=f"{home.vault},{home.models},{place},{PASSPHRASE}")
        assert told.pop("backup elsewhere") in ("AssistantError", "VaultError")
        assert set(told.values()) == {"done"}, told
        for name in ("new.md", "there.txt", "target.txt", "one.txt", "hard.txt", "n" * 252 + ".md"):
            assert "We agree." in (place / name).read_text(), name
        assert (place / "link.txt").is_symlink()
        assert (place / "hard.txt").samefile(place / "one.txt")
        assert (place / "b.tacit").stat().st_size > 10_000
        assert len(list(place.iterdir())) == 8, "nothing else is left"
