"""What a person is told of a vault that somebody else's hands changed: a header or database put back, foreign parts."""

from contextlib import suppress

from app.core.errors import AssistantError, VaultError
from app.storage.database.connection import Database, translate_database_errors
from app.storage.database.header_history import was_replaced
from app.storage.database.integrity import Finding
from app.storage.database.known_schema import foreign_parts
from app.storage.vault import Vault

_HEADER = "The vault's header is one from before a change: what opened the vault then opens it again."
_HEADER_ADVICE = (
    "Your calls are safe. If you did not put vault.hdr back yourself, somebody could write to the vault's folder: "
    "change the passphrase and make a new recovery key in Settings, or with «tacit vault passphrase» and "
    "«tacit vault recovery-key»; that replaces the header."
)
_ONE, _MANY = "The sound of a call that", "The sound of {} calls that"
_SOUND = "{} this database does not know lies in the vault; an earlier vault.db was probably put back."
_SOUND_ADVICE = (
    "It is kept, and belongs to its calls again once the newer vault.db, or a newer copy from the folder backups, is "
    "put back; «tacit vault check» lists it."
)
_FOREIGN_ADVICE = (
    "Your calls are there, but what is deleted may be kept: close this vault, and save them into a new one with "
    "«tacit vault repair NEWDIR». Vaults restored from somebody else's backup can be like that."
)


def header_put_back() -> AssistantError:
    """What is told of a header that was replaced and is in force again."""
    return VaultError(_HEADER, _HEADER_ADVICE)


def database_put_back(count: int) -> AssistantError:
    """What is told of the sound of `count` calls that the database does not know."""
    return VaultError(_SOUND.format(_ONE if count == 1 else _MANY.format(count)), _SOUND_ADVICE)


def inspect_header(db: Database, mac: bytes) -> Finding:
    """Check that the header in force is not one that was replaced.

    Raises:
        VaultDamaged: the database can't tell.
    """
    with translate_database_errors():
        is_good = not was_replaced(db, mac)
    detail = "is the one of the last change" if is_good else f"{_HEADER} {_HEADER_ADVICE}"
    return Finding("header", is_good, detail)


def schema_warnings(vault: Vault) -> list[AssistantError]:
    """What is told of a vault whose database has parts that no version of the program makes; mostly nothing."""
    with suppress(AssistantError):  # whoever needs the database says what is wrong with it
        if foreign := foreign_parts(vault.read()):
            return [VaultError(foreign, _FOREIGN_ADVICE)]
    return []
