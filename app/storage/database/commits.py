"""Migration 11: the number of commits, which tells whether a log belongs to the database that it lies beside."""

from app.storage.database.connection import Database


def count_commits(db: Database) -> None:
    """Create the table with its one row; inside the caller's transaction."""
    db.execute("CREATE TABLE commits (number INTEGER NOT NULL)")
    db.execute("INSERT INTO commits (number) VALUES (0)")


def count_commit(db: Database) -> None:
    """Count the transaction that is about to be committed."""
    db.execute("UPDATE commits SET number = number + 1")
