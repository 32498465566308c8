"""A stranger's backup is refused in words before it is put anywhere, whatever it holds; a vault of one's own is not."""

import json
import shutil
import struct
from pathlib import Path

import psutil
import pytest

from app.core.errors import VaultDamaged
from app.services.vault.maintenance import Maintenance, StagedRestore, check_vault, repair_vault
from app.storage.database.connection import open_database
from app.storage.database.known_schema import require_known_schema
from app.storage.database.known_values import require_known_values
from app.storage.files.backup_archive import ArchiveWriter
from app.storage.offline_vault import open_offline
from app.storage.safety.backups import write_backup
from app.storage.tables.calls import CallStore
from app.storage.tables.notes import NoteStore
from app.storage.vault import Vault
from tests.storage.calls import add
from tests.storage.hostile_backups import MANIFEST, PASSPHRASE, Entry, Stranger, entry

VAULTS = Path(__file__).parents[2] / "fixtures" / "vaults"
EARLIER = {"version-1": "correct horse battery staple", "version-5": "plain horses eat correct batteries"}
_BLOCK = bytes([32]) * (1 << 20)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Stranger:
    """A stranger with a vault of one call."""
    return Stranger(tmp_path_factory.mktemp("made"))


@pytest.fixture
def stranger(made: Stranger, tmp_path: Path) -> Stranger:
    """The stranger with a copy of that vault, to be changed."""
    copy = Stranger.__new__(Stranger)
    copy.__dict__ = made.__dict__ | {"folder": tmp_path / "stranger"}
    shutil.copytree(made.folder, copy.folder)
    return copy


def refusal(file: Path, tmp_path: Path) -> VaultDamaged:
    """Why a backup is refused; nothing of it is left, and nothing else is touched."""
    precious = tmp_path / "precious.sealed"
    precious.write_bytes(b"mine")
    before = sorted(path for path in tmp_path.rglob("*") if tmp_path / "stranger" not in path.parents)
    with pytest.raises(VaultDamaged) as refused:
        StagedRestore(file, tmp_path / "mine" / "vault", PASSPHRASE)
    (tmp_path / "mine").rmdir()
    assert sorted(path for path in tmp_path.rglob("*") if tmp_path / "stranger" not in path.parents) == before
    assert precious.read_bytes() == b"mine"
    assert refused.value.title.endswith(".")
    assert refused.value.advice.startswith("Nothing was changed; ")
    return refused.value


def test_the_backup_that_the_stranger_changes_would_be_restored(stranger: Stranger, tmp_path: Path) -> None:
    restoring = StagedRestore(stranger.write(tmp_path / "b.tacit"), tmp_path / "vault", PASSPHRASE)
    assert (restoring.calls, restoring.findings) == (1, [])
    restoring.finish()


# --- The archive ----------------------------------------------------------------------------------------------------


def lists() -> dict[str, bytes | str]:
    """Manifests that no version writes."""
    return {
        "nested": "[" * 30_000,
        "nested in a field": json.dumps(MANIFEST)[:-1] + ', "x": ' + "[" * 20_000 + "]" * 20_000 + "}",
        "no date": json.dumps({"recordings": 1, "sounds": 1}),
        "a date without zone": json.dumps(MANIFEST | {"made": "2026-11-20T10:00:00"}),
        "the first moment of all": json.dumps(MANIFEST | {"made": "0001-01-01T00:00:00+14:00"}),
        "the last moment of all": json.dumps(MANIFEST | {"made": "9999-12-31T23:59:59-12:00"}),
        "a count below nothing": json.dumps(MANIFEST | {"recordings": -1}),
        "a count without end": json.dumps(MANIFEST | {"recordings": 10**30}),
        "a count of a thousand digits": json.dumps(MANIFEST)[:-1] + ', "sounds": ' + "9" * 5000 + "}",
        "a count that is a word": json.dumps(MANIFEST | {"recordings": "many"}),
        "a list": "[]",
        "nothing": "",
        "no text": b"\xff\xfe\x00",
    }


