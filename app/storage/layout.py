"""Where the files of a vault lie in its folder; quick to import, for who only wants to know whether there is one."""

from pathlib import Path

HEADER_NAME, DATABASE_NAME, MEDIA_NAME, LOCK_NAME = "vault.hdr", "vault.db", "media", "vault.lock"
BACKUPS_NAME = "backups"


def vault_exists(folder: Path) -> bool:
    """Whether a vault lies in this folder."""
    return (folder / HEADER_NAME).is_file()
