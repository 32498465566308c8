"""Restoring a backup: unpacked beside the vault's folder, checked as a stranger's file, then put in its place."""

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec

from app.core.errors import AssistantError, VaultDamaged, VaultError, WrongPassphrase
from app.core.files import disk_error, sync_folder
from app.storage.database.connection import Database, replace_key, translate_database_errors
from app.storage.database.header_history import forget_headers
from app.storage.database.integrity import Finding, inspect_database, open_existing
from app.storage.files.backup_archive import ArchiveReader
from app.storage.files.layout import (
    DATABASE_NAME,
    HEADER_NAME,
    LOCK_NAME,
    MANIFEST_NAME,
    MEDIA_NAME,
    sound_path,
    vault_exists,
)
from app.storage.files.lock_file import LockFile
from app.storage.keys import slots, vault_header
from app.storage.keys.kdf_cost import KdfCost
from app.storage.offline_vault import OfflineVault
from app.storage.safety import folder_swap
from app.storage.safety.backups import Meter, Watch, ignore_progress
from app.storage.safety.foreign_database import DO_NOT_TRUST, NOT_WHOLE, USE_ANOTHER, refusal, take_over
from app.storage.safety.integrity import inspect_media

_TIME_RESOLUTION = 2.0  # seconds to which some file systems round file times
_UNREAD_NAME = DATABASE_NAME + ".unread"  # as it came: another process opens it, and this one never
_LARGEST_MANIFEST = 65_536  # bytes; what is written has about 100
_MOST_CALLS = 1_000_000
_EARLIEST, _LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(9998, 1, 1, tzinfo=UTC)  # in every time zone
_CHOOSE_ANOTHER = "Nothing was changed; choose one that nobody else knows."
_CHECK_DISK = "Nothing was replaced; check the disk, and restore the backup again."
_DAMAGED = "This backup is damaged."


_Entries = Iterator[tuple[str, int, Iterator[bytes]]]
_NOTHING: tuple[str, int, Iterator[bytes]] = ("", 0, iter(()))


class _Manifest(msgspec.Struct):
    made: Annotated[datetime, msgspec.Meta(tz=True)]
    recordings: Annotated[int, msgspec.Meta(ge=0, le=_MOST_CALLS)]
    sounds: Annotated[int, msgspec.Meta(ge=0, le=_MOST_CALLS)] = 0


