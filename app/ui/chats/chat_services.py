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

    def ask_anew(self, conversation: "ConversationId", number: int, question: str, context: "JobContext", /) -> object:
        """Ask another question in the place of the one with this number."""

    def reply_anew(self, conversation: "ConversationId", number: int, context: "JobContext", /) -> object:
        """Write another reply in the place of the one with this number."""

    def go_on(self, conversation: "ConversationId", number: int, context: "JobContext", /) -> object:
        """Go on with the reply with this number, which is the last message."""

    def forget_incognito(self) -> None:
        """Forget all incognito chats."""

    def show_version(self, conversation: "ConversationId", number: int, step: int, /) -> None:
        """Show the branch with the version before or after a message."""

    def rename(self, conversation: "ConversationId", title: str, /) -> None:
        """Give a chat a title of the person's own."""

    def pin(self, conversation: "ConversationId", *, is_pinned: bool) -> None:
        """Keep a chat before the others, or no longer."""

    def write_title(self, conversation: "ConversationId", context: "JobContext", /) -> str:
        """Have the model name a chat; "" if it was not."""


class CitedCalls(Protocol):
    """The calls that chats may use, and answers cite. Each method touches the disk."""

    def calls(self) -> "list[Call]":
        """All calls, newest first."""

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
