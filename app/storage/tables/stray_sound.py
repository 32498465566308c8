"""Sound in the vault's folder that belongs to no call of the database: what goes, and what is kept for another one."""

from contextlib import suppress

from app.core.errors import AssistantError
from app.storage.database.connection import translate_database_errors
from app.storage.database.ownership import unwanted_sound
from app.storage.files.layout import PART_SUFFIX, partial_sound_path, sound_ids, sound_path
from app.storage.vault import Vault


def remove_unwanted_sound(vault: Vault) -> None:
    """Remove the sound of deleted calls and of imports that broke off; nothing else, whatever the database lacks.

    An earlier database that was put back knows neither the newer calls nor that they exist.

    Raises:
        VaultDamaged, VaultUnwritable: the database or the folder can't be read; nothing was removed.
    """
    with translate_database_errors():
        unwanted = unwanted_sound(vault.read())
        whole, parts = sound_ids(vault.media_folder), sound_ids(vault.media_folder, PART_SUFFIX)
    going = [sound_path(vault.media_folder, id_) for id_ in whole & unwanted]
    going += [partial_sound_path(vault.media_folder, id_) for id_ in parts]
    for path in going:
        with suppress(OSError):  # retried at a later start
            path.unlink(missing_ok=True)


def unclaimed_sound(vault: Vault) -> set[str]:
    """The ids of the sound that this database knows nothing of.

    Raises:
        VaultDamaged, VaultUnwritable: the database or the folder can't be read.
    """
    with translate_database_errors():
        there = sound_ids(vault.media_folder)
        known = {row[0] for row in vault.read().execute("SELECT id FROM recordings").fetchall()}
        return there - known - unwanted_sound(vault.read())


def newly_unclaimed_sound(vault: Vault) -> int:
    """How many unclaimed files there are, if one of them was not there at an earlier call; else 0."""
    with suppress(AssistantError):  # whoever needs the folder or the database says what is wrong with it
        there = unclaimed_sound(vault)
        told = {id_ for (id_,) in vault.rows("SELECT id FROM sound_without_call WHERE is_kept = 1")}
        if there != told:
            with vault.write() as db:
                db.execute("DELETE FROM sound_without_call WHERE is_kept = 1")
                db.conn.executemany("INSERT OR IGNORE INTO sound_without_call VALUES (?, 1)", [(i,) for i in there])
        return len(there) if there - told else 0
    return 0