@pytest.mark.parametrize("kind", lists())
def test_a_list_that_no_version_writes_is_refused(stranger: Stranger, tmp_path: Path, kind: str) -> None:
    entries = [entry("manifest.json", lists()[kind]), *stranger.entries[1:]]
    assert "list" in refusal(stranger.write(tmp_path / "b.tacit", entries), tmp_path).title


def test_a_list_of_gigabytes_is_refused_before_it_is_read(stranger: Stranger, tmp_path: Path) -> None:
    size = 512 << 20
    long: Entry = ("manifest.json", size, (_BLOCK for _ in range(size >> 20)))
    file = stranger.write(tmp_path / "b.tacit", [long, *stranger.entries[1:]])
    process = psutil.Process()
    before = process.memory_info().rss
    assert "list" in refusal(file, tmp_path).title
    assert process.memory_info().rss - before < 100 << 20


def archives(true: list[Entry]) -> dict[str, list[Entry]]:
    """Archives whose entries are not what a backup consists of, from those of a true one."""
    manifest, database, sound = true
    name, _, blocks = sound
    content = b"".join(blocks)
    id_ = name[6:18]
    return {
        "no list": [database, sound],
        "no database": [manifest, sound],
        "the list alone": [manifest],
        "nothing": [],
        "the database before the list": [database, manifest, sound],
        "the sound before the database": [manifest, sound, database],
        "the list twice": [manifest, manifest, database, sound],
        "the list once more at the end": [manifest, database, sound, manifest],
        "the database twice": [manifest, database, database, sound],
        "the sound twice": [manifest, database, sound, sound],
        "the sound of nobody": [manifest, database, sound, entry("media/06fp3fzb2aaa.sealed", content)],
        "ten thousand sounds of nobody": [
            manifest, database, *(entry(f"media/06fp3fzb{n:04}.sealed", b"") for n in range(10_000))
        ],
        "a name that is no id": [manifest, database, entry("media/zzzz.sealed", content)],
        "the same name in capitals": [manifest, database, sound, entry(f"media/{id_.upper()}.sealed", content)],
        "an absolute name": [manifest, database, entry("/precious.sealed", content)],
        "a name that leads out": [manifest, database, entry("media/../../precious.sealed", content)],
        "a name with a drive": [manifest, database, entry("C:\\precious.sealed", content)],
        "a name with a line break": [manifest, database, entry(f"{name}\n", content)],
        "a name with a nul": [manifest, database, entry(f"media/{id_}\0.sealed", content)],
        "a long name": [manifest, database, entry("media/" + "0" * 60_000 + ".sealed", content)],
        "a lock": [manifest, database, sound, entry("vault.lock", b"")],
        "a header": [manifest, database, sound, entry("vault.hdr", b"{}")],
        "a log of the database": [manifest, entry("vault.db-wal", b"x" * 5000), database, sound],
        "a database that is none": [manifest, entry("vault.db", b"SQLite format 3\0" + bytes(5000)), sound],
        "an empty database": [manifest, entry("vault.db", b""), sound],
        "an archive in the place of the database": [manifest, entry("vault.db", b"TACIT-B1" + content), sound],
    }  # fmt: skip


@pytest.mark.parametrize("kind", archives([entry("", b"")] * 3))
def test_an_archive_of_other_entries_is_refused(stranger: Stranger, tmp_path: Path, kind: str) -> None:
    refusal(stranger.write(tmp_path / "b.tacit", archives(stranger.entries)[kind]), tmp_path)


