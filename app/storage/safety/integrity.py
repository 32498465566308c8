"""Integrity checks of a vault's files, from the pages of the database to each frame of sound."""

import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from app.core.errors import AssistantError, VaultDamaged
from app.core.ids import is_id
from app.storage.database.connection import Database, translate_database_errors
from app.storage.database.integrity import Finding, inspect_copy, inspect_whole_database, open_existing
from app.storage.database.log_pair import require_own_log
from app.storage.database.ownership import unwanted_sound
from app.storage.files.layout import BACKUPS_NAME, DATABASE_NAME, HEADER_NAME, PART_SUFFIX, sound_ids, sound_path
from app.storage.files.sealed_file import SealedReader
from app.storage.keys.vault_header import read_header
from app.storage.offline_vault import OfflineVault
from app.storage.safety.put_back import inspect_header
from app.storage.vault import Vault

_BLOCK = 1 << 20
_UNCLAIMED = (
    "No recording of this database owns it; it is kept. An earlier vault.db was probably put back: the newer one, or a "
    "newer copy from backups, takes it back."
)
_MOMENT = 0.2  # seconds within which a newly written file gets its row


def inspect_vault(vault: OfflineVault) -> Iterator[Finding]:
    """Check everything in a vault that is not open, yielding each finding as it is made."""
    db = None
    try:
        require_own_log(vault.database, vault.database_key)
    except AssistantError as error:  # any other check would fold the log into the database
        yield Finding("log", False, f"{error.title} {error.advice}")
        return
    try:
        db = open_existing(vault.database, vault.database_key)
    except AssistantError as error:
        yield Finding("database", False, error.title)
    if db is not None:
        try:
            yield from _replaced_header(db, vault.header_mac)
            is_known = True
            for finding in inspect_whole_database(db):
                is_known = is_known and finding.name != "schema"
                yield finding
            if is_known:
                yield from inspect_media(db, vault.media)
        finally:
            db.conn.close()
    yield from inspect_backups(vault.folder, vault.database_key)


def inspect_open_vault(vault: Vault) -> Iterator[Finding]:
    """Check everything in an open vault, yielding each finding as it is made.

    Writes wait while the database is checked, and go on while the sound is.
    """
    with vault.pause_writes() as db:
        yield from inspect_whole_database(db)
    db = open_existing(vault.folder / DATABASE_NAME, vault.database_key)
    try:
        with suppress(AssistantError):  # an open vault does without it, and the next start says what is wrong
            yield from _replaced_header(db, read_header(vault.folder / HEADER_NAME).mac)
        for finding in inspect_media(db, vault.media_folder):
            if finding.is_good or _is_still_so(vault, finding):
                yield finding
    finally:
        db.conn.close()
    yield from inspect_backups(vault.folder, vault.database_key)


def _replaced_header(db: Database, mac: bytes) -> Iterator[Finding]:
    """Tell of a header that was replaced and is in force again; of any other one nothing."""
    with suppress(AssistantError):  # of a database that can't be read the other checks tell
        finding = inspect_header(db, mac)
        if not finding.is_good:
            yield finding


def _is_still_so(vault: Vault, finding: Finding) -> bool:
    """Whether a fault of one call persists, rather than being due to an import or deletion in progress."""
    id_ = finding.name.rpartition(" ")[2]
    time.sleep(_MOMENT)
    is_known = vault.row("SELECT 1 FROM recordings WHERE id = ?", [id_]) is not None
    if finding.name.startswith("file "):
        return not is_known and sound_path(vault.media_folder, id_).exists()
    return is_known


def inspect_media(db: Database, folder: Path) -> Iterator[Finding]:
    """Check each sealed sound file, and that calls and files match one to one."""
    try:
        with translate_database_errors():
            rows: list[tuple[str, bytes]] = db.execute("SELECT id, media_key FROM recordings ORDER BY id").fetchall()
            files = sound_ids(folder) if folder.is_dir() else set()
            going = len(sound_ids(folder, PART_SUFFIX)) if folder.is_dir() else 0
            others = len(list(folder.iterdir())) - len(files) - going if folder.is_dir() else 0
            unwanted = unwanted_sound(db) & files
    except AssistantError as error:
        yield Finding("sound", False, error.title)
        return
    whole = size = 0
    for id_, key in rows:
        if id_ not in files:
            continue
        try:
            size += verify_sealed_file(sound_path(folder, id_), key)
            whole += 1
        except AssistantError as error:
            yield Finding(f"sound of {id_}", False, error.title)
    yield Finding("sound", True, f"{whole} recordings, {size / 1e6:.1f} MB, every frame as it was sealed")
    known = {id_ for id_, _ in rows if is_id(id_)}
    if len(known) < len(rows):
        yield Finding("ids", False, f"{len(rows) - len(known)} calls have ids that no version of Tacit makes.")
    missing, unclaimed = sorted(known - files), sorted(files - known - unwanted)
    for id_ in missing:
        yield Finding(f"sound of {id_}", False, "The file is missing from the vault.")
    for id_ in unclaimed:
        yield Finding(f"file {id_}", False, _UNCLAIMED)
    if not missing and not unclaimed:
        going += len(unwanted)
        left = f"; {going} left by what broke off, which the next start removes" if going else ""
        if others:
            left += f"; {others} files of other names, which are left alone"
        yield Finding("owners", True, f"every recording has its file, every file its recording{left}")


def verify_sealed_file(path: Path, key: bytes) -> int:
    """Read a sealed file from end to end and return its plain size in bytes.

    Raises:
        VaultDamaged: a frame was changed, or the file was cut off.
    """
    with SealedReader(path, key) as reader:
        for offset in range(0, reader.size, _BLOCK):
            reader.read(offset, _BLOCK)
        if not reader.is_finished:
            raise VaultDamaged("A recording's file in the vault is cut off.")
        return reader.size


def inspect_backups(folder: Path, key: bytes) -> Iterator[Finding]:
    """Check the automatic copies of the database."""
    for path in sorted((folder / BACKUPS_NAME).glob("*.db")):
        name = f"backup {path.stem}"
        try:
            bad = [finding for finding in inspect_copy(path, key) if not finding.is_good]
        except AssistantError as error:
            yield Finding(name, False, error.title)
            continue
        yield Finding(name, not bad, bad[0].detail if bad else "whole")
