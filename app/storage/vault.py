"""The vault: one folder, one owner, one writer at a time."""

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from app.core.errors import AssistantError, VaultDamaged, VaultError, VaultMissing, VaultTooNew
from app.core.files import disk_error
from app.storage.database import migration, schema
from app.storage.database.connection import Database, open_database, translated
from app.storage.database.integrity import inspect_copy, recordings_in
from app.storage.files.layout import BACKUPS_NAME, DATABASE_NAME, HEADER_NAME, LOCK_NAME, MEDIA_NAME, vault_exists
from app.storage.files.lock_file import LockFile
from app.storage.keys import slots, vault_header
from app.storage.keys.kdf_cost import Cost
from app.storage.keys.memory_lock import stays_in_memory

_OWES_ERASING = 1163018579
_STEPS = 20_000  # of the database's machine between two looks at whether a copy is still wanted

_HEADLESS = "A vault without its header lies in this folder."
_PUT_IT_BACK = "It was left as it is; restore a backup here, put vault.hdr back, or choose another folder."


class Vault:
    """An open vault. Reads use one connection a thread; writes take turns."""

    def __init__(self, folder: Path, master: bytes, lock: LockFile) -> None:
        self.folder = folder
        self.media_folder = folder / MEDIA_NAME
        self.is_migrated = False  # at this start
        self.recovery_key: str | None = None  # of a vault that was just made: the one moment when it can be shown
        self._lock = lock
        self.database_key = vault_header.subkey(master, "tacit database v1")
        self.backup_key = vault_header.subkey(master, "tacit backup v1")
        self.header_key = vault_header.header_key(master)
        for key in (self.database_key, self.backup_key, self.header_key):
            stays_in_memory(key)
        self._writing = threading.RLock()
        self._deletions = 0
        self._mine = threading.local()
        self._all: list[Database] = []
        self._opened = threading.Lock()
        self._prepare(is_new=not (folder / DATABASE_NAME).exists())

    @classmethod
    def create(cls, folder: Path, passphrase: str, cost: Cost | None = None) -> "Vault":
        """Make a vault in `folder`, which may not hold one yet; without a `cost` it is measured here and now.

        Raises:
            VaultDamaged: there is one whose header is gone; its header may still come back.
            VaultInUse: another process is making or using one there.
            VaultUnwritable, NotEnoughSpace: the disk refuses.
        """
        try:
            (folder / MEDIA_NAME).mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise disk_error(error) from error
        lock = LockFile(folder / LOCK_NAME)
        try:
            if vault_exists(folder):
                advice = "It was left as it is; open it, or choose another folder."
                raise VaultError("There is a vault in this folder already.", advice)
            copies = (folder / BACKUPS_NAME).glob("*.db")
            if any(folder.glob(f"{MEDIA_NAME}/*.sealed")) or any(copies):
                raise VaultDamaged(_HEADLESS, _PUT_IT_BACK)
            header, master = vault_header.fresh_header(passphrase, cost)
            header, recovery_key = vault_header.with_recovery(header, master)
            # The header comes last: a vault that was cut off while it was made is none, and is made again.
            for leftover in folder.glob(DATABASE_NAME + "*"):
                leftover.unlink()
            vault = cls(folder, master, lock)
            try:
                vault_header.write_header(folder / HEADER_NAME, header)
            except BaseException:
                vault.close()
                raise
            vault.recovery_key = recovery_key
            return vault
        except BaseException:
            lock.release()
            raise

    @classmethod
    def open(cls, folder: Path, passphrase: str) -> "Vault":
        """Open the vault in `folder` with its passphrase or its recovery key.

        Raises:
            VaultMissing, VaultInUse, WrongPassphrase, VaultTooNew, VaultDamaged, VaultUnwritable.
        """
        if not vault_exists(folder):
            raise VaultMissing
        lock = LockFile(folder / LOCK_NAME)
        try:
            unlocked = slots.unlock(folder, passphrase)
            if not (folder / DATABASE_NAME).is_file():
                raise VaultDamaged("The vault's database is missing.")
            _with_its_folder(folder / MEDIA_NAME)
            vault = cls(folder, unlocked.master, lock)
            slots.settle(folder, unlocked)
            if not vault.is_migrated:
                with suppress(AssistantError):
                    migration.forget_earlier(folder)
            return vault
        except BaseException:
            lock.release()
            raise

    def read(self) -> Database:
        """This thread's connection, for reading."""
        db: Database | None = getattr(self._mine, "db", None)
        if db is None:
            db = open_database(self.folder / DATABASE_NAME, self.database_key)
            self._mine.db = db
            with self._opened:
                self._all.append(db)
        return db

    def rows(self, question: str, values: Sequence[Any] | dict[str, Any] = ()) -> list[Any]:
        """All rows of a question, on this thread's connection.

        Raises:
            VaultDamaged: a page that it needs fails its check.
        """
        with translated():
            return self.read().execute(question, values).fetchall()

    def row(self, question: str, values: Sequence[Any] | dict[str, Any] = ()) -> Any:
        """The first row of a question, or None."""
        return next(iter(self.rows(question, values)), None)

    @contextmanager
    def write(self) -> Iterator[Database]:
        """One transaction; it is on disk when the block has ended, and undone if the block raises."""
        with self._writing, translated():
            db = self.read()
            if _is_writing(db):  # a write within a write is part of it
                yield db
                return
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
                db.execute("COMMIT")
            except BaseException:
                if _is_writing(db):
                    db.execute("ROLLBACK")
                raise

    def owe_erasing(self, db: Database) -> None:
        """Note in a transaction that deletes something that its traces are to go: a crash does not forget it."""
        db.execute(f"PRAGMA application_id = {_OWES_ERASING}")
        self._deletions += 1

    @property
    def deletions(self) -> int:
        """How many deletions there were since the start; one that is under way is waited for."""
        with self._writing:
            return self._deletions

    def erase_traces(self) -> bool:
        """Rewrite the database and empty its log if something was deleted since the last time; whether it is clean.

        SQLite overwrites what it deletes, but not what it left behind when it moved rows between pages (measured);
        and the log holds pages as they were before. Where the disk or a reader forbids it, a later call does it.
        """
        with self._writing, suppress(AssistantError), translated():
            db = self.read()
            if _is_writing(db):
                return False
            if db.execute("PRAGMA application_id").fetchone()[0] != _OWES_ERASING:
                return True
            db.execute("VACUUM")
            db.execute("PRAGMA busy_timeout = 200")
            try:
                busy, *_ = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            finally:
                db.execute("PRAGMA busy_timeout = 5000")
            if not busy:
                db.execute("PRAGMA application_id = 0")
                return True
        return False

    def snapshot(self, path: Path, checkpoint: Callable[[], None] = lambda: None) -> list[str]:
        """Write the database as it stands now to a new file, under the same key; the ids of its recordings.

        What was written is checked. `checkpoint` is called now and then, and may raise to end it.

        Raises:
            VaultDamaged: a page fails its check; nothing is left at `path`.
            NotEnoughSpace, VaultUnwritable: the disk refuses; likewise.
        """
        try:
            with translated():
                path.touch(0o600, exist_ok=False)
            self._copy_into(path, checkpoint)
            for finding in inspect_copy(path, self.database_key):
                checkpoint()
                if not finding.is_good:
                    raise VaultDamaged(f"The copy of the database is not whole: {finding.detail}")
            return recordings_in(path, self.database_key)
        except BaseException:
            path.unlink(missing_ok=True)
            raise

    def _copy_into(self, path: Path, checkpoint: Callable[[], None]) -> None:
        db, ended = self.read(), False

        def has_ended() -> bool:
            nonlocal ended
            try:
                checkpoint()
            except Exception:  # noqa: BLE001 - it is raised again below, where the driver does not swallow it
                ended = True
            return ended

        db.conn.set_progress_handler(has_ended, _STEPS)
        try:
            with translated():
                db.execute("VACUUM INTO ?", [str(path)])
                with path.open("rb+") as file:
                    os.fsync(file.fileno())
        except AssistantError:
            if ended:
                checkpoint()
            raise
        finally:
            db.conn.set_progress_handler(None, _STEPS)

    @contextmanager
    def standing_still(self) -> Iterator[Database]:
        """A connection of its own to the database; nobody else writes while it is held."""
        # Of its own: FTS5 checks what a connection remembers of the index, and calls it corrupt where another one
        # has written since (measured with SQLite 3.53).
        db = open_database(self.folder / DATABASE_NAME, self.database_key)
        try:
            with self._writing:
                yield db
        finally:
            db.conn.close()

    def close(self) -> None:
        """Close every connection, fold the log into the database, and let the next owner in."""
        with self._writing:
            with self._opened:
                connections, self._all = self._all, []
            for number, db in enumerate(connections):
                try:
                    if number == len(connections) - 1:
                        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                except Exception:  # noqa: BLE001, S110 - closing must go on; the log is replayed at the next start
                    pass
                db.conn.close()
            self._mine = threading.local()
            self.database_key = self.backup_key = self.header_key = b""
            self._lock.release()

    def _prepare(self, *, is_new: bool) -> None:
        """Make the tables, or bring them to this version."""
        try:
            with translated():
                version = self.read().execute("PRAGMA user_version").fetchone()[0]
            if version > schema.VERSION:
                raise VaultTooNew
            if is_new:
                with self.write() as db:
                    schema.create_tables(db)
            elif not version:  # the driver takes a file cut to nothing for a fresh one
                raise VaultDamaged("The vault's database is empty.")
            elif version < schema.VERSION:
                self._close_all()
                migration.migrate(self.folder, self.database_key)
                self.is_migrated = True
                self.read()
        except BaseException:
            self._close_all()
            raise

    def _close_all(self) -> None:
        with self._opened:
            connections, self._all = self._all, []
        for db in connections:
            db.conn.close()
        self._mine = threading.local()


def _with_its_folder(media: Path) -> None:
    """What copies or synchronises a vault may leave out a folder that is empty."""
    with suppress(OSError):  # a folder that can't be written can still be read
        media.mkdir(mode=0o700, exist_ok=True)


def _is_writing(db: Database) -> bool:
    return bool(db.conn.in_transaction)
