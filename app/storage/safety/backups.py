"""Backups: the vault as one encrypted file and back, and copies of the database that the vault keeps by itself."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

from app.core.errors import AssistantError, NotEnoughSpace, VaultDamaged, VaultError
from app.core.files import disk_error
from app.storage.database.integrity import Finding, recordings_in
from app.storage.files.backup_archive import MAGIC, ArchiveReader, ArchiveWriter
from app.storage.files.fsync import sync_folder
from app.storage.files.layout import BACKUPS_NAME, DATABASE_NAME, HEADER_NAME, LOCK_NAME, MEDIA_NAME, vault_exists
from app.storage.files.lock_file import LockFile
from app.storage.keys import slots, vault_header
from app.storage.offline_vault import Held
from app.storage.safety import folder_swap
from app.storage.safety.integrity import inspect
from app.storage.vault import Vault

KEPT, WEEKS = 5, 5  # the last five, and the newest of each week; after five weeks none but the newest
_EVERY = timedelta(days=1)
_STAMP = "%Y-%m-%dT%H-%M-%SZ"
_BLOCK = 1 << 20
_COARSE = 2.0  # seconds to which some disks round the times of files
_PART = ".part"
_SNAPSHOT = "backup" + _PART  # the database, while a backup is written

Watch = Callable[[str, int, int], None]  # the step, the bytes done, and of how many


def unwatched(step: str, done: int, total: int) -> None:
    """Nobody watches."""


def write_backup(vault: Vault, path: Path, watch: Watch = unwatched) -> list[str]:
    """Write the open vault to `path`, whole and checked or not at all; what was missing from it, in sentences.

    `watch` is called as it goes on, and ends it by raising.

    Raises:
        VaultError: the file there is no backup, and is left alone; or it would lie in the vault; or a file of the
            vault is damaged.
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
        missing = _write(vault, vault.snapshot(copy), copy, part, watch)
        _read_through(part, vault.backup_key, watch)
        part.replace(path)
        sync_folder(path.absolute().parent)
    except OSError as error:
        raise _refused(error) from error
    finally:
        for left in (part, copy):
            with suppress(OSError):
                left.unlink(missing_ok=True)
    return missing


def _refused(error: OSError) -> AssistantError:
    if isinstance(ours := disk_error(error), NotEnoughSpace):
        return ours
    return VaultError("The backup can't be written there.", "The vault was left as it is; choose another folder.")


def _is_backup(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(MAGIC)) == MAGIC
    except OSError:
        return False


def _write(vault: Vault, ids: list[str], copy: Path, part: Path, watch: Watch) -> list[str]:
    header = slots.whole_header(vault.folder).read_bytes()
    sounds = [path for id_ in ids if (path := vault.media_folder / f"{id_}.sealed").is_file()]
    manifest = {"made": datetime.now(UTC).isoformat(timespec="seconds"), "recordings": len(ids), "sounds": len(sounds)}
    there: set[str] = set()
    meter = _Meter("Writing", copy.stat().st_size + sum(map(_size, sounds)), watch)
    writer = ArchiveWriter(part, vault.backup_key, header)
    try:
        encoded = json.dumps(manifest).encode()
        writer.add("manifest.json", len(encoded), [encoded])
        with copy.open("rb") as file:
            writer.add(DATABASE_NAME, copy.stat().st_size, meter.seen(_blocks(file)))
        for sound in sounds:
            with suppress(FileNotFoundError), sound.open("rb") as file:  # a call may be deleted meanwhile
                size = os.fstat(file.fileno()).st_size
                writer.add(f"{MEDIA_NAME}/{sound.name}", size, meter.seen(_blocks(file)))
                there.add(sound.stem)
        writer.close()
    except BaseException:
        writer.abandon()
        raise
    return [f"The sound of {id_} is missing from the vault, and from its backup." for id_ in ids if id_ not in there]


def _size(path: Path) -> int:
    with suppress(OSError):
        return path.stat().st_size
    return 0


def _blocks(file: BinaryIO) -> Iterator[bytes]:
    while block := file.read(_BLOCK):
        yield block


def _read_through(path: Path, key: bytes, watch: Watch) -> None:
    meter = _Meter("Checking", path.stat().st_size, watch)
    with ArchiveReader(path) as reader:
        for _, _, blocks in reader.entries(key):
            for _ in meter.seen(blocks):
                pass


