"""Forgetting: a call's key, every word of it, and the answers that quote it go in one transaction."""

from contextlib import suppress

import msgspec

from app.core.conversation import Citation, Role
from app.core.deletion import REMOVED_ANSWER, Quotes
from app.core.errors import AssistantError
from app.core.ids import ConversationId, RecordingId
from app.storage.database.migration import forget_earlier
from app.storage.vault import Vault

NO_CITATIONS = msgspec.msgpack.encode(())


def answers_quoting(vault: Vault, recording: RecordingId) -> dict[int, ConversationId]:
    """The answers in conversations on other calls, or on all, that cite or quote a call: their numbers."""
    quotes = Quotes(text for (text,) in vault.rows("SELECT text FROM utterances WHERE recording = ?", [recording]))
    rows = vault.rows(
        "SELECT m.id, m.conversation, m.text, m.citations FROM messages m JOIN conversations c "
        "ON c.id = m.conversation WHERE m.role = ? AND c.recording IS NOT ? ORDER BY m.id",
        [Role.ASSISTANT.value, recording],
    )
    return {
        number: conversation
        for number, conversation, text, citations in rows
        if any(citation.id == recording for citation in _citations(citations)) or quotes.are_in(text)
    }


def forget_recording(vault: Vault, recording: RecordingId) -> set[ConversationId]:
    """Forget a call, the key of its sound first; the conversations that lost an answer by it."""
    with vault.write() as db:
        db.execute("UPDATE recordings SET media_key = zeroblob(32) WHERE id = ?", [recording])
        answers = answers_quoting(vault, recording)
        for number in answers:
            db.execute(
                "UPDATE messages SET text = ?, citations = ?, note = '' WHERE id = ?",
                [REMOVED_ANSWER, NO_CITATIONS, number],
            )
        db.execute(
            "DELETE FROM drafts WHERE place = :id OR place IN (SELECT id FROM conversations WHERE recording = :id)",
            {"id": recording},
        )
        db.execute("DELETE FROM utterances WHERE recording = ?", [recording])
        db.execute("DELETE FROM conversations WHERE recording = ?", [recording])
        db.execute("DELETE FROM recordings WHERE id = ?", [recording])
        vault.owe_erasing(db)
    _leave_no_trace(vault)
    return set(answers.values())


def forget_conversation(vault: Vault, conversation: ConversationId) -> None:
    """Forget a conversation and what was being written in it."""
    with vault.write() as db:
        db.execute("DELETE FROM drafts WHERE place = ?", [conversation])
        said = db.execute("SELECT 1 FROM messages WHERE conversation = ?", [conversation]).fetchone()
        db.execute("DELETE FROM conversations WHERE id = ?", [conversation])
        if said:
            vault.owe_erasing(db)
    _leave_no_trace(vault)


def _leave_no_trace(vault: Vault) -> None:
    vault.erase_traces()
    with suppress(AssistantError):  # it is removed at the next good start in any case
        forget_earlier(vault.folder)


def _citations(packed: bytes) -> tuple[Citation, ...]:
    return msgspec.msgpack.decode(packed, type=tuple[Citation, ...])
