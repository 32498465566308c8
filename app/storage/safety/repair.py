"""Repair of a damaged vault: whatever can be read is saved to a new one, row by row and frame by frame."""

import os
import secrets
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import sqlcipher3.dbapi2 as driver

from app.core.call import Survey
from app.core.errors import AssistantError, VaultDamaged, VaultError
from app.core.files import disk_error, sync_folder
from app.storage.database.connection import Database, open_database, translate_database_errors
from app.storage.database.identity import ensure_speakers
from app.storage.database.known_values import column_checks, with_known_values
from app.storage.database.log_pair import has_own_log
from app.storage.database.schema import VERSION, create_tables, fill_spaced_column, run_migrations
from app.storage.database.steps import fill_steps
from app.storage.files.layout import (
    BACKUPS_NAME,
    DATABASE_NAME,
    EARLIER_DATABASE_NAME,
    HEADER_NAME,
    MEDIA_NAME,
    sound_path,
)
from app.storage.files.sealed_file import SealedReader, SealedWriter
from app.storage.offline_vault import OfflineVault
from app.storage.safety.lost_owners import ensure_owner

# Parents before their children.
_TABLES = (
    "recordings", "surveys", "speakers", "tracks", "utterances", "retranscriptions", "new_utterances",
    "earlier_utterances", "steps", "conversations", "messages", "chat_calls", "drafts", "door_openings", "headers",
    "sound_without_call", "speech", "step_options", "imported_files", "notes", "note_versions", "tasks",
)  # fmt: skip
_MAX_MISSES = 50_000  # consecutive row numbers tried in vain before giving up, if the end of the table can't be read
_BATCH = 500  # rows per transaction
_COPY = "damaged.db"


@dataclass
class RepairReport:
    """How many rows of each table were saved, and what was lost, in sentences without content."""

    saved: dict[str, int] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)


def repair(vault: OfflineVault, folder: Path) -> RepairReport:
    """Write what can be read of `vault` to a new vault in `folder`, which opens with the same passphrase.

    Raises:
        VaultError: the folder is not empty or lies in the damaged vault; or nothing can be read, and nothing was made.
        VaultUnwritable, NotEnoughSpace: the disk refuses.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise VaultError("This folder is not empty.", "Nothing was changed; name a new one.")
    if folder.resolve().is_relative_to(vault.folder.resolve()):
        raise VaultError("This folder lies in the damaged vault.", "Nothing was changed; name one beside it.")
    found = RepairReport()
    copy = folder / _COPY
    try:
        (folder / MEDIA_NAME).mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            _copy_readable(vault, copy, found)
            # Of the version that the damaged one has, because a migration looks for rows where that version put them.
            version = _version_of(copy, vault.database_key)
            db = _create_database(folder / DATABASE_NAME, vault.database_key, version)
            try:
                for table in _TABLES:
                    _save_table(_Source(copy, vault.database_key), db, table, found)
                _save_media(db, vault.media, folder / MEDIA_NAME, found)
                with translate_database_errors():
                    db.execute("BEGIN")
                    run_migrations(db, version)
                    fill_steps(db)
                    ensure_speakers(db)
                    # Of a new transcript, rows or how far it came may be lost: it begins again beside the earlier one.
                    db.execute("UPDATE retranscriptions SET speech_model = ''")
                    fill_spaced_column(db)
                    if vault.uses_earlier_header:  # it is the one in force from now on
                        db.execute("DELETE FROM headers")
                    db.execute("COMMIT")
                    db.execute("INSERT OR IGNORE INTO surveys SELECT id, ? FROM recordings", [_placeholder_survey()])
                    db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            finally:
                db.conn.close()
        except VaultDamaged:
            shutil.rmtree(folder)  # nothing can be read
            raise
        finally:
            _remove(copy)
        # The header comes last: a repair that was cut off leaves no vault.
        shutil.copyfile(vault.header, folder / HEADER_NAME)
        _sync(folder / HEADER_NAME)
    except OSError as error:
        raise disk_error(error) from error
    return found


def _copy_readable(vault: OfflineVault, copy: Path, found: RepairReport) -> None:
    """Copy the database, since even reading changes it; or its newest backup if it can't be opened."""
    earlier = vault.folder / EARLIER_DATABASE_NAME
    for path in [vault.database, earlier, *sorted((vault.folder / BACKUPS_NAME).glob("*.db"), reverse=True)]:
        _remove(copy)
        ends = ["", "-wal"]
        with suppress(VaultDamaged):  # neither can be read: the copy is tried with what there is
            if not has_own_log(path, vault.database_key):
                ends.remove("-wal")
                found.lost.append("the log is not that of the database: what it holds is lost, and stays in its folder")
        for end in ends:
            if path.with_name(path.name + end).is_file():
                shutil.copyfile(path.with_name(path.name + end), copy.with_name(copy.name + end))
        try:
            _open_copy(copy, vault.database_key).conn.close()
        except AssistantError:
            continue
        if path != vault.database:
            found.lost.append(f"the database can't be opened: {_source_name(path)} was taken, later changes are lost")
        return
    raise VaultDamaged("Neither the database nor a backup of it can be opened.", "Nothing was changed.")