class _Meter:
    """Counts the bytes of a step as they pass."""

    def __init__(self, step: str, total: int, watch: Watch) -> None:
        self._step, self._total, self._watch, self._done = step, total, watch, 0

    def seen(self, blocks: Iterator[bytes]) -> Iterator[bytes]:
        """The blocks as they are."""
        for block in blocks:
            self._watch(self._step, self._done, self._total)
            self._done += len(block)
            yield block


class Restoring:
    """A backup that was unpacked beside a vault's folder and checked; nothing was replaced yet.

    Raises:
        WrongPassphrase, VaultTooNew, VaultDamaged: the backup can't be used.
        VaultError: the folder holds other things than a vault.
        VaultInUse: the vault that it would replace is open.
        NotEnoughSpace, VaultUnwritable: the disk refuses.
    """

    def __init__(self, file: Path, folder: Path, passphrase: str, watch: Watch = unwatched) -> None:
        self.folder = folder
        self.made = datetime.min.replace(tzinfo=UTC)
        self.recordings = 0
        self._has_ended = False
        self._fresh = folder_swap.fresh_folder(folder)
        self._vault = b""
        try:
            folder_swap.settle(folder)
            if not vault_exists(folder) and folder_swap.holds_others(folder):
                raise VaultError("This folder is not empty, and holds no vault.", "Nothing was changed; name another.")
            is_there = vault_exists(folder) or (folder / DATABASE_NAME).exists()  # its header may be lost
            self._lock = LockFile(folder / LOCK_NAME) if is_there else None
        except OSError as error:
            raise disk_error(error) from error
        try:
            self._fresh.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._claim = LockFile(self._fresh / LOCK_NAME)  # two at once would mix two backups
        except BaseException as error:
            if self._lock is not None:
                self._lock.release()
            if isinstance(error, OSError):
                raise disk_error(error) from error
            raise
        try:
            for left in self._fresh.iterdir():  # of one that broke off
                if left.is_dir():
                    shutil.rmtree(left)
                elif left.name != LOCK_NAME:
                    left.unlink()
            (self._fresh / MEDIA_NAME).mkdir(mode=0o700)
            held = self._unpacked(file, passphrase, watch)
            self.notes = self._checked(held)
        except OSError as error:
            self.give_up()
            raise disk_error(error) from error
        except BaseException:
            self.give_up()
            raise

    @property
    def replaces(self) -> bool:
        """Whether there is a vault in its place."""
        return self._lock is not None

    @property
    def replaces_newer(self) -> bool:
        """Whether what is there was changed after the backup was made; of what can't be told, it is assumed."""
        if not self.replaces:
            return False
        files = [
            *self.folder.glob(HEADER_NAME + "*"),
            *self.folder.glob(DATABASE_NAME + "*"),
            *self.folder.glob(f"{MEDIA_NAME}/*"),
        ]
        since = self.made.timestamp() - _COARSE
        has_wrong_clock = self.made > datetime.now(UTC)
        return has_wrong_clock or any(path.stat().st_mtime > since for path in files if path.exists())

    @property
    def replaces_other(self) -> bool:
        """Whether what is there is another vault than the one that was backed up."""
        if not self.replaces:
            return False
        try:
            return vault_header.read_header(slots.whole_header(self.folder)).vault != self._vault
        except AssistantError:
            return False  # nothing opens it any more

    def finish(self) -> None:
        """Put it in its place; the folder that was there is kept until the next good start."""
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
        """Leave everything as it was."""
        if not self._has_ended:  # by then another may have begun
            self._has_ended = True
            shutil.rmtree(self._fresh, ignore_errors=True)
            self._release()

    def _release(self) -> None:
        self._claim.release()
        if self._lock is not None:
            self._lock.release()

    def _unpacked(self, file: Path, passphrase: str, watch: Watch) -> Held:
        with ArchiveReader(file) as reader:  # first: it says in words that there is none
            meter = _Meter("Unpacking", file.stat().st_size, watch)
            header = self._fresh / HEADER_NAME
            header.write_bytes(reader.vault_header)
            try:
                read = vault_header.read_header(header)
                master, self._vault = vault_header.master_key(read, passphrase), read.vault
            except VaultDamaged as error:
                raise VaultDamaged("This backup is damaged.", "Nothing was changed; use another backup.") from error
            for name, _, blocks in reader.entries(vault_header.subkey(master, "tacit backup v1")):
                if name == "manifest.json":
                    self._read_manifest(b"".join(blocks))
                    continue
                self._store(self._fresh / name, meter.seen(blocks))
            _sync_file(header)
        sync_folder(self._fresh / MEDIA_NAME)
        sync_folder(self._fresh)
        sync_folder(self._fresh.parent)
        return Held(self._fresh, master)

    def _read_manifest(self, raw: bytes) -> None:
        try:
            manifest: dict[str, Any] = json.loads(raw)
            self.made = datetime.fromisoformat(manifest["made"])
            self.recordings = int(manifest["recordings"])
        except (ValueError, KeyError, TypeError) as error:
            raise VaultDamaged("This backup is damaged.", "Nothing was changed; use another backup.") from error

    def _store(self, path: Path, blocks: Iterator[bytes]) -> None:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0), 0o600)
        with os.fdopen(descriptor, "wb") as file:
            for block in blocks:
                file.write(block)
            file.flush()
            os.fsync(file.fileno())

    def _checked(self, held: Held) -> list[str]:
        """The database must be whole; sound that was damaged when the backup was made is told."""
        with suppress(VaultDamaged):  # which is told below
            recordings_in(held.database, held.database_key)
        findings = list(inspect(held))
        bad = [finding for finding in findings if not finding.is_good]
        if any(not _is_of_sound(finding) for finding in bad):
            raise VaultDamaged("The database in this backup is not whole.", "Nothing was changed; use another backup.")
        return [f"{finding.name}: {finding.detail}" for finding in bad]


