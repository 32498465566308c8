"""What the page of chats uses of an open vault, as protocols."""

from typing import TYPE_CHECKING, Protocol

from app.ui.conversation.question import Questions

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.core.call import Call
    from app.core.conversation import Citation, CitedWords, Conversation
    from app.core.deletion import Consequences
    from app.core.ids import CallId, ConversationId
    from app.core.job import JobContext


class Chats(Questions, Protocol):
    """The stored chats. Each method touches the disk: not for the GUI thread."""

    def conversations(self) -> "list[Conversation]":
        """All of them, newest first, without their messages."""

    def delete(self, conversation: "ConversationId", /) -> None:
        """Delete one."""


class CitedCalls(Protocol):
    """The calls that answers cite. Each method touches the disk."""

    def call(self, call: "CallId", /) -> "Call":
        """One call."""

    def cited(self, citations: "Iterable[Citation]", /) -> "list[CitedWords]":
        """The words that citations point at."""


class Deleting(Protocol):
    """The consequences of a deletion, told in advance. Touches the disk."""

    def of_chat(self, conversation: "ConversationId", /) -> "Consequences":
        """The consequences of deleting a chat."""


class Copying(Protocol):
    """The copies that the vault keeps of its database."""

    def replace_copies(self, context: "JobContext", /) -> object:
        """Write the copies anew, so that they forget what was deleted."""


class ChatServices(Protocol):
    """What the page of chats uses of a session."""

    @property
    def answering(self) -> Chats:
        """The chats."""

    @property
    def library(self) -> CitedCalls:
        """The calls."""

    @property
    def deletion(self) -> Deleting:
        """The consequences of a deletion."""

    @property
    def maintenance(self) -> Copying:
        """The copies of the vault."""
