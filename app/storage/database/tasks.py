"""Migration 18: what a person did to tasks of calls, and tasks of their own."""

from app.storage.database.connection import Database, statements


def keep_tasks(db: Database) -> None:
    """Create the table; inside the caller's transaction.

    Tasks of calls are in their summaries. A row is what a person did to one (`changed`, the JSON of
    `core.task.TaskChange`), with the task as it was `said` then (the JSON of `core.summary.ActionItem`), by which it is
    found again in a summary that was written anew. Without a `recording` it is a task of the person's own.
    """
    for statement in statements("""
    CREATE TABLE tasks (
        id TEXT PRIMARY KEY, recording TEXT REFERENCES recordings (id) ON DELETE CASCADE,
        said TEXT NOT NULL, changed TEXT NOT NULL);
    CREATE INDEX tasks_by_call ON tasks (recording);
    """):
        db.execute(statement)
