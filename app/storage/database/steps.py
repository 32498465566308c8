"""The table of the steps of each call, and how it is filled for a vault that had a column instead."""

from app.storage.database.connection import Database

_HAS_LINES = "EXISTS (SELECT 1 FROM utterances WHERE recording = recordings.id)"


def create_steps(db: Database) -> None:
    """Create the table and fill it from the column `state`, which stays and is no longer read.

    `done` is NULL while a step is begun and not finished, and empty where it is not known when it was finished.
    """
    db.execute(
        "CREATE TABLE steps (recording TEXT NOT NULL REFERENCES recordings (id) ON DELETE CASCADE, "
        "step TEXT NOT NULL, done TEXT, PRIMARY KEY (recording, step))"
    )
    fill_steps(db)


def fill_steps(db: Database) -> None:
    """Fill in the steps of calls that have none from their column `state`; inside the caller's transaction."""
    known = db.execute("SELECT id, state FROM recordings WHERE id NOT IN (SELECT recording FROM steps)").fetchall()
    rows = [(call, step, done) for call, state in known for step, done in _STEPS.get(state, ())]
    # A call of today has an empty `state`; in a repair its steps may be lost, and what is there says what was done.
    for step, has_result in (("transcribe", _HAS_LINES), ("summarize", "summary IS NOT NULL")):
        found = db.execute(f"SELECT id FROM recordings WHERE state = '' AND {has_result}").fetchall()
        unknown = {call for call, _ in known}
        rows += [(call, step, "") for (call,) in found if call in unknown]
    db.conn.executemany("INSERT INTO steps (recording, step, done) VALUES (?, ?, ?)", rows)


# Spelled out, and not by the names of today: what lies in an old vault does not change with them.
_STEPS: dict[str, tuple[tuple[str, str | None], ...]] = {
    "transcribing": (("transcribe", None),),
    "transcribed": (("transcribe", ""),),
    "silent": (("transcribe", ""),),
    "summarized": (("transcribe", ""), ("summarize", "")),
}
