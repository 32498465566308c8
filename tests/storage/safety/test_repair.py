"""A repair saves the rows of every table, those of tables that come later too."""

import shutil
from array import array
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.core.call import CallState
from app.core.conversation import Message, Role, Sources
from app.core.download import NetworkLogEntry
from app.core.ids import new_note_id, new_task_id
from app.core.import_options import StepOptions
from app.core.search_passages import PassagePlace
from app.core.summary import ActionItem
from app.core.task import TaskChange, TaskMark
from app.storage.database.header_history import note_header
from app.storage.database.ownership import await_call
from app.storage.database.passages import MADE_ANEW
from app.storage.files.layout import HEADER_NAME
from app.storage.keys.vault_header import FORMAT, KEY_BYTES, Header, with_passphrase, write_header
from app.storage.offline_vault import OfflineVault, open_offline
from app.storage.safety.repair import repair
from app.storage.tables.calls import CallStore
from app.storage.tables.conversations import ConversationStore
from app.storage.tables.drafts import DraftStore
from app.storage.tables.imported_files import ImportedFileStore
from app.storage.tables.network_ledger import LedgerStore
from app.storage.tables.notes import NoteStore
from app.storage.tables.passages import PassageStore
from app.storage.tables.tasks import TaskStore
from app.storage.vault import Vault
from tests.conftest import opened_vault
from tests.running import CHEAP
from tests.storage.calls import add, join, line, uid
from tests.storage.database.test_migration import OLD_SUMMARY, PASSPHRASE, VERSION_1, new_summary, opened

MASTER = b"m" * KEY_BYTES


