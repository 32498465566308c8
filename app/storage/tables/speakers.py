"""The speakers and tracks of calls in the vault."""

from collections.abc import Sequence

from app.core.ids import CallId, SpeakerId, new_speaker_id
from app.core.transcript import Speaker, Track
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


def add_speaker(db: Database, call: CallId, name: str) -> Speaker:
    """Add a speaker after the others; inside the caller's transaction."""
    added = Speaker(new_speaker_id(), name)
    db.execute(
        "INSERT INTO speakers (id, recording, position, name) VALUES (:id, :call, "
        "(SELECT coalesce(max(position) + 1, 0) FROM speakers WHERE recording = :call), :name)",
        {"id": added.id, "call": call, "name": name},
    )
    return added
