"""Which headers the vault had: one that was replaced is recognised when it is put back."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from app.storage.database.commits import count_commit
from app.storage.database.connection import Database, open_database, translate_database_errors
from app.storage.database.log_pair import require_own_log

_TABLE = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'headers'"
_COUNTS = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'commits'"

Write = Callable[[], AbstractContextManager[Database]]
"""Begins a transaction of an open vault, which ends with its block: `Vault.write`."""


def was_replaced(db: Database, mac: bytes) -> bool:
    """Whether the header with this `mac` was replaced by another one; of a database of an earlier version no."""
    # One that the database does not know is newer than it: a kill came between the two writes, or an earlier database
    # was put back. Nobody without the master key can make one, so it is no fault.
    if db.execute(_TABLE).fetchone() is None:
        return False
    return db.execute("SELECT 1 FROM headers WHERE mac = ? AND is_replaced", [mac]).fetchone() is not None


def note_header(db: Database, mac: bytes) -> None:
    """Note that this header is in force, unless it is one that was replaced; inside the caller's transaction."""
    if db.execute("SELECT 1 FROM headers WHERE mac = ?", [mac]).fetchone() is None:
        db.execute("UPDATE headers SET is_replaced = 1")
        db.execute("INSERT INTO headers (mac, is_replaced) VALUES (?, 0)", [mac])


def forget_headers(db: Database) -> None:
    """Forget every header, as none opens a vault that has a new master key; inside the caller's transaction."""
    if db.execute(_TABLE).fetchone() is not None:
        db.execute("DELETE FROM headers")


def allow_header(database: Path, key: bytes, mac: bytes, write: Write | None = None) -> None:
    """Before a header is written that equals an earlier one: forget that it was replaced.

    `write` is that of the vault whose database this is; without it, nobody has the vault open.

    Raises:
        VaultDamaged, VaultInUse, VaultUnwritable, NotEnoughSpace: the database refuses.
    """
    with _writing(database, key, write) as db:
        if db is not None:
            db.execute("DELETE FROM headers WHERE mac = ? AND is_replaced", [mac])


def note_replacement(database: Path, key: bytes, before: bytes, after: bytes, write: Write | None = None) -> None:
    """After a header was replaced, for good: note which one is in force, and that the one before is not.

    `write` is as for `allow_header`.

    Raises:
        VaultDamaged, VaultInUse, VaultUnwritable, NotEnoughSpace: the database refuses; the next start notes it.
    """
    with _writing(database, key, write) as db:
        if db is not None:
            note_header(db, before)
            note_header(db, after)


@contextmanager
def _writing(database: Path, key: bytes, write: Write | None) -> Iterator[Database | None]:
    """A transaction of the open vault, else on a connection of its own; None where the database lacks the table."""
    if not database.is_file():
        yield None
        return
    if write is not None:  # its log was judged at the start, and can't be while other threads write to it
        with write() as db:
            yield db
        return
    require_own_log(database, key)
    db = open_database(database, key)
    try:
        with translate_database_errors():
            if db.execute(_TABLE).fetchone() is None:
                yield None
                return
            db.execute("BEGIN IMMEDIATE")
            yield db
            if db.execute(_COUNTS).fetchone() is not None:
                count_commit(db)
            db.execute("COMMIT")
    finally:
        db.conn.close()
