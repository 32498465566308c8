"""The steps that a call has begun and done; every function works inside the caller's transaction."""

from datetime import UTC, datetime

from app.core.call import FIND_SPEAKERS, TRANSCRIBE
from app.core.ids import CallId
from app.storage.database.connection import Database

STEPS_DONE = "(SELECT group_concat(step) FROM steps WHERE recording = recordings.id AND done IS NOT NULL)"
"""The names of the steps done, with commas between them, or NULL; a column of a query on `recordings`."""

IS_TRANSCRIPT_BEGUN = f"EXISTS (SELECT 1 FROM steps WHERE recording = recordings.id AND step = '{TRANSCRIBE}')"
"""Whether transcribing has begun; a column of a query on `recordings`."""

AWAITS_SPEAKERS = (
    f"EXISTS (SELECT 1 FROM steps WHERE recording = recordings.id AND step = '{FIND_SPEAKERS}' AND done IS NULL)"
)
"""Whether the speakers are to be told apart; a column of a query on `recordings`."""


def begin_step(db: Database, call: CallId, step: str) -> None:
    """Note that a step has begun, which it had perhaps done before."""
    db.execute(
        "INSERT INTO steps (recording, step) VALUES (?, ?) ON CONFLICT (recording, step) DO UPDATE SET done = NULL",
        [call, step],
    )


def finish_step(db: Database, call: CallId, step: str) -> None:
    """Note that a step is done; nothing is noted of a call that is gone."""
    db.execute(
        "INSERT INTO steps (recording, step, done) SELECT id, ?, ? FROM recordings WHERE id = ? "
        "ON CONFLICT (recording, step) DO UPDATE SET done = excluded.done",
        [step, datetime.now(UTC).isoformat(timespec="seconds"), call],
    )


def forget_steps(db: Database, call: CallId, but: str = "") -> None:
    """Forget every step of a call but one: what they made belongs to something earlier, or is to be made again."""
    db.execute("DELETE FROM steps WHERE recording = ? AND step <> ?", [call, but])
