"""Conversations in the vault; each message is saved as soon as it is written."""

from collections.abc import Iterable
from datetime import UTC, datetime

import msgspec

from app.core.branches import branch_of, leaf_behind, version_beside
from app.core.conversation import (
    EVERYTHING,
    NOTHING,
    TITLE_LENGTH,
    Citation,
    Conversation,
    Mark,
    Message,
    Role,
    Sources,
    StopReason,
)
from app.core.deletion import REMOVED_ANSWER
from app.core.errors import NotFound
from app.core.ids import CallId, ConversationId, new_conversation_id
from app.core.plain_text import one_line
from app.storage.database.connection import Database
from app.storage.tables.deletion import forget_conversation
from app.storage.vault import Vault

_COLUMNS = "id, title, updated, recording, is_pinned, uses_everything"


class ConversationStore:
    """Reads and writes conversations."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def all(self) -> list[Conversation]:
        """All conversations without their messages, those that are pinned first, then newest first."""
        rows = self._vault.rows(f"SELECT {_COLUMNS} FROM conversations ORDER BY is_pinned DESC, updated DESC, id DESC")
        chosen: dict[str, list[CallId]] = {}
        for conversation, call in self._vault.rows("SELECT conversation, recording FROM chat_calls ORDER BY rowid"):
            chosen.setdefault(conversation, []).append(CallId(call))
        return [_conversation(*row, calls=chosen.get(row[0], ())) for row in rows]

    def get(self, conversation: ConversationId) -> Conversation:
        """One conversation with the messages of the branch that is shown.

        Raises:
            NotFound: there is none.
        """
        row = self._vault.row(f"SELECT {_COLUMNS}, leaf FROM conversations WHERE id = ?", [conversation])
        if row is None:
            raise NotFound("There is no conversation with that id.", "Nothing was changed; start a new one.")
        calls = self._vault.rows(
            "SELECT recording FROM chat_calls WHERE conversation = ? ORDER BY rowid", [conversation]
        )
        branch = branch_of(self._parents(conversation), row[-1])
        numbers = ", ".join(str(version.number) for version in branch)
        messages = self._vault.rows(
            f"SELECT role, text, citations, stop_reason, note, marks FROM messages WHERE id IN ({numbers}) ORDER BY id"
        )
        return msgspec.structs.replace(
            _conversation(*row[:-1], calls=[CallId(call) for (call,) in calls]),
            messages=tuple(_message(*m) for m in messages), versions=tuple(branch),
        )  # fmt: skip

    def _parents(self, conversation: ConversationId) -> dict[int, int | None]:
        rows = self._vault.rows("SELECT id, parent FROM messages WHERE conversation = ? ORDER BY id", [conversation])
        return dict(rows)

    def of_call(self, call: CallId) -> Conversation | None:
        """The newest conversation about one call, with its messages."""
        row = self._vault.row(
            "SELECT id FROM conversations WHERE recording = ? ORDER BY updated DESC, id DESC LIMIT 1", [call]
        )
        return self.get(ConversationId(row[0])) if row else None

    def start(self, call: CallId | None = None, sources: Sources = NOTHING) -> Conversation:
        """Store a new, empty conversation and return it."""
        made = Conversation(new_conversation_id(), "", datetime.now(UTC), call, sources=sources)
        with self._vault.write() as db:
            db.table("conversations").insert(
                {"id": made.id, "title": "", "updated": made.updated.isoformat(), "recording": call}
            )
            _write_sources(db, made.id, sources)
        return made

    def use(self, conversation: ConversationId, sources: Sources) -> None:
        """Change what a chat may use; a call that is gone meanwhile is left out."""
        with self._vault.write() as db:
            _write_sources(db, conversation, sources)

    def rename(self, conversation: ConversationId, title: str) -> None:
        """Give a chat a title of the person's own, which no other takes the place of."""
        with self._vault.write() as db:
            db.execute(
                "UPDATE conversations SET title = ?, is_titled = 1 WHERE id = ?",
                [one_line(title)[:TITLE_LENGTH], conversation],
            )

    def suggest_title(self, conversation: ConversationId, title: str) -> bool:
        """Give a chat a title, unless the person has given it one; whether it has it now."""
        with self._vault.write() as db:
            given = db.execute(
                "UPDATE conversations SET title = ? WHERE id = ? AND NOT is_titled",
                [one_line(title)[:TITLE_LENGTH], conversation],
            )
            return bool(given.rowcount)

    def pin(self, conversation: ConversationId, *, is_pinned: bool) -> None:
        """Keep a chat before the others, or no longer."""
        with self._vault.write() as db:
            db.execute("UPDATE conversations SET is_pinned = ? WHERE id = ?", [is_pinned, conversation])

    def append(self, conversation: ConversationId, message: Message, after: int | None = None) -> int:
        """Save a message behind the last one that is shown, or `after` another (0: as a first one); return its number.

        The branch that is shown is then the one that ends with it. The first message names the conversation.
        """
        with self._vault.write() as db:
            if after is None:
                (after,) = db.execute(
                    "SELECT coalesce((SELECT leaf FROM conversations WHERE id = :id), max(id)) FROM messages "
                    "WHERE conversation = :id",
                    {"id": conversation},
                ).fetchone()
            (number,) = db.execute(
                "INSERT INTO messages (conversation, role, text, citations, stop_reason, note, marks, parent) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
                [conversation, *_columns(message), after or None],
            ).fetchone()
            db.execute(
                "UPDATE conversations SET leaf = ?, updated = ?, title = iif(title = '', ?, title) WHERE id = ?",
                [number, datetime.now(UTC).isoformat(), one_line(message.text)[:TITLE_LENGTH], conversation],
            )
        return int(number)

    def show_version(self, conversation: ConversationId, number: int, step: int) -> None:
        """Show the newest branch with the version that is `step` after a message, or before it."""
        parents = self._parents(conversation)
        other = version_beside(parents, number, step)
        if other != number:
            with self._vault.write() as db:
                db.execute(
                    "UPDATE conversations SET leaf = ? WHERE id = ?", [leaf_behind(parents, other), conversation]
                )

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
        """Remove a message that remained empty; the version before it is shown then, or what it followed."""
        with self._vault.write() as db:
            row = db.execute("SELECT conversation, parent FROM messages WHERE id = ?", [number]).fetchone()
            db.execute("DELETE FROM messages WHERE id = ?", [number])
            if row is not None and row[1] is not None:
                found = db.execute("SELECT id, parent FROM messages WHERE conversation = ? ORDER BY id", [row[0]])
                leaf = leaf_behind(dict(found.fetchall()), row[1])
                db.execute("UPDATE conversations SET leaf = ? WHERE id = ? AND leaf = ?", [leaf, row[0], number])

    def delete(self, conversation: ConversationId) -> None:
        """Delete a conversation."""
        forget_conversation(self._vault, conversation)


