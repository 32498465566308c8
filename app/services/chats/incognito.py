"""Chats that are kept in memory alone: nothing of them is in the vault, and they end with the session."""

import threading
from datetime import UTC, datetime

import msgspec

from app.core.branches import branch_of, leaf_behind, version_beside
from app.core.conversation import NOTHING, Conversation, Message, Sources
from app.core.errors import NotFound
from app.core.ids import CallId, ConversationId, new_conversation_id


class IncognitoChats:
    """Does with chats what `ConversationStore` does, without a file."""

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._chats: dict[ConversationId, Conversation] = {}
        self._messages: dict[ConversationId, dict[int, Message]] = {}
        self._parents: dict[ConversationId, dict[int, int | None]] = {}
        self._leaves: dict[ConversationId, int | None] = {}
        self._last = 0

    def __contains__(self, conversation: ConversationId) -> bool:
        with self._mutex:
            return conversation in self._chats

    def get(self, conversation: ConversationId) -> Conversation:
        """One chat with the messages of the branch that is shown.

        Raises:
            NotFound: there is none.
        """
        with self._mutex:
            if conversation not in self._chats:
                raise _gone()
            branch = branch_of(self._parents[conversation], self._leaves[conversation])
            messages = tuple(self._messages[conversation][version.number] for version in branch)
            return msgspec.structs.replace(self._chats[conversation], messages=messages, versions=tuple(branch))

    def start(self, call: CallId | None = None, sources: Sources = NOTHING) -> Conversation:
        """Begin an empty chat."""
        made = Conversation(new_conversation_id(), "", datetime.now(UTC), call, sources=sources)
        with self._mutex:
            self._chats[made.id] = made
            self._messages[made.id], self._parents[made.id], self._leaves[made.id] = {}, {}, None
        return made

    def use(self, conversation: ConversationId, sources: Sources) -> None:
        """Change what a chat may use."""
        self._change(conversation, sources=sources)

    def rename(self, conversation: ConversationId, title: str) -> None:
        """Give a chat a title."""
        self._change(conversation, title=title)

    def append(self, conversation: ConversationId, message: Message, after: int | None = None) -> int:
        """Keep a message behind the last one shown, or `after` another (0: as a first one); return its number."""
        with self._mutex:
            if conversation not in self._chats:
                raise _gone()
            self._last += 1
            self._messages[conversation][self._last] = message
            last = self._leaves[conversation] if after is None else after
            self._parents[conversation][self._last] = last or None
            self._leaves[conversation] = self._last
            return self._last

    def show_version(self, conversation: ConversationId, number: int, step: int) -> None:
        """Show the newest branch with the version that is `step` after a message, or before it."""
        with self._mutex:
            parents = self._parents[conversation]
            other = version_beside(parents, number, step)
            if other != number:
                self._leaves[conversation] = leaf_behind(parents, other)

    def replace(self, number: int, message: Message) -> None:
        """Keep the current text of a message being written."""
        with self._mutex:
            for messages in self._messages.values():
                if number in messages:
                    messages[number] = message

    def remove_message(self, number: int) -> None:
        """Remove a message that remained empty; the version before it is shown then, or what it followed."""
        with self._mutex:
            for conversation, messages in self._messages.items():
                if messages.pop(number, None) is not None:
                    parents = self._parents[conversation]
                    parent = parents.pop(number)
                    self._leaves[conversation] = None if parent is None else leaf_behind(parents, parent)

    def forget_call(self, call: CallId) -> None:
        """Forget the chats that may use a call that is deleted, or that cite it."""
        with self._mutex:
            for conversation, known in list(self._chats.items()):
                cited = {c.id for m in self._messages[conversation].values() for c in m.citations}
                if call in cited or call in known.sources.calls:
                    self._forget(conversation)

    def clear(self) -> None:
        """Forget all chats."""
        with self._mutex:
            for conversation in list(self._chats):
                self._forget(conversation)

    def delete(self, conversation: ConversationId) -> None:
        """Forget a chat."""
        with self._mutex:
            self._forget(conversation)

    def _forget(self, conversation: ConversationId) -> None:
        for kept in (self._chats, self._messages, self._parents, self._leaves):
            kept.pop(conversation, None)

    def _change(self, conversation: ConversationId, **values: object) -> None:
        with self._mutex:
            if conversation in self._chats:
                self._chats[conversation] = msgspec.structs.replace(self._chats[conversation], **values)


def _gone() -> NotFound:
    return NotFound("This incognito chat is gone.", "It was kept in memory alone; start a new one.")
