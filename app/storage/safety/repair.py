"""Saves what can be read of a damaged vault into a new one: row by row, frame by frame."""

import os
import secrets
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import sqlcipher3.dbapi2 as driver

from app.core.errors import AssistantError, VaultDamaged, VaultError
from app.core.files import disk_error
from app.core.recording import Survey
from app.storage.database.connection import Database, open_database, translated
from app.storage.database.schema import create_tables, part_surveys, space_out
from app.storage.files.fsync import sync_folder
from app.storage.files.layout import BACKUPS_NAME, DATABASE_NAME, EARLIER_DATABASE_NAME, HEADER_NAME, MEDIA_NAME
from app.storage.files.sealed_file import SealedReader, SealedWriter
from app.storage.offline_vault import Held

# Owners before what they own.
_TABLES = ("recordings", "surveys", "utterances", "conversations", "messages", "drafts", "door_openings")
_MISSES = 50_000  # numbers of rows tried in vain, one after the other, where the table's end can't be read
_TOGETHER = 500  # rows in one transaction
_RECOVERED = "Recovered call"
_COPY = "damaged.db"


@dataclass
class Repaired:
    """What was saved, table by table, and what was not, in sentences without content."""

    saved: dict[str, int] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)


def repair(vault: Held, folder: Path) -> Repaired:
    """Write what can be read of `vault` into the new folder `folder`, which opens with the same passphrase.

    Raises:
        VaultError: the folder is in use for something; or nothing can be read at all, and nothing was made.
        VaultUnwritable, NotEnoughSpace: the disk refuses.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise VaultError("This folder is not empty.", "Nothing was changed; name a new one.")
    if folder.resolve().is_relative_to(vault.folder.resolve()):
        raise VaultError("This folder lies in the damaged vault.", "Nothing was changed; name one beside it.")
    found = Repaired()
    copy = folder / _COPY
    try:
        (folder / MEDIA_NAME).mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            _readable(vault, copy, found)
            db = _fresh(folder / DATABASE_NAME, vault.database_key)
            try:
                for table in _TABLES:
                    _save_table(_Source(copy, vault.database_key), db, table, found)
                _save_media(db, vault.media, folder / MEDIA_NAME, found)
                with translated():
                    space_out(db)  # an older vault has lines without
                    part_surveys(db)  # likewise
                    db.execute("INSERT OR IGNORE INTO surveys SELECT id, ? FROM recordings", [_no_survey()])
                    db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            finally:
                db.conn.close()
        except VaultDamaged:
            shutil.rmtree(folder)  # nothing can be read
            raise
        finally:
            _remove(copy)
        # The header comes last: a repair that was cut off has made no vault.
        shutil.copyfile(vault.header, folder / HEADER_NAME)
        _sync(folder / HEADER_NAME)
    except OSError as error:
        raise disk_error(error) from error
    return found


def _readable(vault: Held, copy: Path, found: Repaired) -> None:
    """Copy the database, for reading alone changes it; or its newest backup where it can't be opened."""
    earlier = vault.folder / EARLIER_DATABASE_NAME
    for path in [vault.database, earlier, *sorted((vault.folder / BACKUPS_NAME).glob("*.db"), reverse=True)]:
        _remove(copy)
        for end in ("", "-wal"):
            if path.with_name(path.name + end).is_file():
                shutil.copyfile(path.with_name(path.name + end), copy.with_name(copy.name + end))
        try:
            _opened(copy, vault.database_key).conn.close()
        except AssistantError:
            continue
        if path != vault.database:
            found.lost.append(f"the database can't be opened: {_called(path)} was taken, later changes are lost")
        return
    raise VaultDamaged("Neither the database nor a backup of it can be opened.", "Nothing was changed.")


def _called(path: Path) -> str:
    return "the one from before the last update" if path.name == EARLIER_DATABASE_NAME else f"its backup of {path.stem}"


def _remove(copy: Path) -> None:
    for path in copy.parent.glob(copy.name + "*"):
        path.unlink()


def _opened(path: Path, key: bytes) -> Database:
    if not path.is_file() or not path.stat().st_size:
        raise VaultDamaged
    db = open_database(path, key)
    try:
        with translated():
            db.execute("SELECT count(*) FROM recordings WHERE rowid = 1").fetchone()
    except BaseException:
        db.conn.close()
        raise
    return db


def _fresh(path: Path, key: bytes) -> Database:
    db = open_database(path, key)
    try:
        with translated():
            db.execute("BEGIN")
            create_tables(db)
            db.execute("COMMIT")
    except BaseException:
        db.conn.close()
        raise
    return db


class _Source:
    """Rows of a damaged database; after an error it is opened anew, for one bad page spoils a connection."""

    def __init__(self, path: Path, key: bytes) -> None:
        self._path, self._key = path, key
        self._db: Database | None = None

    def ask(self, question: str, values: Sequence[Any] = ()) -> Iterator[Any]:
        """Rows until the first that can't be read, which raises VaultDamaged."""
        try:
            with translated():
                if self._db is None:
                    self._db = open_database(self._path, self._key)
                yield from self._db.execute(question, values)
        except AssistantError as error:
            self.close()
            raise VaultDamaged from error

    def columns(self, table: str) -> list[str]:
        """The table's columns."""
        return [row[1] for row in self.ask(f"PRAGMA table_info({table})")]

    def last(self, table: str) -> int | None:
        """The highest number of a row, from the table or from one of its indexes; None if none can be read."""
        try:
            indexes = [row[1] for row in self.ask(f"PRAGMA index_list({table})")]
        except VaultDamaged:
            indexes = []
        for hint in ("NOT INDEXED", *(f'INDEXED BY "{name}"' for name in indexes if not name.startswith("sqlite_"))):
            try:
                return next(self.ask(f"SELECT coalesce(max(rowid), 0) FROM {table} {hint}"))[0]  # type: ignore[no-any-return]
            except VaultDamaged:
                continue
        return None

    def has_root(self, table: str) -> bool:
        """Whether rows can be looked up at all: every way to one leads through the table's first page."""
        for number in (-1, *(2**power for power in range(63))):
            try:
                next(self.ask(f"SELECT rowid FROM {table} NOT INDEXED WHERE rowid = ?", [number]), None)
            except VaultDamaged:
                continue
            return True
        return False

    def close(self) -> None:
        """Close the connection; the next question opens another."""
        if self._db is not None:
            self._db.conn.close()
            self._db = None