def _source_name(path: Path) -> str:
    return "the one from before the last update" if path.name == EARLIER_DATABASE_NAME else f"its backup of {path.stem}"


def _remove(copy: Path) -> None:
    for path in copy.parent.glob(copy.name + "*"):
        path.unlink()


def _open_copy(path: Path, key: bytes) -> Database:
    if not path.is_file() or not path.stat().st_size:
        raise VaultDamaged
    db = open_database(path, key)
    try:
        with translate_database_errors():
            db.execute("SELECT count(*) FROM recordings WHERE rowid = 1").fetchone()
    except BaseException:
        db.conn.close()
        raise
    return db


def _version_of(path: Path, key: bytes) -> int:
    db = _open_copy(path, key)
    try:
        with translate_database_errors():
            return min(max(1, int(db.execute("PRAGMA user_version").fetchone()[0])), VERSION)
    finally:
        db.conn.close()


def _create_database(path: Path, key: bytes, version: int) -> Database:
    db = open_database(path, key)
    try:
        with translate_database_errors():
            db.execute("BEGIN")
            create_tables(db, version)
            db.execute("COMMIT")
    except BaseException:
        db.conn.close()
        raise
    return db


class _Source:
    """Rows of a damaged database; it is reopened after an error, because one bad page spoils a connection."""

    def __init__(self, path: Path, key: bytes) -> None:
        self._path, self._key = path, key
        self._db: Database | None = None

    def query(self, statement: str, values: Sequence[Any] = ()) -> Iterator[Any]:
        """Yield rows up to the first that can't be read, which raises VaultDamaged."""
        try:
            with translate_database_errors():
                if self._db is None:
                    self._db = open_database(self._path, self._key)
                yield from self._db.execute(statement, values)
        except AssistantError as error:
            self.close()
            raise VaultDamaged from error

    def columns(self, table: str) -> list[str]:
        """The names of the table's columns; none if it is no table, but a view of somebody else's."""
        is_table = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ? AND sql NOT LIKE 'CREATE VIRTUAL%'"
        if next(self.query(is_table, [table]), None) is None:
            return []
        return [row[1] for row in self.query(f"PRAGMA table_info({table})")]

    def last_rowid(self, table: str) -> int | None:
        """The highest rowid, from the table or one of its indexes; None if none of them can be read."""
        try:
            indexes = [row[1] for row in self.query(f"PRAGMA index_list({table})")]
        except VaultDamaged:
            indexes = []
        for hint in ("NOT INDEXED", *(f'INDEXED BY "{name}"' for name in indexes if not name.startswith("sqlite_"))):
            try:
                return next(self.query(f"SELECT coalesce(max(rowid), 0) FROM {table} {hint}"))[0]  # type: ignore[no-any-return]
            except VaultDamaged:
                continue
        return None

    def has_root(self, table: str) -> bool:
        """Whether rows can be looked up at all: every lookup passes through the table's root page."""
        for number in (-1, *(2**power for power in range(63))):
            try:
                next(self.query(f"SELECT rowid FROM {table} NOT INDEXED WHERE rowid = ?", [number]), None)
            except VaultDamaged:
                continue
            return True
        return False

    def close(self) -> None:
        """Close the connection; the next query opens a new one."""
        if self._db is not None:
            self._db.conn.close()
            self._db = None


