"""Which files of folders were dealt with, so that none is read again at each start."""

from collections.abc import Iterable

from app.storage.vault import Vault


class ImportedFileStore:
    """Remembers versions of files, each the 32 bytes of a hash."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def known(self, versions: Iterable[bytes]) -> set[bytes]:
        """Those of the versions that were dealt with."""
        query = "SELECT 1 FROM imported_files WHERE version = ?"
        return {version for version in versions if self._vault.row(query, [version]) is not None}

    def add(self, version: bytes) -> None:
        """Remember that a file was dealt with."""
        with self._vault.write() as db:
            db.execute("INSERT OR IGNORE INTO imported_files (version) VALUES (?)", [version])
