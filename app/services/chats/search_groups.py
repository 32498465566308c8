"""The chats in which words were asked or answered, each with its newest messages that have them."""

from app.core.conversation import Role
from app.core.errors import NotFound
from app.core.found import FoundGroup, Place, has_every_word, spans_of
from app.core.ids import ConversationId
from app.core.prompts import plain_answer
from app.storage.tables.conversations import ConversationStore

_MOST_GROUPS = 30
_MOST_PLACES = 3  # of one chat that are shown


class ChatGroups:
    """Searches questions and answers.

    They are read one after the other, without an index: a person asks some thousand questions in years, which are read
    in the time of one key press.
    """

    def __init__(self, conversations: ConversationStore) -> None:
        self._conversations = conversations

    def grouped(self, query: str) -> list[FoundGroup]:
        """The chats with every word of the query in one message, newest first."""
        found: list[FoundGroup] = []
        for known in self._conversations.all():
            places = self._places(known.id, query)
            if places:
                shown = tuple(places[:_MOST_PLACES])
                found.append(
                    FoundGroup(
                        "chat", known.id, known.title, known.updated, spans_of(known.title, query), shown,
                        len(places) - len(shown), known.call or "",
                    )
                )  # fmt: skip
            if len(found) == _MOST_GROUPS:
                break
        return found

    def _places(self, conversation: ConversationId, query: str) -> list[Place]:
        try:
            messages = self._conversations.get(conversation).messages
        except NotFound:  # deleted meanwhile
            return []
        texts = [plain_answer(one) if one.role is Role.ASSISTANT else one.text for one in messages]
        return [
            Place(text, spans_of(text, query), message=number)
            for number, text in enumerate(texts)
            if has_every_word(text, query)
        ]