def _rows(source: _Source, table: str, columns: str, count_lost: Callable[[], None]) -> Iterator[Any]:
    """Every row that can be read: in one go where that works, else one number after the other."""
    last = source.last(table)
    if last is None and not source.has_root(table):
        raise VaultDamaged  # else every number would be tried in vain
    at, misses = 0, 0
    while last is None or at < last:
        try:
            for row in source.ask(f"SELECT rowid, {columns} FROM {table} WHERE rowid > ? ORDER BY rowid", [at]):
                at, misses = row[0], 0
                yield row[1:]
            return
        except VaultDamaged:
            pass
        while last is None or at < last:  # by number until one can be read again
            at += 1
            try:
                row = next(source.ask(f"SELECT rowid, {columns} FROM {table} WHERE rowid = ?", [at]), None)
            except VaultDamaged:
                count_lost()
                row = None
            if row is not None:
                misses = 0
                yield row[1:]
                break
            misses += 1
            if last is None and misses > _MISSES:
                return


def _save_table(source: _Source, db: Database, table: str, found: Repaired) -> None:
    lost = 0

    def count_lost() -> None:
        nonlocal lost
        lost += 1

    found.saved[table] = 0
    try:
        there = source.columns(table)
        if not there:
            return  # a table of later versions than this vault's
        with translated():
            columns = [c for c in (r[1] for r in db.execute(f"PRAGMA table_info({table})")) if c in there]
            names = ", ".join(f'"{name}"' for name in columns)
            insert = f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(columns))})"
            db.execute("BEGIN")
            for row in _rows(source, table, names, count_lost):
                if _inserted(db, insert, row, table, dict(zip(columns, row, strict=True))):
                    found.saved[table] += 1
                    if not found.saved[table] % _TOGETHER:
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


def _inserted(db: Database, insert: str, row: Sequence[Any], table: str, named: dict[str, Any]) -> bool:
    try:
        _own(db, table, named)
        db.execute(insert, row)
    except driver.IntegrityError:  # the same id twice: an index and its table were of different times
        return False
    return True


def _own(db: Database, table: str, row: dict[str, Any]) -> None:
    """Words whose owner was lost get one in its place, so that they are saved too."""
    recording = row["recording"] if table in ("utterances", "conversations") else None
    if recording and not db.execute("SELECT 1 FROM recordings WHERE id = ?", [recording]).fetchone():
        db.execute(
            "INSERT INTO recordings (id, title, is_titled, date, imported, duration, state, layout, left_name, "
            "right_name, is_truncated, wants_summary, content_hash, media_key, survey) VALUES "
            "(?, ?, 1, '2000-01-01T00:00:00+00:00', '2000-01-01T00:00:00+00:00', 0, 'transcribed', 'two_sided', "
            "'Left', 'Right', 1, 0, ?, ?, ?)",
            [recording, _RECOVERED, secrets.token_bytes(32), secrets.token_bytes(32), b""],
        )
    conversation = row["conversation"] if table == "messages" else None
    if conversation and not db.execute("SELECT 1 FROM conversations WHERE id = ?", [conversation]).fetchone():
        db.execute(
            "INSERT INTO conversations (id, title, updated) VALUES (?, ?, '2000-01-01T00:00:00+00:00')",
            [conversation, _RECOVERED],
        )


def _no_survey() -> bytes:
    """For a call whose survey was lost: its sound plays without a picture of it."""
    return msgspec.msgpack.encode(Survey(0.0, 2, (-120.0, -120.0), 0.0, b"", True, ""))


def _save_media(db: Database, old: Path, new: Path, found: Repaired) -> None:
    with translated():
        rows: list[tuple[str, bytes]] = db.execute("SELECT id, media_key FROM recordings ORDER BY id").fetchall()
    for id_, key in rows:
        source, target = old / f"{id_}.sealed", new / f"{id_}.sealed"
        bad, total = _save_sound(source, target, key)
        if not bad and total:
            continue
        what = f"{bad} of {total} frames can't be read, silence stands for them" if total else "nothing can be read"
        found.lost.append(f"sound of {id_}: {what}")
        with translated():  # its hash no longer fits, so that importing the file again brings it in whole
            db.execute(
                "UPDATE recordings SET is_truncated = 1, content_hash = ? WHERE id = ?", [secrets.token_bytes(32), id_]
            )
    sync_folder(new)


def _save_sound(source: Path, target: Path, key: bytes) -> tuple[int, int]:
    """Seal anew each whole frame of a file, up to the last; (frames lost, frames there were)."""
    writer = SealedWriter(target, key)
    bad = total = 0
    hole = 0  # bytes of frames that can't be read; written only if a whole one follows
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
            if not reader.is_finished:  # the last frame was cut off or changed
                total += 1
                bad += 1
    except VaultDamaged:
        bad = total = 0  # the header is gone, and with it the key of every frame
    writer.close()
    return bad, total


def _sync(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())
    sync_folder(path.parent)
