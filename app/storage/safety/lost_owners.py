"""Stand-ins for calls, chats and notes that a damaged database lost, so that what belongs to them is saved."""

import secrets
from typing import Any

from app.core.note import tags_of, title_of
from app.storage.database.connection import Database

_NOT_OF_A_CALL = frozenset({"recordings", "surveys", "messages", "drafts", "door_openings", "notes", "note_versions"})
_RECOVERED, _NO_DATE = "Recovered call", "2000-01-01T00:00:00+00:00"


def ensure_owner(db: Database, table: str, row: dict[str, Any]) -> None:
    """Create a stand-in for what a row belongs to, if that is lost; inside the caller's transaction."""
    call = row.get("recording") if table not in _NOT_OF_A_CALL else None
    if call and not db.execute("SELECT 1 FROM recordings WHERE id = ?", [call]).fetchone():
        stand_in = {
            "id": call, "title": _RECOVERED, "is_titled": 1, "date": _NO_DATE, "imported": _NO_DATE, "duration": 0,
            "state": "transcribed", "layout": "two_sided", "left_name": "Left", "right_name": "Right",
            "is_truncated": 1, "wants_summary": 0, "content_hash": secrets.token_bytes(32),
            "media_key": secrets.token_bytes(32), "survey": b"",
        }  # fmt: skip
        columns = [name for _, name, *_ in db.execute("PRAGMA table_info(recordings)") if name in stand_in]
        db.execute(
            f"INSERT INTO recordings ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})",
            [stand_in[name] for name in columns],
        )
    speaker = row.get("speaker") if table in ("tracks", "utterances") else None
    if speaker and not db.execute("SELECT 1 FROM speakers WHERE id = ?", [speaker]).fetchone():
        db.execute(
            "INSERT INTO speakers (id, recording, position, name) VALUES (:id, :call, "
            "(SELECT coalesce(max(position) + 1, 0) FROM speakers WHERE recording = :call), 'Speaker')",
            {"id": speaker, "call": call},
        )
    if (
        table == "new_utterances"
        and not db.execute("SELECT 1 FROM retranscriptions WHERE recording = ?", [call]).fetchone()
    ):
        db.execute("INSERT INTO retranscriptions (recording) VALUES (?)", [call])
    conversation = row.get("conversation")
    if conversation and not db.execute("SELECT 1 FROM conversations WHERE id = ?", [conversation]).fetchone():
        db.execute(
            "INSERT INTO conversations (id, title, updated) VALUES (?, ?, '2000-01-01T00:00:00+00:00')",
            [conversation, _RECOVERED],
        )
    note = row["note"] if table == "note_versions" else None
    if note and not db.execute("SELECT 1 FROM notes WHERE uid = ?", [note]).fetchone():
        text, edited = row["text"], row["edited"]
        db.execute(
            "INSERT INTO notes (uid, text, tags, name, created, edited) VALUES (?, ?, ?, ?, ?, ?)",
            [note, text, " ".join(tags_of(text)), title_of(text), edited, edited],
        )
