"""The vault: one folder, one owner, one writer at a time."""

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from app.core.errors import AssistantError, VaultDamaged, VaultError, VaultMissing, VaultTooNew
from app.core.files import disk_error, sync_folder
from app.storage.database import migration, schema
from app.storage.database.commits import count_commit
from app.storage.database.connection import Database, open_database, translate_database_errors
from app.storage.database.header_history import note_header, was_replaced
from app.storage.database.integrity import call_ids_in, inspect_copy
from app.storage.database.log_pair import require_own_log
from app.storage.files.layout import (
    BACKUPS_NAME,
    CREATING_NAME,
    DATABASE_NAME,
    HEADER_NAME,
    LOCK_NAME,
    MEDIA_NAME,
    vault_exists,
)
from app.storage.files.lock_file import LockFile
from app.storage.keys import slots, vault_header
from app.storage.keys.kdf_cost import KdfCost
from app.storage.keys.memory_lock import lock_in_memory

_OWES_ERASING = 1163018579
_STEPS = 20_000  # SQLite virtual machine instructions between checks whether the copy is still wanted

_HEADLESS = "A vault without its header lies in this folder."
_PUT_IT_BACK = "It was left as it is; restore a backup here, put vault.hdr back, or choose another folder."


class Vault:
    """An open vault. Reads use one connection per thread; writes are serialised."""

    def __init__(self, folder: Path, master: bytes, lock: LockFile) -> None:
        self.folder = folder
        self.media_folder = folder / MEDIA_NAME
        self.is_migrated = False  # during this start
        self.has_replaced_header = False  # it was opened by a header from before a change, which was put back
        self.recovery_key: str | None = None  # only for a vault just created: the one moment when it can be shown
        self._lock = lock
        self.database_key = vault_header.database_key(master)
        self.backup_key = vault_header.subkey(master, "tacit backup v1")
        self.header_key = vault_header.header_key(master)
        for key in (self.database_key, self.backup_key, self.header_key):
            lock_in_memory(key)
        self._write_lock = threading.RLock()
        self._deletions = 0
        self._thread_local = threading.local()
        self._connections: list[Database] = []
        self._connections_lock = threading.Lock()
        self._prepare(is_new=not (folder / DATABASE_NAME).exists())

    @classmethod
    def create(cls, folder: Path, passphrase: str, cost: KdfCost | None = None) -> "Vault":
        """Create a vault in `folder`, which must not hold one yet; without `cost`, the KDF cost is measured first.

        Raises:
            VaultError: the folder already holds a vault.
            VaultDamaged: the folder holds a vault without its header, which may still come back.
            VaultInUse: another process is creating or using a vault there.
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
            _require_no_headless_vault(folder)
            header, master = vault_header.new_header(passphrase, cost)
            header, recovery_key = vault_header.with_recovery(header, master)
            # The header comes last: a creation that was cut off leaves no vault, and simply starts again. Its mark
            # tells its database from that of a vault whose header has not arrived yet.
            _mark_creation(folder)
            for leftover in folder.glob(DATABASE_NAME + "*"):
                leftover.unlink()
            vault = cls(folder, master, lock)
            try:
                vault_header.write_header(folder / HEADER_NAME, header)
            except BaseException:
                vault.close()
                raise
            with suppress(OSError):  # beside a header it means nothing
                (folder / CREATING_NAME).unlink()
            vault._judge_header(header)
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
            _ensure_media_folder(folder / MEDIA_NAME)
            require_own_log(folder / DATABASE_NAME, vault_header.database_key(unlocked.master))
            vault = cls(folder, unlocked.master, lock)
            vault._judge_header(unlocked.header)
            slots.discard_earlier_headers(folder, unlocked)
            if not vault.is_migrated:
                with suppress(AssistantError):
                    migration.remove_earlier_database(folder)
            return vault
        except BaseException:
            lock.release()
            raise

    def read(self) -> Database:
        """Return this thread's connection, for reading."""
        db: Database | None = getattr(self._thread_local, "db", None)
        if db is None:
            db = open_database(self.folder / DATABASE_NAME, self.database_key)
            self._thread_local.db = db
            with self._connections_lock:
                self._connections.append(db)
        return db

    def rows(self, question: str, values: Sequence[Any] | dict[str, Any] = ()) -> list[Any]:
        """All rows of a query, on this thread's connection.

        Raises:
            VaultDamaged: a page the query needs fails its check.
        """
        with translate_database_errors():
            return self.read().execute(question, values).fetchall()

    def row(self, question: str, values: Sequence[Any] | dict[str, Any] = ()) -> Any:
        """The first row of a query, or None."""
        return next(iter(self.rows(question, values)), None)

    @contextmanager
    def write(self) -> Iterator[Database]:
        """Run one transaction: on disk once the block ends, rolled back if the block raises."""
        with self._write_lock, translate_database_errors():
            db = self.read()
            if _is_writing(db):  # a nested write joins the outer one
                yield db
                return
            db.execute("BEGIN IMMEDIATE")
            before = db.conn.total_changes
            try:
                yield db
                if db.conn.total_changes != before:
                    count_commit(db)
                db.execute("COMMIT")
            except BaseException:
                if _is_writing(db):
                    db.execute("ROLLBACK")
                raise

    def mark_erasure_owed(self, db: Database) -> None:
        """Record, in the transaction that deletes something, that its traces must still be erased; survives a crash."""
        db.execute(f"PRAGMA application_id = {_OWES_ERASING}")
        self._deletions += 1

    @property
    def deletions(self) -> int:
        """How many deletions there have been since the start; waits for one in progress."""
        with self._write_lock:
            return self._deletions

    def erase_traces(self) -> bool:
        """Rewrite the database and empty its log if anything was deleted since; return whether no traces remain.

        SQLite overwrites what it deletes, but not the copies it leaves when it moves rows between pages (measured),
        and the log holds earlier versions of pages. If the disk or a reader prevents it, a later call does it.
        """
        with self._write_lock, suppress(AssistantError), translate_database_errors():
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
        """Write the current database to a new file, under the same key; return the ids of its calls.

        The file is checked once written. `checkpoint` is called from time to time, and may raise to cancel.

        Raises:
            VaultDamaged: a page fails its check; nothing is left at `path`.
            NotEnoughSpace, VaultUnwritable: the disk refuses; nothing is left either.
        """
        try:
            with translate_database_errors():
                path.touch(0o600, exist_ok=False)
            self._copy_into(path, checkpoint)
            for finding in inspect_copy(path, self.database_key):
                checkpoint()
                if not finding.is_good:
                    raise VaultDamaged(f"The copy of the database is not whole: {finding.detail}")
            return call_ids_in(path, self.database_key)
        except BaseException:
            path.unlink(missing_ok=True)
            raise

    def _copy_into(self, path: Path, checkpoint: Callable[[], None]) -> None:
        db, ended = self.read(), False

        def has_ended() -> bool:
            nonlocal ended
            try:
                checkpoint()
            except Exception:  # noqa: BLE001 - raised again below, where the driver can't swallow it
                ended = True
            return ended

        db.conn.set_progress_handler(has_ended, _STEPS)
        try:
            with translate_database_errors():
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
    def pause_writes(self) -> Iterator[Database]:
        """Hold off every write, and yield a separate connection to the database."""
        # Separate, because FTS5 checks what a connection has cached of the index, and calls it corrupt if another
        # connection has written since (measured with SQLite 3.53).
        db = open_database(self.folder / DATABASE_NAME, self.database_key)
        try:
            with self._write_lock:
                yield db
        finally:
            db.conn.close()

    def close(self) -> None:
        """Close every connection, fold the log into the database, and release the lock."""
        with self._write_lock:
            with self._connections_lock:
                connections, self._connections = self._connections, []
            for number, db in enumerate(connections):
                try:
                    if number == len(connections) - 1:
                        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                except Exception:  # noqa: BLE001, S110 - the rest must still close; the next start replays the log
                    pass
                db.conn.close()
            self._thread_local = threading.local()
            self.database_key = self.backup_key = self.header_key = b""
            self._lock.release()

    def _judge_header(self, header: vault_header.Header) -> None:
        """Note the header that opened the vault, or that it is one which was replaced."""
        # Damage is met where the database is read, and keeps nobody out here.
        with suppress(AssistantError), translate_database_errors():
            self.has_replaced_header = was_replaced(self.read(), header.mac)
            with self.write() as db:
                note_header(db, header.mac)

    def _prepare(self, *, is_new: bool) -> None:
        """Create the tables, or migrate them to this version."""
        try:
            with translate_database_errors():
                version = self.read().execute("PRAGMA user_version").fetchone()[0]
            if version > schema.VERSION:
                raise VaultTooNew
            if is_new:
                with self.write() as db:
                    schema.create_tables(db)
            elif not version:  # the driver takes a file truncated to nothing for a new one
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
        with self._connections_lock:
            connections, self._connections = self._connections, []
        for db in connections:
            db.conn.close()
        self._thread_local = threading.local()


def _require_no_headless_vault(folder: Path) -> None:
    """Require that nothing of a vault lies here but what a creation that was cut off left.

    Raises:
        VaultDamaged: there is a database, sound or a copy, and no header.
    """
    found = any(folder.glob(f"{MEDIA_NAME}/*.sealed")) or any((folder / BACKUPS_NAME).glob("*.db"))
    if found or (any(folder.glob(DATABASE_NAME + "*")) and not (folder / CREATING_NAME).exists()):
        raise VaultDamaged(_HEADLESS, _PUT_IT_BACK)


def _mark_creation(folder: Path) -> None:
    try:
        (folder / CREATING_NAME).touch(0o600)
        sync_folder(folder)
    except OSError as error:
        raise disk_error(error) from error


def _ensure_media_folder(media: Path) -> None:
    """Recreate the media folder: programs that copy or synchronise a vault may leave out an empty one."""
    with suppress(OSError):  # a folder that can't be written can still be read
        media.mkdir(mode=0o700, exist_ok=True)


def _is_writing(db: Database) -> bool:
    return bool(db.conn.in_transaction)
