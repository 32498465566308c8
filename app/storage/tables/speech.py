"""Where somebody speaks in the calls of the vault, as it was found while they were transcribed."""

from collections.abc import Iterable

from app.core.call import TRANSCRIBE
from app.core.ids import CallId
from app.core.speech import Interval, Speech
from app.storage.database.connection import Database
from app.storage.vault import Vault


def save_speech(db: Database, call: CallId, track: int, since: float, until: float, found: Iterable[Interval]) -> None:
    """Save the speech that was found on a track between two seconds, in place of what was known there.

    Inside the caller's transaction.
    """
    db.execute(
        "DELETE FROM speech WHERE recording = ? AND track = ? AND start >= ? AND start < ?", [call, track, since, until]
    )
    db.conn.executemany(
        'INSERT OR REPLACE INTO speech (recording, track, start, "end") VALUES (?, ?, ?, ?)',
        [(call, track, start, end) for start, end in found],
    )


def speech_of(vault: Vault, call: CallId) -> tuple[Speech, ...]:
    """The speech of a call on all tracks, in order; nothing where it is not known of all of the call.

    That is so until its transcript is whole, and while another one is being written.
    """
    rows = vault.rows(
        'SELECT track, start, "end" FROM speech WHERE recording = :call '
        "AND EXISTS (SELECT 1 FROM steps WHERE recording = :call AND step = :step AND done IS NOT NULL) "
        "AND NOT EXISTS (SELECT 1 FROM retranscriptions WHERE recording = :call) ORDER BY start, track",
        {"call": call, "step": TRANSCRIBE},
    )
    return tuple(Speech(*row) for row in rows)
