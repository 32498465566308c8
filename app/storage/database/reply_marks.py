"""Migration 8: where replies cite is kept beside their text, out of which what an earlier version wrote in goes."""

import re
from contextlib import suppress
from typing import Any

import msgspec

from app.storage.database.connection import Database

_MARKER = re.compile(r"(?P<doubt>[ \t]*\[\?\])|\[(?P<numbers>\d{1,9}(?:, ?\d{1,9})*)\]")


def keep_reply_marks(db: Database) -> None:
    """Add the column `marks`, and fill it for the replies that are there; inside the caller's transaction."""
    db.execute("ALTER TABLE messages ADD COLUMN marks BLOB NOT NULL DEFAULT x'90'")  # an empty array of MessagePack
    rows = db.execute("SELECT id, text, citations FROM messages WHERE role = 'assistant' AND text LIKE '%[%'")
    for number, text, packed in rows.fetchall():
        with suppress(msgspec.DecodeError, KeyError, TypeError):  # a damaged one stays as it is, and its reader says so
            cited = {citation["marker"] for citation in msgspec.msgpack.decode(packed, type=list[dict[str, Any]])}
            plain, marks = _read(text, cited)
            db.execute(
                "UPDATE messages SET text = ?, marks = ? WHERE id = ?", [plain, msgspec.msgpack.encode(marks), number]
            )


def _read(text: str, cited: set[int]) -> tuple[str, list[tuple[int, int, list[int]]]]:
    """The text without `[?]`, which earlier versions put where a citation did not hold, and where it cites."""
    plain, at = "", 0
    marks: list[tuple[int, int, list[int]]] = []
    for found in _MARKER.finditer(text):
        plain += text[at : found.start()]
        at = found.end()
        if found["doubt"]:
            marks.append((len(plain), len(plain), []))
            continue
        numbers = [n for n in map(int, re.findall(r"\d+", found["numbers"])) if n in cited]
        if numbers:
            marks.append((len(plain), len(plain) + len(found[0]), numbers))
        plain += found[0]
    return plain + text[at:], marks