def rows_of(vault: Vault) -> dict[str, int]:
    """How many rows each table has; an index of words is made anew from what it is of."""
    names = [name for (name,) in vault.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
    own = [name for name in names if "_fts" not in name and not name.startswith("sqlite_")]
    return {name: vault.rows(f"SELECT count(*) FROM {name}")[0][0] for name in own}  # noqa: S608


def test_no_table_is_forgotten(tmp_path: Path) -> None:
    folder = tmp_path / "vault"
    vault = opened_vault(folder, MASTER)
    write_header(
        folder / HEADER_NAME, with_passphrase(Header(FORMAT, b"i" * 16, ()), MASTER, "a passphrase of six words", CHEAP)
    )
    store = CallStore(vault)
    known = add(store, "we meet on Monday", "yes", "at noon", "good")
    join(store, known, uid(store, known, 1), uid(store, known, 3))
    store.request_retranscription(known, "en")
    store.begin_transcript(known, "small")
    store.save_utterances(known, 0, 5.0, [line("we meet on Tuesday")], "en", [(0.0, 4.0)])
    conversation = ConversationStore(vault).start(known)
    ConversationStore(vault).append(conversation.id, Message(Role.USER, "When?"))
    ConversationStore(vault).start(sources=Sources((known,)))
    DraftStore(vault, ("new",)).save({"new": "And then"})
    LedgerStore(vault).save(
        NetworkLogEntry("1", "tiny", datetime(2026, 3, 9, tzinfo=UTC), None, {"huggingface.co": 12}, "")
    )
    with vault.write() as db:
        note_header(db, b"m" * 32)
        await_call(db, "0123456789ab")
    store.set_step_options(known, StepOptions(2))
    ImportedFileStore(vault).add(b"f" * 32)
    TaskStore(vault).put([TaskMark(new_task_id(), known, ActionItem("Send it", "", ""), TaskChange(is_kept=True))])
    PassageStore(vault).begin(known, b"m" * 16)
    made = (PassagePlace(uid(store, known), uid(store, known)), (0.0, 0.0), array("f", [1.0]))
    PassageStore(vault).save(known, b"m" * 16, 0, [made])
    notes, now = NoteStore(vault), datetime(2026, 3, 9, tzinfo=UTC)
    note = new_note_id()
    notes.add(note, "# Pallets", now)
    notes.save(note, "# Pallets\n\nAt noon. #work", now, keeps=True)
    there = rows_of(vault)
    openings = LedgerStore(vault).all()
    vault.close()
    assert min(there.values()) > 0, "a table without a row: give it one here, so that its repair is tried"

    found = repair(OfflineVault(folder, MASTER), tmp_path / "new")

    assert found.lost == []
    again = opened_vault(tmp_path / "new", MASTER)
    assert rows_of(again) == there | dict.fromkeys(MADE_ANEW, 0)
    assert LedgerStore(again).all() == openings
    assert [found.id for found in NoteStore(again).search('"noon"', 5)] == [note]
    again.close()


def test_the_versions_of_a_note_that_is_lost_are_saved(tmp_path: Path) -> None:
    vault = opened_vault(tmp_path / "vault", MASTER)
    write_header(
        tmp_path / "vault" / HEADER_NAME,
        with_passphrase(Header(FORMAT, b"i" * 16, ()), MASTER, "a passphrase of six words", CHEAP),
    )
    note, now = new_note_id(), datetime(2026, 3, 9, tzinfo=UTC)
    NoteStore(vault).add(note, "# Pallets #work", now)
    NoteStore(vault).save(note, "lost", now, keeps=True)
    vault.read().execute("PRAGMA foreign_keys = OFF")
    with vault.write() as db:
        db.execute("DELETE FROM notes")
    vault.close()
    found = repair(OfflineVault(tmp_path / "vault", MASTER), tmp_path / "new")
    assert (found.saved["notes"], found.saved["note_versions"]) == (0, 1)
    again = opened_vault(tmp_path / "new", MASTER)
    (entry,) = NoteStore(again).entries()
    assert (entry.id, entry.title, entry.tags, entry.edited) == (note, "Pallets #work", ("work",), now)
    again.close()


def test_a_summary_of_an_earlier_version_is_read_after_a_repair(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(VERSION_1, tmp_path / "vault"))
    db = opened(folder)
    call = db.execute("SELECT id FROM recordings WHERE title = 'Call 1'").fetchone()[0]
    db.execute("UPDATE recordings SET summary = ? WHERE id = ?", [OLD_SUMMARY, call])
    db.conn.close()
    with open_offline(folder, PASSPHRASE) as vault:
        assert repair(vault, tmp_path / "new").lost == []
    again = Vault.open(tmp_path / "new", PASSPHRASE)
    assert CallStore(again).summary(call) == new_summary(CallStore(again).transcript(call))
    assert CallStore(again).get(call).preview == "They agree."
    again.close()


def repaired(tmp_path: Path, vault: Vault) -> CallStore:
    """What a repair makes of an open vault, which it closes."""
    folder = tmp_path / "vault"
    write_header(
        folder / HEADER_NAME, with_passphrase(Header(FORMAT, b"i" * 16, ()), MASTER, "a passphrase of six words", CHEAP)
    )
    vault.close()
    repair(OfflineVault(folder, MASTER), tmp_path / "new")
    return CallStore(opened_vault(tmp_path / "new", MASTER))


@pytest.mark.parametrize(("number", "until"), [(0, 23.0), (1, 11.0)])
def test_a_call_that_lost_a_track_goes_on_after_its_last_line(tmp_path: Path, number: int, until: float) -> None:
    vault = opened_vault(tmp_path / "vault", MASTER)
    known = add(CallStore(vault), "we meet on Monday", "yes", "and at noon")
    with vault.write() as db:
        db.execute("DELETE FROM tracks WHERE number = ?", [number])
    store = repaired(tmp_path, vault)
    assert store.get(known).state is CallState.TRANSCRIBING
    assert {0: 30.0, 1: 20.0, number: until} == store.progress(known)
    store.begin_transcript(known, "small")
    store.save_utterances(known, number, 60.0, [line("good", 50.0, number)], "en")
    assert [u.text for u in store.transcript(known).utterances] == ["we meet on Monday", "yes", "and at noon", "good"]


def test_a_new_transcript_of_which_lines_may_be_lost_begins_again(tmp_path: Path) -> None:
    vault = opened_vault(tmp_path / "vault", MASTER)
    store = CallStore(vault)
    known = add(store, "we meet on Monday", "yes")
    store.finish_transcript(known)
    store.begin_transcript(known, "small")
    store.save_utterances(known, 0, 10.0, [line("we meet on Tuesday"), line("at noon", 5.0)], "en")
    with vault.write() as db:
        db.execute("DELETE FROM new_utterances WHERE id = 1")
    store = repaired(tmp_path, vault)
    assert store.get(known).awaits_new_transcript
    store.begin_transcript(known, "small")
    assert store.progress(known) == {0: 0.0, 1: 0.0}
    assert not store.has_heard_words(known)
    assert [u.text for u in store.transcript(known).utterances] == ["we meet on Monday", "yes"]
