"""Deletion: what is forgotten goes in one transaction, of a call its key, its words and the answers that quote it."""

from collections.abc import Collection
from contextlib import suppress

import msgspec

from app.core.conversation import Citation, Role
from app.core.deletion import REMOVED_ANSWER, Quotes
from app.core.errors import AssistantError
from app.core.ids import CallId, ConversationId, NoteId, TaskId
from app.storage.database.migration import remove_earlier_database
from app.storage.database.ownership import await_call
from app.storage.vault import Vault

NO_CITATIONS = msgspec.msgpack.encode(())


def answers_quoting(vault: Vault, call: CallId) -> dict[int, ConversationId]:
    """Answers citing or quoting a call, in conversations not about that call alone: message number to conversation."""
    said = vault.rows(
        "SELECT text FROM utterances WHERE recording = :id UNION ALL "
        "SELECT text FROM earlier_utterances WHERE recording = :id",
        {"id": call},
    )
    quotes = Quotes(text for (text,) in said)
    rows = vault.rows(
        "SELECT m.id, m.conversation, m.text, m.citations FROM messages m JOIN conversations c "
        "ON c.id = m.conversation WHERE m.role = ? AND c.recording IS NOT ? ORDER BY m.id",
        [Role.ASSISTANT.value, call],
    )
    return {
        number: conversation
        for number, conversation, text, citations in rows
        if any(citation.id == call for citation in _citations(citations)) or quotes.are_in(text)
    }


def forget_call(vault: Vault, call: CallId) -> set[ConversationId]:
    """Delete a call, the key of its sound first; return the conversations that lost an answer."""
    with vault.write() as db:
        db.execute("UPDATE recordings SET media_key = zeroblob(32) WHERE id = ?", [call])
        answers = answers_quoting(vault, call)
        for number in answers:
            db.execute(
                "UPDATE messages SET text = ?, citations = ?, marks = ?, note = '' WHERE id = ?",
                [REMOVED_ANSWER, NO_CITATIONS, NO_CITATIONS, number],
            )
        db.execute(
            "DELETE FROM drafts WHERE place = :id OR place IN (SELECT id FROM conversations WHERE recording = :id)",
            {"id": call},
        )
        # The passages first, so that the lines need not look for theirs; the last takes the new words with it.
        for table in ("passages", "passage_indexes", "utterances", "earlier_utterances", "retranscriptions", "tasks"):
            db.execute(f"DELETE FROM {table} WHERE recording = ?", [call])
        db.execute("DELETE FROM conversations WHERE recording = ?", [call])
        db.execute("DELETE FROM recordings WHERE id = ?", [call])
        await_call(db, call)  # the file goes after the transaction; a kill in between leaves it to the next start
        vault.mark_erasure_owed(db)
    _leave_no_trace(vault)
    return set(answers.values())


def forget_conversation(vault: Vault, conversation: ConversationId) -> None:
    """Delete a conversation and its drafts."""
    with vault.write() as db:
        db.execute("DELETE FROM drafts WHERE place = ?", [conversation])
        said = db.execute("SELECT 1 FROM messages WHERE conversation = ?", [conversation]).fetchone()
        db.execute("DELETE FROM conversations WHERE id = ?", [conversation])
        if said:
            vault.mark_erasure_owed(db)
    _leave_no_trace(vault)


def forget_notes(vault: Vault, notes: Collection[NoteId]) -> None:
    """Delete notes with their versions."""
    _forget(vault, "DELETE FROM notes WHERE uid = ?", notes)


def forget_tasks(vault: Vault, tasks: Collection[TaskId]) -> None:
    """Delete what is stored of tasks; of a person's own that is all of it."""
    _forget(vault, "DELETE FROM tasks WHERE id = ?", tasks)


def _forget(vault: Vault, query: str, ids: Collection[str]) -> None:
    if not ids:
        return
    with vault.write() as db:
        db.conn.executemany(query, [[id_] for id_ in ids])
        vault.mark_erasure_owed(db)
    _leave_no_trace(vault)


def _leave_no_trace(vault: Vault) -> None:
    vault.erase_traces()
    with suppress(AssistantError):  # the next good start removes it anyway
        remove_earlier_database(vault.folder)


def _citations(packed: bytes) -> tuple[Citation, ...]:
    return msgspec.msgpack.decode(packed, type=tuple[Citation, ...])
