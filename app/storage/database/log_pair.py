"""Whether a write-ahead log belongs to the database beside it, found out before SQLite puts the log's pages into it."""

import struct
from pathlib import Path

from app.core.errors import NotEnoughSpace, VaultDamaged, VaultInUse, VaultUnwritable
from app.core.files import disk_error
from app.storage.database.connection import open_as_it_lies, translate_database_errors

_HEADER, _FRAME_HEADER = 32, 24  # bytes; https://www.sqlite.org/fileformat2.html#walformat
_TITLE = (
    "The vault's database and its log do not belong together: one of them was probably put back, by a synchroniser or "
    "by hand."
)
_ADVICE = (
    "Nothing was changed: put back the vault.db and vault.db-wal that were last here together. If they are gone, move "
    "vault.db-wal out of the folder; the vault then opens as its vault.db was, and newer sound stays."
)


def require_own_log(database: Path, key: bytes) -> None:
    """Require that the log of a database that nobody has open was written over this database, if it can be told.

    SQLite checks neither: it would put the pages of a newer log into an earlier database, or those of an earlier log
    into a newer one, and each page of the mixture would still bear its seal.

    Raises:
        VaultDamaged: they do not belong together, or can't be read together; neither was changed.
        VaultUnwritable: the disk refuses.
    """
    if not has_own_log(database, key):
        raise VaultDamaged(_TITLE, _ADVICE)


def has_own_log(database: Path, key: bytes) -> bool:
    """Whether `require_own_log` holds.

    Raises:
        VaultDamaged: with its log the database can't be read, and not without it either; neither was changed.
        VaultUnwritable: the disk refuses.
    """
    log = database.with_name(database.name + "-wal")
    try:
        commits = _commits_in(log) if log.is_file() else 0
    except OSError as error:
        raise disk_error(error) from error
    if not commits or not database.is_file() or not database.stat().st_size:  # all of a new vault is in its log
        return True
    try:
        last = _number(database, key, with_log=True)
    except VaultDamaged:
        _number(database, key, with_log=False)
        return False  # the log of a copy, or of another vault: its pages have other seals
    try:
        alone = _number(database, key, with_log=False)
    except VaultDamaged:
        return True  # torn while the log was being folded into it, which has the pages
    # Each commit adds 1, so before the first one in the log the number was `last - commits`. The database was folded at
    # least up to there when the log began, and never beyond its last commit.
    return alone is None or last is None or last - commits <= alone <= last


def _commits_in(log: Path) -> int:
    """How many commits a log holds; what it holds of the time before it began again is passed over."""
    with log.open("rb") as file:
        header = file.read(_HEADER)
        if len(header) < _HEADER:
            return 0
        (page,), salts, count = struct.unpack(">I", header[8:12]), header[16:24], 0
        while len(frame := file.read(_FRAME_HEADER)) == _FRAME_HEADER and frame[8:16] == salts:
            count += frame[4:8] != bytes(4)  # a commit has the size of the database there
            file.seek(page, 1)
        return count


def _number(database: Path, key: bytes, *, with_log: bool) -> int | None:
    """The number of commits that the database tells, without its log or with it; None if it can't be told.

    Raises:
        VaultDamaged: it can't be read so.
    """
    try:
        db = open_as_it_lies(database, key, with_log=with_log)
    except (VaultUnwritable, VaultInUse, NotEnoughSpace):
        return None  # whoever opens it to write is told why
    try:
        with translate_database_errors():
            if db.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'commits'").fetchone() is None:
                return None  # of an earlier version, which counted none
            row = db.execute("SELECT number FROM commits").fetchone()
            return row[0] if row is not None and isinstance(row[0], int) else None
    finally:
        db.conn.close()
