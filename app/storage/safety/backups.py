"""Backups: the vault written to one encrypted file and restored from it, and automatic copies of the database."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

from app.core.errors import AssistantError, NotEnoughSpace, VaultDamaged, VaultError
from app.core.files import disk_error, sync_folder
from app.storage.database.integrity import Finding, call_ids_in
from app.storage.files.backup_archive import MAGIC, ArchiveReader, ArchiveWriter
from app.storage.files.layout import BACKUPS_NAME, DATABASE_NAME, HEADER_NAME, LOCK_NAME, MEDIA_NAME, vault_exists
from app.storage.files.lock_file import LockFile
from app.storage.keys import slots, vault_header
from app.storage.offline_vault import OfflineVault
from app.storage.safety import folder_swap
from app.storage.safety.integrity import inspect_vault
from app.storage.vault import Vault

KEPT, WEEKS = 5, 5  # the last five and the newest of each week; beyond five weeks only the very newest
_EVERY = timedelta(days=1)
_STAMP = "%Y-%m-%dT%H-%M-%SZ"
_BLOCK = 1 << 20
_TIME_RESOLUTION = 2.0  # seconds to which some file systems round file times
_PART = ".part"
_SNAPSHOT = "backup" + _PART  # the copy of the database that a backup is written from

Watch = Callable[[str, int, int], None]  # the step, the bytes done and the bytes in total


def ignore_progress(step: str, done: int, total: int) -> None:
    """Ignore progress."""


def write_backup(vault: Vault, path: Path, watch: Watch = ignore_progress) -> list[str]:
    """Write the open vault to `path`, complete and checked or not at all; return what was missing, in sentences.

    `watch` is called with the progress, and cancels by raising.

    Raises:
        VaultError: the file at `path` is not a backup, and is left alone; or `path` lies in the vault's folder; or
            a file of the vault is damaged.
        NotEnoughSpace, VaultUnwritable: the disk refuses.
    """
    if path.resolve().is_relative_to(vault.folder.resolve()):
        raise VaultError("A backup can't lie in the vault's own folder.", "Nothing was written; choose another folder.")
    if path.exists() and not _is_backup(path):
        raise VaultError("There is a file of another kind by that name.", "It was left as it is; choose another name.")
    part, copy = path.with_name(path.name + _PART), vault.folder / _SNAPSHOT
    try:
        part.unlink(missing_ok=True)
        copy.unlink(missing_ok=True)
        missing = _write_archive(vault, vault.snapshot(copy), copy, part, watch)
        _verify_archive(part, vault.backup_key, watch)
        part.replace(path)
        sync_folder(path.absolute().parent)
    except OSError as error:
        raise _write_error(error) from error
    finally:
        for left in (part, copy):
            with suppress(OSError):
                left.unlink(missing_ok=True)
    return missing


def _write_error(error: OSError) -> AssistantError:
    if isinstance(ours := disk_error(error), NotEnoughSpace):
        return ours
    return VaultError("The backup can't be written there.", "The vault was left as it is; choose another folder.")


def _is_backup(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(MAGIC)) == MAGIC
    except OSError:
        return False


def _write_archive(vault: Vault, ids: list[str], copy: Path, part: Path, watch: Watch) -> list[str]:
    header = slots.usable_header_path(vault.folder).read_bytes()
    sounds = [path for id_ in ids if (path := vault.media_folder / f"{id_}.sealed").is_file()]
    manifest = {"made": datetime.now(UTC).isoformat(timespec="seconds"), "recordings": len(ids), "sounds": len(sounds)}
    saved: set[str] = set()
    meter = _Meter("Writing", copy.stat().st_size + sum(map(_size, sounds)), watch)
    writer = ArchiveWriter(part, vault.backup_key, header)
    try:
        encoded = json.dumps(manifest).encode()
        writer.add("manifest.json", len(encoded), [encoded])
        with copy.open("rb") as file:
            writer.add(DATABASE_NAME, copy.stat().st_size, meter.metered(_blocks(file)))
        for sound in sounds:
            with suppress(FileNotFoundError), sound.open("rb") as file:  # the call may have been deleted meanwhile
                size = os.fstat(file.fileno()).st_size
                writer.add(f"{MEDIA_NAME}/{sound.name}", size, meter.metered(_blocks(file)))
                saved.add(sound.stem)
        writer.close()
    except BaseException:
        writer.abandon()
        raise
    return [f"The sound of {id_} is missing from the vault, and from its backup." for id_ in ids if id_ not in saved]


def _size(path: Path) -> int:
    with suppress(OSError):
        return path.stat().st_size
    return 0


def _blocks(file: BinaryIO) -> Iterator[bytes]:
    while block := file.read(_BLOCK):
        yield block


def _verify_archive(path: Path, key: bytes, watch: Watch) -> None:
    meter = _Meter("Checking", path.stat().st_size, watch)
    with ArchiveReader(path) as reader:
        for _, _, blocks in reader.entries(key):
            for _ in meter.metered(blocks):
                pass


class _Meter:
    """Reports the bytes of a step as they pass through."""

    def __init__(self, step: str, total: int, watch: Watch) -> None:
        self._step, self._total, self._watch, self._done = step, total, watch, 0

    def metered(self, blocks: Iterator[bytes]) -> Iterator[bytes]:
        """Yield the blocks unchanged."""
        for block in blocks:
            self._watch(self._step, self._done, self._total)
            self._done += len(block)
            yield block


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
            held = self._unpack(file, passphrase, watch)
            self.findings = self._check(held)
        except OSError as error:
            self.give_up()
            raise disk_error(error) from error
        except BaseException:
            self.give_up()
            raise

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
            meter = _Meter("Unpacking", file.stat().st_size, watch)
            header = self._fresh / HEADER_NAME
            header.write_bytes(reader.vault_header)
            try:
                read = vault_header.read_header(header)
                master, self._vault = vault_header.unwrap_master_key(read, passphrase), read.vault
            except VaultDamaged as error:
                raise VaultDamaged("This backup is damaged.", "Nothing was changed; use another backup.") from error
            for name, _, blocks in reader.entries(vault_header.subkey(master, "tacit backup v1")):
                if name == "manifest.json":
                    self._read_manifest(b"".join(blocks))
                    continue
                self._store(self._fresh / name, meter.metered(blocks))
            _sync_file(header)
        sync_folder(self._fresh / MEDIA_NAME)
        sync_folder(self._fresh)
        sync_folder(self._fresh.parent)
        return OfflineVault(self._fresh, master)

    def _read_manifest(self, raw: bytes) -> None:
        try:
            manifest: dict[str, Any] = json.loads(raw)
            self.made = datetime.fromisoformat(manifest["made"])
            self.calls = int(manifest["recordings"])
        except (ValueError, KeyError, TypeError) as error:
            raise VaultDamaged("This backup is damaged.", "Nothing was changed; use another backup.") from error

    def _store(self, path: Path, blocks: Iterator[bytes]) -> None:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0), 0o600)
        with os.fdopen(descriptor, "wb") as file:
            for block in blocks:
                file.write(block)
            file.flush()
            os.fsync(file.fileno())

    def _check(self, held: OfflineVault) -> list[str]:
        """Require an intact database; return findings on sound that was already damaged when the backup was made."""
        with suppress(VaultDamaged):  # reported below
            call_ids_in(held.database, held.database_key)
        findings = list(inspect_vault(held))
        bad = [finding for finding in findings if not finding.is_good]
        if any(not _is_of_sound(finding) for finding in bad):
            raise VaultDamaged("The database in this backup is not whole.", "Nothing was changed; use another backup.")
        return [f"{finding.name}: {finding.detail}" for finding in bad]


def _is_of_sound(finding: Finding) -> bool:
    return finding.name.startswith(("sound of ", "file "))


def _sync_file(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


# --- Automatic copies of the database ------------------------------------------------------------


def list_copies(folder: Path) -> list[tuple[datetime, Path]]:
    """The automatic copies in a vault's folder with their times, newest first."""
    found = []
    for path in (folder / BACKUPS_NAME).glob("*.db"):
        with suppress(ValueError):
            found.append((datetime.strptime(path.stem, _STAMP).replace(tzinfo=UTC), path))
    return sorted(found, reverse=True)