class StagedRestore:
    """A backup unpacked beside a vault's folder and checked; nothing has been replaced yet.

    Raises:
        WrongPassphrase, VaultTooNew, VaultDamaged: the backup can't be used.
        VaultError: the folder holds something other than a vault.
        VaultInUse: the vault it would replace is open.
        NotEnoughSpace, VaultUnwritable: the disk refuses.
    """

    def __init__(self, file: Path, folder: Path, passphrase: str, watch: Watch = ignore_progress) -> None:
        self.folder = folder
        self.made = datetime.min.replace(tzinfo=UTC)
        self.calls = 0
        self._has_ended = False
        self._fresh = folder_swap.replacement_folder(folder)
        self._vault = b""
        try:
            folder_swap.undo_interrupted_swap(folder)
            if not vault_exists(folder) and folder_swap.holds_foreign_files(folder):
                raise VaultError("This folder is not empty, and holds no vault.", "Nothing was changed; name another.")
            is_there = vault_exists(folder) or (folder / DATABASE_NAME).exists()  # its header may be lost
            self._lock = LockFile(folder / LOCK_NAME) if is_there else None
        except OSError as error:
            raise disk_error(error) from error
        try:
            self._fresh.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._claim = LockFile(self._fresh / LOCK_NAME)  # two restores at once would mix two backups
        except BaseException as error:
            if self._lock is not None:
                self._lock.release()
            if isinstance(error, OSError):
                raise disk_error(error) from error
            raise
        try:
            for left in self._fresh.iterdir():  # left by an interrupted restore
                if left.is_dir():
                    shutil.rmtree(left)
                elif left.name != LOCK_NAME:
                    left.unlink()
            (self._fresh / MEDIA_NAME).mkdir(mode=0o700)
            self._held = self._unpack(file, passphrase, watch)
            self.findings = self._check(self._held)
        except OSError as error:
            self.give_up()
            raise disk_error(error) from error
        except BaseException:
            self.give_up()
            raise

    @property
    def is_over(self) -> bool:
        """Whether it was finished or given up, so that nothing is left to be put in place."""
        return self._has_ended

    @property
    def replaces(self) -> bool:
        """Whether a vault would be replaced."""
        return self._lock is not None

    @property
    def replaces_newer_vault(self) -> bool:
        """Whether the vault to be replaced was changed after the backup was made; assumed where it can't be told."""
        if not self.replaces:
            return False
        files = [
            *self.folder.glob(HEADER_NAME + "*"),
            *self.folder.glob(DATABASE_NAME + "*"),
            *self.folder.glob(f"{MEDIA_NAME}/*"),
        ]
        since = self.made.timestamp() - _TIME_RESOLUTION
        has_wrong_clock = self.made > datetime.now(UTC)
        return has_wrong_clock or any(path.stat().st_mtime > since for path in files if path.exists())

    @property
    def replaces_other_vault(self) -> bool:
        """Whether the vault to be replaced is a different one from the one backed up."""
        if not self.replaces:
            return False
        try:
            return vault_header.read_header(slots.usable_header_path(self.folder)).vault != self._vault
        except AssistantError:
            return False  # nothing can open it any more

    def make_new_keys(self, passphrase: str, cost: KdfCost | None = None) -> str:
        """Give what was unpacked a new master key, under a new passphrase and the recovery key that is returned. Slow.

        Nothing that opened the backup opens the vault then. Each recording keeps the key of its sound, which whoever
        made the backup has anyway; what is imported later has a new one, which only the new master key leads to.

        Raises:
            VaultError: the passphrase is one that opens the backup; choose another.
            VaultDamaged, VaultUnwritable, NotEnoughSpace: the disk refuses; what was unpacked is removed.
        """
        before = vault_header.read_header(self._held.header)
        if _opens(before, passphrase):
            raise VaultError("This passphrase opens the backup itself.", _CHOOSE_ANOTHER)
        try:
            header, master = vault_header.new_header(passphrase, cost)
            header, recovery_key = vault_header.with_recovery(header, master)
            held = OfflineVault(self._fresh, master)
            replace_key(held.database, self._held.database_key, held.database_key)
            db = open_existing(held.database, held.database_key)
            try:
                with translate_database_errors():
                    forget_headers(db)
                if not all(finding.is_good for finding in inspect_database(db)):
                    raise VaultDamaged("The disk did not keep what was written to it.", _CHECK_DISK)
            finally:
                db.conn.close()
            vault_header.write_header(held.header, header)
        except BaseException:
            self.give_up()
            raise
        self._held = held
        return recovery_key

    def finish(self) -> None:
        """Put the restored vault in place; the folder it replaces is kept until the next good start."""
        if not self.replaces and vault_exists(self.folder):
            self.give_up()
            raise VaultError("A vault was made there meanwhile.", "It was left as it is; restore again to replace it.")
        try:
            if os.name == "nt":  # pragma: no cover - an open file can't be moved there
                self._release()
            folder_swap.swap(self.folder)
        except OSError as error:
            raise disk_error(error) from error
        finally:
            self.give_up()

    def give_up(self) -> None:
        """Remove what was unpacked, and leave everything as it was."""
        if not self._has_ended:  # after that, another restore may have begun
            self._has_ended = True
            shutil.rmtree(self._fresh, ignore_errors=True)
            self._release()

    def _release(self) -> None:
        self._claim.release()
        if self._lock is not None:
            self._lock.release()

    def _unpack(self, file: Path, passphrase: str, watch: Watch) -> OfflineVault:
        with ArchiveReader(file) as reader:  # first, because it says properly that there is no backup
            meter = Meter("Unpacking", file.stat().st_size, watch)
            header = self._fresh / HEADER_NAME
            header.write_bytes(reader.vault_header)
            try:
                read = vault_header.read_header(header)
                master, self._vault = vault_header.unwrap_master_key(read, passphrase), read.vault
            except VaultDamaged as error:
                raise VaultDamaged(_DAMAGED, USE_ANOTHER) from error
            held = OfflineVault(self._fresh, master)
            entries = reader.entries(vault_header.subkey(master, "tacit backup v1"))
            self._take_manifest(entries)
            self._take_database(entries, held, meter)
            self._take_sound(entries, _calls_in(held), meter)
            _sync_file(header)
        sync_folder(self._fresh / MEDIA_NAME)
        sync_folder(self._fresh)
        sync_folder(self._fresh.parent)
        return held

    def _take_manifest(self, entries: _Entries) -> None:
        name, size, blocks = next(entries, _NOTHING)
        if name != MANIFEST_NAME or size > _LARGEST_MANIFEST:  # before any of it is read
            raise VaultDamaged("This backup does not begin with the list that Tacit writes.", DO_NOT_TRUST)
        try:
            manifest = msgspec.json.decode(b"".join(blocks), type=_Manifest)
            if not _EARLIEST <= manifest.made <= _LATEST:
                raise ValueError
        except (ValueError, OverflowError, RecursionError) as error:  # msgspec's own errors are ValueErrors
            raise VaultDamaged("The list in this backup is not one that Tacit writes.", DO_NOT_TRUST) from error
        self.made = manifest.made.astimezone(UTC)

    def _take_database(self, entries: _Entries, held: OfflineVault, meter: Meter) -> None:
        name, _, blocks = next(entries, _NOTHING)
        if name != DATABASE_NAME:
            raise VaultDamaged("This backup has no database where Tacit writes it.", DO_NOT_TRUST)
        unread = held.database.with_name(_UNREAD_NAME)
        _store(unread, meter.metered(blocks))
        take_over(unread, held.database_key, held.database, meter.repeat)
        unread.unlink()

    def _take_sound(self, entries: _Entries, calls: set[str], meter: Meter) -> None:
        """Store the sound of calls of the database, each once; a name is made of an id and never taken as it is."""
        self.calls = len(calls)
        awaited = {
            f"{MEDIA_NAME}/{path.name}": path for path in (sound_path(self._fresh / MEDIA_NAME, c) for c in calls)
        }
        for name, _, blocks in entries:
            if name not in awaited:
                raise VaultDamaged("This backup has a file that belongs to none of its calls.", DO_NOT_TRUST)
            _store(awaited.pop(name), meter.metered(blocks))

    def _check(self, held: OfflineVault) -> list[str]:
        """Require an intact database; return findings on sound that was already damaged when the backup was made."""
        db = open_existing(held.database, held.database_key)
        try:
            findings = [*inspect_database(db), *inspect_media(db, held.media)]
        finally:
            db.conn.close()
        bad = [finding for finding in findings if not finding.is_good]
        if any(not _is_of_sound(finding) for finding in bad):
            raise VaultDamaged(NOT_WHOLE, USE_ANOTHER)
        return [f"{finding.name}: {finding.detail}" for finding in bad]


def _opens(header: vault_header.Header, secret: str) -> bool:
    try:
        vault_header.unwrap_master_key(header, secret)
    except WrongPassphrase:
        return False
    return True


def _calls_in(held: OfflineVault) -> set[str]:
    """The ids of the calls of the database that was just written."""
    db = open_existing(held.database, held.database_key)
    try:
        return _ids(db)
    except VaultDamaged as error:
        raise refusal(error.title) from error
    finally:
        db.conn.close()


def _ids(db: Database) -> set[str]:
    with translate_database_errors():
        if db.execute("SELECT count(*) FROM recordings").fetchone()[0] > _MOST_CALLS:
            raise VaultDamaged("It holds more calls than Tacit can keep.")
        return {id_ for (id_,) in db.execute("SELECT id FROM recordings").fetchall()}


def _store(path: Path, blocks: Iterator[bytes]) -> None:
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0), 0o600)
    with os.fdopen(descriptor, "wb") as file:
        for block in blocks:
            file.write(block)
        file.flush()
        os.fsync(file.fileno())


def _is_of_sound(finding: Finding) -> bool:
    return finding.name.startswith(("sound of ", "file "))


def _sync_file(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())