def _readable_rows(source: _Source, table: str, columns: str, count_lost: Callable[[], None]) -> Iterator[Any]:
    """Yield every row that can be read: in one scan where that works, otherwise one rowid at a time."""
    last_rowid = source.last_rowid(table)
    if last_rowid is None and not source.has_root(table):
        raise VaultDamaged  # otherwise every rowid would be tried in vain
    at, misses = 0, 0
    while last_rowid is None or at < last_rowid:
        try:
            for row in source.query(f"SELECT rowid, {columns} FROM {table} WHERE rowid > ? ORDER BY rowid", [at]):
                at, misses = row[0], 0
                yield row[1:]
            return
        except VaultDamaged:
            pass
        while last_rowid is None or at < last_rowid:  # one rowid at a time until a row can be read again
            at += 1
            try:
                row = next(source.query(f"SELECT rowid, {columns} FROM {table} WHERE rowid = ?", [at]), None)
            except VaultDamaged:
                count_lost()
                row = None
            if row is not None:
                misses = 0
                yield row[1:]
                break
            misses += 1
            if last_rowid is None and misses > _MAX_MISSES:
                return


def _save_table(source: _Source, db: Database, table: str, found: RepairReport) -> None:
    lost = 0

    def count_lost() -> None:
        nonlocal lost
        lost += 1

    found.saved[table] = 0
    try:
        present = source.columns(table)
        if not present:
            return  # the table is newer than this vault's version
        with translate_database_errors():
            columns = [c for c in (r[1] for r in db.execute(f"PRAGMA table_info({table})")) if c in present]
            names = ", ".join(f'"{name}"' for name in columns)
            insert = f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(columns))})"
            db.execute("BEGIN")
            checks = column_checks(db, table)
            for row in _readable_rows(source, table, names, count_lost):
                known = with_known_values(dict(zip(columns, row, strict=True)), checks)
                if known is not None and _insert(db, insert, table, known):
                    found.saved[table] += 1
                    if not found.saved[table] % _BATCH:
                        db.execute("COMMIT")
                        db.execute("BEGIN")
                else:
                    lost += 1
            db.execute("COMMIT")
    except VaultDamaged:
        found.lost.append(f"{table}: the table can't be read to its end")
        if db.conn.in_transaction:
            db.execute("COMMIT")
    finally:
        source.close()
    if lost:
        found.lost.append(f"{table}: {lost} rows can't be read")


def _insert(db: Database, insert: str, table: str, row: dict[str, Any]) -> bool:
    try:
        ensure_owner(db, table, row)
        db.execute(insert, list(row.values()))
    except driver.IntegrityError:  # a duplicate id: an index and its table were out of step
        return False
    return True


def _placeholder_survey() -> bytes:
    """A placeholder for a lost survey: the sound plays, without its waveform."""
    return msgspec.msgpack.encode(Survey(0.0, 2, (-120.0, -120.0), 0.0, b"", True, ""))


def _save_media(db: Database, old: Path, new: Path, found: RepairReport) -> None:
    with translate_database_errors():
        rows: list[tuple[str, bytes]] = db.execute("SELECT id, media_key FROM recordings ORDER BY id").fetchall()
    for id_, key in rows:
        source, target = sound_path(old, id_), sound_path(new, id_)
        bad, total = _save_sound(source, target, key)
        if not bad and total:
            continue
        what = f"{bad} of {total} frames can't be read, silence stands for them" if total else "nothing can be read"
        found.lost.append(f"sound of {id_}: {what}")
        with translate_database_errors():  # a hash that matches nothing, so that the file can be imported again in full
            db.execute(
                "UPDATE recordings SET is_truncated = 1, content_hash = ? WHERE id = ?", [secrets.token_bytes(32), id_]
            )
    sync_folder(new)


def _save_sound(source: Path, target: Path, key: bytes) -> tuple[int, int]:
    """Re-seal every intact frame of a file, up to the last intact one; return (frames lost, frames in total)."""
    writer = SealedWriter(target, key)
    bad = total = 0
    hole = 0  # bytes of unreadable frames; written as silence only if an intact frame follows
    try:
        with SealedReader(source, key) as reader:
            for offset in range(0, reader.size, reader.frame):
                total += 1
                length = min(reader.frame, reader.size - offset)
                try:
                    plain = reader.read(offset, length)
                except VaultDamaged:
                    bad += 1
                    hole += length
                    continue
                writer.write(bytes(hole) + plain)
                hole = 0
            if not reader.is_finished:  # the last frame was truncated or changed
                total += 1
                bad += 1
    except VaultDamaged:
        bad = total = 0  # the header is lost, and with it the key to every frame
    writer.close()
    return bad, total


def _sync(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())
    sync_folder(path.parent)