def is_copy_due(folder: Path, now: datetime) -> bool:
    """Whether the newest copy is older than a day; copies dated in the future don't count."""
    newest = next((made for made, _ in list_copies(folder) if made <= now), None)
    return newest is None or now - newest >= _EVERY


def remove_leftovers(folder: Path) -> None:
    """Remove what an interrupted copy or backup left, which nothing else would clean up."""
    for left in (*(folder / BACKUPS_NAME).glob("*" + _PART + "*"), *folder.glob(_SNAPSHOT + "*")):
        with suppress(OSError):  # retried at the next start
            left.unlink()


def make_copy(
    vault: Vault, now: datetime, *, alone: bool = False, checkpoint: Callable[[], None] = lambda: None
) -> None:
    """Make a copy of the database, and remove those no longer needed; `alone` removes all the others.

    Raises:
        VaultDamaged, NotEnoughSpace, VaultUnwritable, or what `checkpoint` raises: no copy was made or removed.
    """
    folder = vault.folder / BACKUPS_NAME
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        for left in folder.glob("*" + _PART + "*"):
            left.unlink()
        part, final = folder / (now.strftime(_STAMP) + _PART), folder / (now.strftime(_STAMP) + ".db")
        while True:
            deletions = vault.deletions
            vault.snapshot(part, checkpoint)
            if vault.deletions == deletions:
                break
            part.unlink()  # it still holds what was deleted while it was being made
        part.replace(final)
        _date_back(vault.folder, now)
        sync_folder(folder)
        if alone:  # including duplicates made by a synchroniser
            going = {path for path in folder.glob("*.db") if path != final}
        else:
            others = {made: path for made, path in list_copies(vault.folder) if path != final}
            going = {others[made] for made in others.keys() - copies_to_keep(list(others), now)}
        for path in going:
            path.unlink()
        sync_folder(folder)
    except OSError as error:
        raise disk_error(error) from error


def _date_back(folder: Path, now: datetime) -> None:
    """Re-date copies from a clock that was ahead to now; otherwise they'd displace others, and stay too long."""
    copies = list_copies(folder)
    taken, at = {made for made, _ in copies}, now.replace(microsecond=0)
    for made, path in copies:
        if made > now:
            at -= timedelta(seconds=1)
            while at in taken:
                at -= timedelta(seconds=1)
            path.rename(path.with_name(at.strftime(_STAMP) + ".db"))


def copies_to_keep(made: list[datetime], now: datetime) -> set[datetime]:
    """The older copies to keep beside one made now: the most recent ones, and the newest of each week."""
    young = [moment for moment in sorted(made, reverse=True) if now - moment < timedelta(weeks=WEEKS)]
    weekly: dict[tuple[int, int], datetime] = {}
    for moment in young:
        weekly.setdefault(moment.isocalendar()[:2], moment)
    return {*young[: KEPT - 1], *weekly.values()}
