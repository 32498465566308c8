"""Backups: the vault written to one encrypted file and restored from it, and automatic copies of the database."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from app.core.errors import AssistantError, VaultDamaged, VaultError
from app.core.files import disk_error, sync_folder
from app.core.output import Output, look_at_output
from app.storage.database.integrity import open_existing
from app.storage.database.known_schema import require_known_schema, within_sentence
from app.storage.database.known_values import require_known_values
from app.storage.files.backup_archive import MAGIC, ArchiveReader, ArchiveWriter
from app.storage.files.layout import (
    BACKUPS_NAME,
    DATABASE_NAME,
    MANIFEST_NAME,
    MEDIA_NAME,
    sound_path,
    vault_exists,
)
from app.storage.keys import slots
from app.storage.vault import Vault

KEPT, WEEKS = 5, 5  # the last five and the newest of each week; beyond five weeks only the very newest
_EVERY = timedelta(days=1)
_STAMP = "%Y-%m-%dT%H-%M-%SZ"
_BLOCK = 1 << 20
_TIME_RESOLUTION = 2.0  # seconds to which some file systems round file times
_PART = ".part"
_SNAPSHOT = "backup" + _PART  # the copy of the database that a backup is written from

_REPAIR = "Nothing was written; «tacit vault repair NEWDIR» saves the calls into a new vault, which can be backed up."

Watch = Callable[[str, int, int], None]  # the step, the bytes done and the bytes in total


def ignore_progress(step: str, done: int, total: int) -> None:
    """Ignore progress."""


def write_backup(vault: Vault, place: Output | Path, watch: Watch = ignore_progress) -> list[str]:
    """Write the open vault to a file, complete and checked or not at all; return what was missing, in sentences.

    A path is one that a person has agreed to replace. What can't be read back, such as a pipe, is not checked. `watch`
    is called with the progress, and cancels by raising.

    Raises:
        VaultError: the file there is not a backup, and is left alone; or it would lie in the vault's folder; or a
            file of the vault is damaged.
        NotEnoughSpace, VaultUnwritable: the disk refuses.
    """
    output = place if isinstance(place, Output) else _output_at(vault, place)
    if output.existing is not None and not _is_backup(output.path):
        raise VaultError("There is a file of another kind by that name.", "It was left as it is; choose another name.")
    copy = vault.folder / _SNAPSHOT
    try:
        copy.unlink(missing_ok=True)
        ids = vault.snapshot(copy)
        _require_restorable(copy, vault.database_key)
        with output.open() as opened:
            missing = _write_archive(vault, ids, copy, opened.file, watch)
            if opened.path is not None:
                _verify_archive(opened.path, vault.backup_key, watch)
    except OSError as error:
        raise disk_error(error) from error
    finally:
        with suppress(OSError):
            copy.unlink(missing_ok=True)
    return missing


def _require_restorable(copy: Path, key: bytes) -> None:
    """Require of a copy of the database what restoring requires, which would refuse the backup when it is needed.

    Raises:
        VaultDamaged: something in it was written by no version of the program.
    """
    db = open_existing(copy, key)
    try:
        require_known_schema(db)
        require_known_values(db)
    except VaultDamaged as error:
        raise VaultDamaged(f"The vault can't be backed up as it is: {within_sentence(error.title)}", _REPAIR) from error
    finally:
        db.conn.close()


def _output_at(vault: Vault, path: Path) -> Output:
    try:
        return look_at_output(path, kept=[vault.folder], is_vault=vault_exists, replaces=True)
    except AssistantError as error:
        raise VaultError(error.title, error.advice) from error


def _is_backup(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(MAGIC)) == MAGIC
    except OSError:
        return False


def _write_archive(vault: Vault, ids: list[str], copy: Path, file: BinaryIO, watch: Watch) -> list[str]:
    header = slots.usable_header_path(vault.folder).read_bytes()
    sounds = [path for id_ in ids if (path := sound_path(vault.media_folder, id_)).is_file()]
    manifest = {"made": datetime.now(UTC).isoformat(timespec="seconds"), "recordings": len(ids), "sounds": len(sounds)}
    saved: set[str] = set()
    meter = Meter("Writing", copy.stat().st_size + sum(map(_size, sounds)), watch)
    writer = ArchiveWriter(file, vault.backup_key, header)
    encoded = json.dumps(manifest).encode()
    writer.add(MANIFEST_NAME, len(encoded), [encoded])
    with copy.open("rb") as database:
        writer.add(DATABASE_NAME, copy.stat().st_size, meter.metered(_blocks(database)))
    for sound in sounds:
        with suppress(FileNotFoundError), sound.open("rb") as sealed:  # the call may have been deleted meanwhile
            size = os.fstat(sealed.fileno()).st_size
            writer.add(f"{MEDIA_NAME}/{sound.name}", size, meter.metered(_blocks(sealed)))
            saved.add(sound.stem)
    writer.close()
    return [f"The sound of {id_} is missing from the vault, and from its backup." for id_ in ids if id_ not in saved]


def _size(path: Path) -> int:
    with suppress(OSError):
        return path.stat().st_size
    return 0


def _blocks(file: BinaryIO) -> Iterator[bytes]:
    while block := file.read(_BLOCK):
        yield block


def _verify_archive(path: Path, key: bytes, watch: Watch) -> None:
    meter = Meter("Checking", path.stat().st_size, watch)
    with ArchiveReader(path) as reader:
        for _, _, blocks in reader.entries(key):
            for _ in meter.metered(blocks):
                pass


class Meter:
    """Reports the bytes of a step as they pass through."""

    def __init__(self, step: str, total: int, watch: Watch) -> None:
        self._step, self._total, self._watch, self._done = step, total, watch, 0

    def metered(self, blocks: Iterator[bytes]) -> Iterator[bytes]:
        """Yield the blocks unchanged."""
        for block in blocks:
            self._watch(self._step, self._done, self._total)
            self._done += len(block)
            yield block

    def repeat(self) -> None:
        """Report once more where the step is, while something else is done."""
        self._watch(self._step, self._done, self._total)


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
