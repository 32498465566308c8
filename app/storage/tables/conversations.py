"""Conversations in the vault; each message is saved as soon as it is written."""

from datetime import UTC, datetime

import msgspec

from app.core.conversation import Citation, Conversation, Mark, Message, Role, StopReason
from app.core.deletion import REMOVED_ANSWER
from app.core.errors import NotFound
from app.core.ids import CallId, ConversationId, new_conversation_id
from app.core.plain_text import one_line
from app.storage.tables.deletion import forget_conversation
from app.storage.vault import Vault

_TITLE_LENGTH = 80  # characters of the first question


class ConversationStore:
    """Reads and writes conversations."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def all(self) -> list[Conversation]:
        """All conversations without their messages, newest first."""
        rows = self._vault.rows(
            "SELECT id, title, updated, recording FROM conversations ORDER BY updated DESC, id DESC"
        )
        return [_conversation(*row) for row in rows]

    def get(self, conversation: ConversationId) -> Conversation:
        """One conversation with its messages.

        Raises:
            NotFound: there is none.
        """
        row = self._vault.row("SELECT id, title, updated, recording FROM conversations WHERE id = ?", [conversation])
        if row is None:
            raise NotFound("There is no conversation with that id.", "Nothing was changed; start a new one.")
        messages = self._vault.rows(
            "SELECT role, text, citations, stop_reason, note, marks FROM messages WHERE conversation = ? ORDER BY id",
            [conversation],
        )
        return msgspec.structs.replace(_conversation(*row), messages=tuple(_message(*m) for m in messages))

    def of_call(self, call: CallId) -> Conversation | None:
        """The newest conversation about one call, with its messages."""
        row = self._vault.row(
            "SELECT id FROM conversations WHERE recording = ? ORDER BY updated DESC, id DESC LIMIT 1", [call]
        )
        return self.get(ConversationId(row[0])) if row else None

    def start(self, call: CallId | None) -> Conversation:
        """Store a new, empty conversation and return it."""
        made = Conversation(new_conversation_id(), "", datetime.now(UTC), call)
        with self._vault.write() as db:
            db.table("conversations").insert(
                {"id": made.id, "title": "", "updated": made.updated.isoformat(), "recording": call}
            )
        return made

    def append(self, conversation: ConversationId, message: Message) -> int:
        """Save a message and return its number; the first one names the conversation."""
        with self._vault.write() as db:
            (number,) = db.execute(
                "INSERT INTO messages (conversation, role, text, citations, stop_reason, note, marks) "
                "VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id",
                [conversation, *_columns(message)],
            ).fetchone()
            db.execute(
                "UPDATE conversations SET updated = ?, title = iif(title = '', ?, title) WHERE id = ?",
                [datetime.now(UTC).isoformat(), one_line(message.text)[:_TITLE_LENGTH], conversation],
            )
        return int(number)

    def replace(self, number: int, message: Message) -> None:
        """Save the current text of a message being written, or nothing of it if it cites a call deleted meanwhile."""
        with self._vault.write() as db:
            for cited in {citation.id for citation in message.citations}:
                if not db.execute("SELECT 1 FROM recordings WHERE id = ?", [cited]).fetchone():
                    message = msgspec.structs.replace(message, text=REMOVED_ANSWER, citations=(), note="", marks=())
                    break
            db.execute(
                "UPDATE messages SET role = ?, text = ?, citations = ?, stop_reason = ?, note = ?, marks = ? "
                "WHERE id = ?",
                [*_columns(message), number],
            )

    def remove_message(self, number: int) -> None:
        """Remove a message that remained empty."""
        with self._vault.write() as db:
            db.execute("DELETE FROM messages WHERE id = ?", [number])

    def delete(self, conversation: ConversationId) -> None:
        """Delete a conversation."""
        forget_conversation(self._vault, conversation)


def _columns(message: Message) -> tuple[str, str, bytes, str, str, bytes]:
    citations = msgspec.msgpack.encode(tuple(msgspec.structs.replace(c, is_earlier=False) for c in message.citations))
    marks = msgspec.msgpack.encode(message.marks)
    return message.role.value, message.text, citations, message.stop_reason.value, message.note, marks


def _conversation(id_: str, title: str, updated: str, call: str | None) -> Conversation:
    return Conversation(ConversationId(id_), title, datetime.fromisoformat(updated), CallId(call) if call else None)


def _message(role: str, text: str, citations: bytes, stop_reason: str, note: str, marks: bytes) -> Message:
    cited = msgspec.msgpack.decode(citations, type=tuple[Citation, ...])
    places = msgspec.msgpack.decode(marks, type=tuple[Mark, ...])
    return Message(Role(role), text, cited, StopReason(stop_reason), note, places)