def _columns(message: Message) -> tuple[str, str, bytes, str, str, bytes]:
    citations = msgspec.msgpack.encode(tuple(msgspec.structs.replace(c, is_earlier=False) for c in message.citations))
    marks = msgspec.msgpack.encode(message.marks)
    return message.role.value, message.text, citations, message.stop_reason.value, message.note, marks


def _conversation(
    id_: str,
    title: str,
    updated: str,
    call: str | None,
    is_pinned: int,
    uses_everything: int,
    *,
    calls: Iterable[CallId],
) -> Conversation:
    sources = EVERYTHING if uses_everything else Sources(tuple(calls))
    about = CallId(call) if call else None
    when = datetime.fromisoformat(updated)
    return Conversation(ConversationId(id_), title, when, about, sources=sources, is_pinned=bool(is_pinned))


def _write_sources(db: Database, conversation: ConversationId, sources: Sources) -> None:
    db.execute("UPDATE conversations SET uses_everything = ? WHERE id = ?", [sources.is_everything, conversation])
    db.execute("DELETE FROM chat_calls WHERE conversation = ?", [conversation])
    for call in sources.calls:
        db.execute(
            "INSERT OR IGNORE INTO chat_calls (conversation, recording) SELECT ?, id FROM recordings WHERE id = ?",
            [conversation, call],
        )


def _message(role: str, text: str, citations: bytes, stop_reason: str, note: str, marks: bytes) -> Message:
    cited = msgspec.msgpack.decode(citations, type=tuple[Citation, ...])
    places = msgspec.msgpack.decode(marks, type=tuple[Mark, ...])
    return Message(Role(role), text, cited, StopReason(stop_reason), note, places)
