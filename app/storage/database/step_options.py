"""Migration 15: what the steps of a call are to do, and which files of folders were dealt with."""

from app.storage.database.connection import Database, statements
from app.storage.database.passages import MADE_ANEW

NOT_RESTORED = MADE_ANEW | {"step_options"}
"""Tables that a restored backup leaves empty: a stranger's must not say to which folders calls are exported."""


def keep_step_options(db: Database) -> None:
    """Create the tables; inside the caller's transaction.

    `options` is the JSON of `core.import_options.StepOptions`; without a row all is as usual. A `version` stands for
    a file as it was: the hash of its path, size and time, from which none of these can be told.
    """
    for statement in statements("""
    CREATE TABLE step_options (
        recording TEXT PRIMARY KEY REFERENCES recordings (id) ON DELETE CASCADE, options TEXT NOT NULL);
    CREATE TABLE imported_files (version BLOB PRIMARY KEY);
    """):
        db.execute(statement)
