"""Notes as files: each as it is written, none over another one."""

from pathlib import Path

import pytest

from app.core.errors import AssistantError
from app.services.notes.exporting import NoteExport
from app.services.outputs import Outputs
from app.storage.tables.notes import NoteStore
from app.storage.vault import Vault
from tests.storage.tables.test_notes import written


def test_all_notes_are_files_of_their_own(vault: Vault, tmp_path: Path) -> None:
    store, folder = NoteStore(vault), tmp_path / "out"
    export = NoteExport(store, Outputs(vault.folder))
    with pytest.raises(AssistantError, match="not there"):
        export.save_all(folder)
    folder.mkdir()
    (folder / "Plan.md").write_text("mine")
    for text in ("# Plan\n\n[[Other]]", "# Plan", "", "# ../../etc: passwd"):
        written(store, text)
    gone = written(store, "gone")
    store.move_to_trash(gone, store.get(gone).edited)
    paths = export.save_all(folder)
    found = {path.name: path.read_text() for path in folder.iterdir()}
    assert {path.name for path in paths} == found.keys() - {"Plan.md"}
    assert found["Plan.md"] == "mine"
    assert {found["Plan (2).md"], found["Plan (3).md"]} == {"# Plan\n\n[[Other]]\n", "# Plan\n"}
    assert found["Untitled note.md"] == ""
    assert found["etc passwd.md"] == "# ../../etc: passwd\n"
    assert len(found) == 5


def test_nothing_is_written_into_a_vault(vault: Vault) -> None:
    store = NoteStore(vault)
    note = written(store, "one")
    export = NoteExport(store, Outputs(vault.folder))
    with pytest.raises(AssistantError, match="belongs to a vault"):
        export.save_all(vault.folder)
    with pytest.raises(AssistantError, match="belongs to a vault"):
        export.save(note, vault.folder / "note.md")


def test_one_note_replaces_the_file_that_was_agreed_on(vault: Vault, tmp_path: Path) -> None:
    store = NoteStore(vault)
    note = written(store, "one\n")
    (tmp_path / "note.md").write_text("before")
    NoteExport(store, Outputs(vault.folder)).save(note, tmp_path / "note.md")
    assert (tmp_path / "note.md").read_text() == "one\n"
