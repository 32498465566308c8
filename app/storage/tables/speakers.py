"""The speakers and tracks of calls in the vault."""

from collections.abc import Sequence

from app.core.errors import NotFound
from app.core.ids import CallId, SpeakerId
from app.core.transcript import Speaker, Track, numbered
from app.storage.database.connection import Database
from app.storage.vault import Vault


def speakers_of(vault: Vault, call: CallId) -> tuple[Speaker, ...]:
    """The speakers of one call, in order."""
    return speakers_by_call(vault, call).get(call, ())


def speakers_by_call(vault: Vault, call: CallId | None = None) -> dict[CallId, tuple[Speaker, ...]]:
    """The speakers of every call, or of one, in order."""
    rows = vault.rows(
        "SELECT recording, id, name, is_you FROM speakers WHERE :call IS NULL OR recording = :call "
        "ORDER BY recording, position",
        {"call": call},
    )
    found: dict[CallId, list[Speaker]] = {}
    for owner, id_, name, is_you in rows:
        found.setdefault(CallId(owner), []).append(Speaker(SpeakerId(id_), name, bool(is_you)))
    return {owner: tuple(speakers) for owner, speakers in found.items()}


def tracks_by_call(vault: Vault, call: CallId | None = None) -> dict[CallId, tuple[Track, ...]]:
    """The tracks of every call, or of one, in order."""
    rows = vault.rows(
        "SELECT recording, number, speaker, transcribed_until FROM tracks WHERE :call IS NULL OR recording = :call "
        "ORDER BY recording, number",
        {"call": call},
    )
    found: dict[CallId, list[Track]] = {}
    for owner, number, speaker, until in rows:
        found.setdefault(CallId(owner), []).append(Track(number, SpeakerId(speaker), until))
    return {owner: tuple(tracks) for owner, tracks in found.items()}


def insert_speakers(db: Database, call: CallId, speakers: Sequence[Speaker], tracks: Sequence[Track]) -> None:
    """Store the speakers and tracks of a new call; inside the caller's transaction."""
    db.conn.executemany(
        "INSERT INTO speakers (id, recording, position, name, is_you) VALUES (?, ?, ?, ?, ?)",
        [(one.id, call, position, one.name, int(one.is_you)) for position, one in enumerate(speakers)],
    )
    db.conn.executemany(
        "INSERT INTO tracks (recording, number, speaker, transcribed_until) VALUES (?, ?, ?, ?)",
        [(call, track.number, track.speaker, track.transcribed_until) for track in tracks],
    )


def update_speakers(db: Database, call: CallId, speakers: Sequence[Speaker]) -> None:
    """Store the names of these speakers and which of them is the user; inside the caller's transaction."""
    db.conn.executemany(
        "UPDATE speakers SET name = ?, is_you = ? WHERE id = ? AND recording = ?",
        [(one.name, int(one.is_you), one.id, call) for one in speakers],
    )


def restore_speaker(db: Database, call: CallId, speaker: Speaker) -> None:
    """Add a speaker after the others, unless the call has them; inside the caller's transaction.

    Beside a speaker with a number, the one whom nobody named gets a number too.

    Raises:
        NotFound: there is no such call.
    """
    if not db.execute("SELECT 1 FROM recordings WHERE id = ?", [call]).fetchone():
        raise NotFound
    db.execute(
        "INSERT OR IGNORE INTO speakers (id, recording, position, name, is_you) VALUES (:id, :call, "
        "(SELECT coalesce(max(position) + 1, 0) FROM speakers WHERE recording = :call), :name, :is_you)",
        {"id": speaker.id, "call": call, "name": speaker.name, "is_you": int(speaker.is_you)},
    )
    _number(db, call)


def remove_unused_speaker(db: Database, call: CallId, speaker: Speaker) -> None:
    """Take a speaker out of a call if nothing of it names them, nor a person has; inside the caller's transaction."""
    db.execute(
        "DELETE FROM speakers WHERE id = :id AND recording = :call AND name = :name "
        "AND NOT EXISTS (SELECT 1 FROM utterances WHERE speaker = :id) "
        "AND NOT EXISTS (SELECT 1 FROM tracks WHERE speaker = :id) "
        "AND NOT EXISTS (SELECT 1 FROM recordings WHERE id = :call AND instr(coalesce(summary, ''), :id))",
        {"id": speaker.id, "call": call, "name": speaker.name},
    )
    _number(db, call)


def _number(db: Database, call: CallId) -> None:
    query = "SELECT id, name, is_you FROM speakers WHERE recording = ? ORDER BY position"
    known = [Speaker(SpeakerId(id_), name, bool(is_you)) for id_, name, is_you in db.execute(query, [call]).fetchall()]
    update_speakers(db, call, numbered(known))
