"""Replies of earlier versions: what was written into their text goes out of it, and where they cite is kept."""

import msgspec

from app.core.conversation import Mark
from app.storage.database.reply_marks import _read, keep_reply_marks
from app.storage.tables.conversations import ConversationStore
from app.storage.vault import Vault


def test_the_text_is_again_what_the_model_wrote() -> None:
    text, marks = _read("Moved. [4]\nIt takes 9 days. [?]\nrow[7] and [2, 4].", {2, 4})
    assert text == "Moved. [4]\nIt takes 9 days.\nrow[7] and [2, 4]."
    assert [(text[start:end], numbers) for start, end, numbers in marks] == [("[4]", [4]), ("", []), ("[2, 4]", [2, 4])]
    assert text[: marks[1][0]].endswith("9 days.")


def test_a_vault_of_the_version_before_keeps_its_replies(vault: Vault) -> None:
    stored = [{"id": "x", "utterance": "u", "start": 1.0, "end": 2.0, "marker": 4}]
    with vault.write() as db:
        db.execute("ALTER TABLE messages DROP COLUMN marks")
        db.execute("INSERT INTO conversations (id, title, updated) VALUES ('c', 'T', '2026-11-25T10:00:00+00:00')")
        for role, text, citations in (
            ("user", "What of [?] and [4]", []), ("assistant", "Moved. [4] No. [?]", stored), ("assistant", "[?]", []),
        ):  # fmt: skip
            db.execute(
                "INSERT INTO messages (conversation, role, text, citations, stop_reason, note) "
                "VALUES ('c', ?, ?, ?, 'finished', '')",
                [role, text, msgspec.msgpack.encode(citations)],
            )
        damaged = "INSERT INTO messages (conversation, role, text, citations, stop_reason, note) VALUES "
        db.execute(damaged + "('c', 'assistant', 'A [4]', x'ff', 'finished', '')")
        keep_reply_marks(db)
        db.execute("DELETE FROM messages WHERE citations = x'ff'")
        db.execute("UPDATE messages SET parent = nullif(id - 1, 0)")
    asked, moved, doubt = ConversationStore(vault).get("c").messages  # type: ignore[arg-type]
    assert (asked.text, asked.marks) == ("What of [?] and [4]", ())
    assert (moved.text, moved.marks) == ("Moved. [4] No.", (Mark(7, 10, (4,)), Mark(14, 14)))
    assert (doubt.text, doubt.marks) == ("", (Mark(0, 0),))