@pytest.mark.parametrize("said", [0, 1, 1 << 40, (1 << 64) - 1])
def test_an_entry_of_another_length_than_it_says_is_refused(stranger: Stranger, tmp_path: Path, said: int) -> None:
    for which in range(3):
        file = tmp_path / f"{which}.tacit"
        with file.open("wb") as out:
            writer = ArchiveWriter(out, stranger.key, (stranger.folder / "vault.hdr").read_bytes())
            for n, (name, size, blocks) in enumerate(stranger.entries):
                length = struct.pack("<H", len(name)) + name.encode() + struct.pack("<Q", said if n == which else size)
                writer._write(  # what a writer of his own would write
                    length + b"".join(blocks)
                )
            writer.close()
        refusal(file, tmp_path)


def test_a_backup_cut_off_anywhere_is_refused(stranger: Stranger, tmp_path: Path) -> None:
    whole = stranger.write(tmp_path / "whole.tacit").read_bytes()
    for at in (0, 7, 20, 32, 500, len(whole) // 2, len(whole) - 17, len(whole) - 1):
        (tmp_path / "b.tacit").write_bytes(whole[:at])
        refusal(tmp_path / "b.tacit", tmp_path)


# --- The schema of the database -------------------------------------------------------------------------------------

_KEEP = "CREATE TABLE kept (t TEXT)"
SCHEMAS: dict[str, list[str]] = {
    "a trigger that keeps what is deleted": [
        _KEEP, "CREATE TRIGGER k BEFORE DELETE ON utterances BEGIN INSERT INTO kept VALUES (old.text); END"],
    "a trigger that sets the key of what comes next": [
        "CREATE TRIGGER m AFTER INSERT ON recordings BEGIN UPDATE recordings SET media_key = zeroblob(32); END"],
    "a trigger by the name of ours": [
        "DROP TRIGGER utterances_deleted",
        "CREATE TRIGGER utterances_deleted AFTER DELETE ON utterances BEGIN SELECT 1; END"],
    "no trigger for what is deleted": ["DROP TRIGGER utterances_deleted"],
    "a table": [_KEEP],
    "a table by a hidden name": ['CREATE TABLE "  " (t)'],
    "a view in the place of a table": [
        "DROP TABLE drafts",
        "CREATE VIEW drafts AS WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) "
        "SELECT x AS place, x AS text FROM n"],
    "a view of our name": [
        "DROP VIEW utterances_indexed", "CREATE VIEW utterances_indexed AS SELECT id, 'x' AS text FROM utterances"],
    "a table of ours in other white space": [
        "DROP TABLE drafts", "CREATE TABLE drafts (place TEXT PRIMARY KEY,  text TEXT NOT NULL)"],
    "an index": ["CREATE INDEX more ON utterances (text)"],
    "an index on an expression": ["CREATE INDEX more ON utterances (upper(text))"],
    "no index": ["DROP INDEX recordings_by_date"],
    "a search index": ["CREATE VIRTUAL TABLE more USING fts5 (text)"],
    "a column": ["ALTER TABLE recordings ADD COLUMN more TEXT"],
    "a generated column": ["ALTER TABLE recordings ADD COLUMN more TEXT GENERATED ALWAYS AS (upper(title))"],
    "statistics of the planner": ["ANALYZE"],
    "a search index that keeps what is deleted": [
        "INSERT INTO utterances_fts (utterances_fts, rank) VALUES ('secure-delete', 0)"],
    "an index of notes that keeps what is deleted": [
        "INSERT INTO notes_fts (notes_fts, rank) VALUES ('secure-delete', 0)"],
    "a trigger that keeps notes": [
        _KEEP, "CREATE TRIGGER k BEFORE DELETE ON notes BEGIN INSERT INTO kept VALUES (old.text); END"],
    "a search index that never merges": ["INSERT INTO utterances_fts (utterances_fts, rank) VALUES ('automerge', 0)"],
    "a search index with an order of its own": [
        "INSERT INTO utterances_fts (utterances_fts, rank) VALUES ('rank', 'bm25(99.0)')"],
}  # fmt: skip


@pytest.mark.parametrize("kind", SCHEMAS)
def test_a_schema_that_no_version_makes_is_refused(stranger: Stranger, tmp_path: Path, kind: str) -> None:
    stranger.execute(*SCHEMAS[kind])
    refused = refusal(stranger.write(tmp_path / "b.tacit"), tmp_path)
    assert "kept" not in str(refused)
    assert "no version of Tacit" in refused.title or "lacks" in refused.title


@pytest.mark.parametrize("name", EARLIER)
def test_the_schema_and_values_of_earlier_versions_are_ours(tmp_path: Path, name: str) -> None:
    folder = Path(shutil.copytree(VAULTS / name, tmp_path / name))
    for is_migrated in (False, True):
        if is_migrated:
            Vault.open(folder, EARLIER[name]).close()
        with open_offline(folder, EARLIER[name]) as offline:
            db = open_database(offline.database, offline.database_key)
            require_known_schema(db)
            require_known_values(db)
            db.conn.close()
        assert all(finding.is_good for finding in check_vault(folder, EARLIER[name]))


def test_a_vault_that_was_restored_so_is_told_and_saved_without_it(stranger: Stranger, tmp_path: Path) -> None:
    """By a version that did not look, or because somebody gave the folder itself."""
    stranger.execute(*SCHEMAS["a trigger that keeps what is deleted"])
    findings = list(check_vault(stranger.folder, PASSPHRASE))
    assert [f.name for f in findings if not f.is_good] == ["schema"]
    vault = Vault.open(stranger.folder, PASSPHRASE)
    (warning,) = Maintenance(vault).warnings
    assert "2 parts" in warning.title
    assert "vault repair" in warning.advice
    vault.close()
    repair_vault(stranger.folder, PASSPHRASE, tmp_path / "new")
    assert all(finding.is_good for finding in check_vault(tmp_path / "new", PASSPHRASE))
    vault = Vault.open(tmp_path / "new", PASSPHRASE)
    assert Maintenance(vault).warnings == []
    assert [call.title for call in CallStore(vault).all()] == ["A stranger's call"]
    vault.close()


def test_what_a_restore_would_refuse_is_not_backed_up_and_a_repaired_vault_is(
    stranger: Stranger, tmp_path: Path
) -> None:
    stranger.execute(
        *SCHEMAS["a trigger that keeps what is deleted"],
        "UPDATE recordings SET summary = '{'",
        "UPDATE utterances SET words = x'c1'",
        "UPDATE utterances SET uid = '../x' WHERE id = 2",
        "UPDATE recordings SET speech_model = x'00'",
    )
    vault = Vault.open(stranger.folder, PASSPHRASE)
    with pytest.raises(VaultDamaged, match="can't be backed up") as refused:
        write_backup(vault, tmp_path / "b.tacit")
    assert refused.value.advice.startswith("Nothing was written; ")
    assert not (tmp_path / "b.tacit").exists()
    vault.close()
    repaired = repair_vault(stranger.folder, PASSPHRASE, tmp_path / "new")
    assert repaired.lost
    vault = Vault.open(tmp_path / "new", PASSPHRASE)
    write_backup(vault, tmp_path / "b.tacit")
    vault.close()
    StagedRestore(tmp_path / "b.tacit", tmp_path / "restored", PASSPHRASE).finish()
    assert all(finding.is_good for finding in check_vault(tmp_path / "restored", PASSPHRASE))


def test_an_earlier_database_with_foreign_parts_is_not_migrated(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(VAULTS / "version-5", tmp_path / "v"))
    with open_offline(folder, EARLIER["version-5"]) as offline:
        db = open_database(offline.database, offline.database_key)
        db.execute("CREATE TRIGGER k AFTER UPDATE ON utterances BEGIN DELETE FROM utterances; END")
        db.conn.close()
    with pytest.raises(VaultDamaged, match="1 part of the database was made by no version"):
        Vault.open(folder, EARLIER["version-5"])


# --- The values in the database -------------------------------------------------------------------------------------

_NOTE = "INSERT INTO notes (uid, text, tags, name, created, edited) VALUES ('06fp3fzb2aaa', {}, '', {}, '{}', '{}')"
_DAY = "2026-11-28T12:00:00.000+00:00"
_DEEP = "[" * 5000 + "]" * 5000
_CHAT = "INSERT INTO conversations (id, title, updated) VALUES"
VALUES: dict[str, str] = {
    "an id that leads out": "UPDATE recordings SET id = '../../precious'",
    "an absolute id": "UPDATE recordings SET id = '/precious'",
    "an id in capitals": "UPDATE recordings SET id = upper(id)",
    "an id with a nul": "UPDATE recordings SET id = substr(id, 1, 11) || char(0)",
    "a note by the name of a file": _NOTE.replace("06fp3fzb2aaa", "../../precio").format("'a'", "'a'", _DAY, _DAY),
    "a note of bytes": _NOTE.format("x'00'", "'a'", _DAY, _DAY),
    "a note of another day": _NOTE.format("'a'", "'a'", _DAY, "yesterday"),
    "a name of a note as long as a book": _NOTE.format("'a'", "hex(zeroblob(500000))", _DAY, _DAY),
    "a version of no note": f"INSERT INTO note_versions VALUES (1, '06fp3fzb2aab', '{_DAY}', '{_DAY}', 'a')",  # noqa: S608 - our own text
    "an id of bytes": "UPDATE recordings SET id = CAST(id AS BLOB)",
    "no title": "UPDATE recordings SET title = x'00'",
    "a title of a megabyte": "UPDATE recordings SET title = hex(zeroblob(500000))",
    "a title that is no text": "UPDATE recordings SET title = CAST(x'fffefd' AS TEXT)",
    "a date that is none": "UPDATE recordings SET date = 'yesterday'",
    "a date without zone": "UPDATE recordings SET date = '2026-01-01T00:00:00'",
    "a date before all": "UPDATE recordings SET date = '0001-01-01T00:00:00+00:00'",
    "a duration without end": "UPDATE recordings SET duration = 9e999",
    "a duration below nothing": "UPDATE recordings SET duration = -5",
    "a duration in words": "UPDATE recordings SET duration = 'long'",
    "an unknown layout": "UPDATE recordings SET layout = 'round'",
    "a key of no bytes": "UPDATE recordings SET media_key = x''",
    "a key in text": "UPDATE recordings SET media_key = hex(zeroblob(16))",
    "a survey of garbage": "UPDATE surveys SET survey = x'00ff'",
    "a summary of garbage": "UPDATE recordings SET summary = '{'",
    "a summary that nests": f"UPDATE recordings SET summary = '{_DEEP}'",  # noqa: S608 - our own text
    "a speaker with an id of his own": "UPDATE speakers SET id = '../x' WHERE position = 0",
    "a line with an id of its own": "UPDATE utterances SET uid = '../x' WHERE id = 1",
    "a line without end": 'UPDATE utterances SET "end" = 9e999',
    "words of garbage": "UPDATE utterances SET words = x'c1'",
    "words that nest": "UPDATE utterances SET words = CAST(replace(hex(zeroblob(9000)), '0', char(145)) AS BLOB)",
    "a word without end of probability": "UPDATE utterances SET words = x'9194a1610001cb7ff0000000000000'",
    "a word whose probability is no number": "UPDATE utterances SET words = x'9194a1610001cb7ff8000000000000'",
    "a word more than certain": "UPDATE utterances SET words = x'9194a1610001cb3ff8000000000000'",
    "a word less than impossible": "UPDATE utterances SET words = x'9194a1610001cbbfe0000000000000'",
    "a language of a megabyte": "UPDATE recordings SET language = hex(zeroblob(500000))",
    "a line of seventy megabytes": "UPDATE utterances SET text = hex(zeroblob(35000000)) WHERE id = 1",
    "a step done at no time": "UPDATE steps SET done = 'soon'",
    "a conversation by another id": f"{_CHAT} ('../x', '', '2026-01-01T00:00:00+00:00')",
    "a conversation at no time": f"{_CHAT} ('06fp3fzb2aaa', '', 'x')",
    "a chat with a call by a path": "INSERT INTO chat_calls VALUES ('06fp3fzb2aaa', '../x')",
    "a chat that ends with a text": (
        "INSERT INTO conversations (id, title, updated, leaf) "
        "VALUES ('06fp3fzb2aaa', '', '2026-01-01T00:00:00+00:00', 'x')"
    ),
    "hosts in a list": "INSERT INTO door_openings VALUES ('1', 'm', '2026-01-01T00:00:00+00:00', NULL, '[1]', '')",
    "sound to remove by a path": "INSERT INTO sound_without_call VALUES ('../../precious', 0)",
    "a row of nobody": "UPDATE utterances SET recording = '06fp3fzb2aaa'",
    "a mark of another kind": "INSERT INTO headers VALUES ('x', 0)",
}


@pytest.mark.parametrize("kind", VALUES)
def test_values_that_no_version_writes_are_refused(stranger: Stranger, tmp_path: Path, kind: str) -> None:
    stranger.execute(VALUES[kind])
    refusal(stranger.write(tmp_path / "b.tacit"), tmp_path)


MESSAGES = {
    "a role of its own": "'system', 'x', x'90', 'finished', '', x'90'",
    "a reason of its own": "'user', 'x', x'90', 'bored', '', x'90'",
    "citations of garbage": "'user', 'x', x'c1', 'finished', '', x'90'",
    "marks of garbage": "'user', 'x', x'90', 'finished', '', x'c1'",
    "a number for a text": "'user', x'01', x'90', 'finished', '', x'90'",
}


@pytest.mark.parametrize("kind", MESSAGES)
def test_messages_that_no_version_writes_are_refused(stranger: Stranger, tmp_path: Path, kind: str) -> None:
    columns = "conversation, role, text, citations, stop_reason, note, marks"
    stranger.execute(
        f"{_CHAT} ('06fp3fzb2aaa', '', '2026-01-01T00:00:00+00:00')",
        f"INSERT INTO messages ({columns}) VALUES ('06fp3fzb2aaa', {MESSAGES[kind]})",  # noqa: S608 - our own text
    )
    refusal(stranger.write(tmp_path / "b.tacit"), tmp_path)


def test_notes_come_back_with_a_backup(stranger: Stranger, tmp_path: Path) -> None:
    stranger.execute(
        _NOTE.format("'a word'", "'a word'", _DAY, _DAY),
        f"INSERT INTO note_versions VALUES (1, '06fp3fzb2aaa', '{_DAY}', '{_DAY}', 'before')",  # noqa: S608 - our own text
    )
    StagedRestore(stranger.write(tmp_path / "b.tacit"), tmp_path / "vault", PASSPHRASE).finish()
    vault = Vault.open(tmp_path / "vault", PASSPHRASE)
    assert [(found.text, found.versions) for found in NoteStore(vault).search('"word"', 5)] == [("a word", 1)]
    vault.close()


def test_what_is_deleted_from_a_restored_backup_is_gone(stranger: Stranger, tmp_path: Path) -> None:
    """The way of the attack, with nothing planted: what a person adds and deletes leaves no trace in the tables."""
    StagedRestore(stranger.write(tmp_path / "b.tacit"), tmp_path / "vault", PASSPHRASE).finish()
    vault = Vault.open(tmp_path / "vault", PASSPHRASE)
    mine = add(CallStore(vault), "my diagnosis is SECRET")
    CallStore(vault).delete(mine)
    tables = vault.rows("SELECT name FROM pragma_table_list WHERE schema = 'main' AND type IN ('table', 'shadow')")
    for (name,) in tables:
        rows = vault.read().table(name).rows
        assert not any("SECRET" in str(value) for row in rows for value in row.values()), name
    assert write_backup(vault, tmp_path / "again.tacit") == []
    vault.close()
