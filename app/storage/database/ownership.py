"""Migration 10: which sound without a call may go, and which headers were replaced."""

from app.storage.database.connection import Database, statements


def keep_ownership(db: Database) -> None:
    """Create the tables; inside the caller's transaction."""
    # `sound_without_call`: with `is_kept` 0 the sound of this id goes at the next start, because its call was deleted
    # or its import was not finished. What no row names is another database's, perhaps a newer one's, and stays; with
    # `is_kept` 1 the person was told so. The rows of deleted calls stay: a synchroniser may bring the file back.
    # `headers`: the `mac` of each header that this vault had; none replaced is put back unnoticed.
    for statement in statements("""
    CREATE TABLE sound_without_call (id TEXT PRIMARY KEY, is_kept INTEGER NOT NULL);
    CREATE TABLE headers (mac BLOB PRIMARY KEY, is_replaced INTEGER NOT NULL);
    """):
        db.execute(statement)


def await_call(db: Database, id_: str) -> None:
    """Let the sound of this id go at a start that finds no call of it."""
    db.execute("INSERT OR REPLACE INTO sound_without_call (id, is_kept) VALUES (?, 0)", [id_])


def call_arrived(db: Database, id_: str) -> None:
    """Keep the sound of this id, whose call is stored in the same transaction."""
    db.execute("DELETE FROM sound_without_call WHERE id = ?", [id_])


def unwanted_sound(db: Database) -> set[str]:
    """The ids whose sound goes at the next start; of a database of an earlier version none."""
    has_table = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'sound_without_call'"
    if db.execute(has_table).fetchone() is None:
        return set()
    query = "SELECT id FROM sound_without_call WHERE is_kept = 0 AND id NOT IN (SELECT id FROM recordings)"
    return {id_ for (id_,) in db.execute(query).fetchall()}