def _is_of_sound(finding: Finding) -> bool:
    return finding.name.startswith(("sound of ", "file "))


def _sync_file(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


# --- Copies that the vault keeps by itself -------------------------------------------------------


def kept(folder: Path) -> list[tuple[datetime, Path]]:
    """The copies of the database in a vault's folder, newest first."""
    found = []
    for path in (folder / BACKUPS_NAME).glob("*.db"):
        with suppress(ValueError):
            found.append((datetime.strptime(path.stem, _STAMP).replace(tzinfo=UTC), path))
    return sorted(found, reverse=True)


def is_due(folder: Path, now: datetime) -> bool:
    """Whether the newest copy is older than a day; one from the future counts for nothing."""
    newest = next((made for made, _ in kept(folder) if made <= now), None)
    return newest is None or now - newest >= _EVERY


def sweep(folder: Path) -> None:
    """Remove what a copy or a backup that was broken off has left; nobody would know of it otherwise."""
    for left in (*(folder / BACKUPS_NAME).glob("*" + _PART + "*"), *folder.glob(_SNAPSHOT + "*")):
        with suppress(OSError):  # the next start tries again
            left.unlink()


def keep(vault: Vault, now: datetime, *, alone: bool = False, checkpoint: Callable[[], None] = lambda: None) -> None:
    """Make a copy of the database, and remove those that have served; `alone` removes every other.

    Raises:
        VaultDamaged, NotEnoughSpace, VaultUnwritable, what `checkpoint` raises: no copy was made, and none removed.
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
            part.unlink()  # it holds what was deleted while it was made
        part.replace(final)
        _date_back(vault.folder, now)
        sync_folder(folder)
        if alone:  # with those that a synchroniser has doubled
            going = {path for path in folder.glob("*.db") if path != final}
        else:
            others = {made: path for made, path in kept(vault.folder) if path != final}
            going = {others[made] for made in others.keys() - surviving(list(others), now)}
        for path in going:
            path.unlink()
        sync_folder(folder)
    except OSError as error:
        raise disk_error(error) from error


def _date_back(folder: Path, now: datetime) -> None:
    """Copies of a clock that was ahead count as made now; else they'd take the places of others, and stay too long."""
    copies = kept(folder)
    taken, at = {made for made, _ in copies}, now.replace(microsecond=0)
    for made, path in copies:
        if made > now:
            at -= timedelta(seconds=1)
            while at in taken:
                at -= timedelta(seconds=1)
            path.rename(path.with_name(at.strftime(_STAMP) + ".db"))


def surviving(made: list[datetime], now: datetime) -> set[datetime]:
    """Of older copies those that stay beside one made now: the last ones, and the newest of each week."""
    young = [moment for moment in sorted(made, reverse=True) if now - moment < timedelta(weeks=WEEKS)]
    weekly: dict[tuple[int, int], datetime] = {}
    for moment in young:
        weekly.setdefault(moment.isocalendar()[:2], moment)
    return {*young[: KEPT - 1], *weekly.values()}
