"""The summaries of earlier versions, which had one fixed shape, brought to sections."""

from contextlib import suppress
from typing import Any

import msgspec

from app.storage.database.connection import Database


def reshape_summaries(db: Database) -> None:
    """Bring summaries of the fixed shape, which earlier versions wrote, to sections; inside the caller's transaction.

    Named literally and not by the template of today: what lies in an old vault does not change with it.
    """
    for call, stored in db.execute("SELECT id, summary FROM recordings WHERE summary IS NOT NULL").fetchall():
        with suppress(msgspec.DecodeError, UnicodeDecodeError):  # a damaged one stays as it is, and its reader says so
            found = msgspec.json.decode(stored, type=dict[str, Any])
            if "sections" not in found:
                summary = msgspec.json.encode(_with_sections(found)).decode()
                db.execute("UPDATE recordings SET summary = ? WHERE id = ?", [summary, call])


def _with_sections(old: dict[str, Any]) -> dict[str, Any]:
    sections = [
        {"key": "overview", "title": "Overview", "kind": "prose", "text": old.get("overview", "")},
        {"key": "key_points", "title": "Key points", "kind": "points", "points": old.get("key_points", []),
         "is_detail": True},
        {"key": "decisions", "title": "Decisions", "kind": "points", "points": old.get("decisions", [])},
        {"key": "action_items", "title": "Action items", "kind": "tasks", "tasks": old.get("action_items", [])},
    ]  # fmt: skip
    return {"title": old.get("title", ""), "sections": sections, "model": old.get("model", ""), "template": "call"}
