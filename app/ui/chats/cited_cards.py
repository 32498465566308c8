"""The cards below the answers of a chat: the call and the moment behind each citation."""

from typing import TYPE_CHECKING

from app.core.conversation import Citation, Conversation, Role
from app.core.durations import moment
from app.core.errors import AssistantError
from app.ui.conversation.source_cards import Source
from app.ui.style.phrases import short_day

if TYPE_CHECKING:
    from app.core.job import JobContext
    from app.ui.chats.chat_services import CitedCalls


def cited_cards(conversation: Conversation, library: "CitedCalls", context: "JobContext") -> dict[int, list[Source]]:
    """For each answer, by its number from 0, the cards of what it cites. Touches the disk."""
    found: dict[int, list[Source]] = {}
    for place, reply in enumerate(conversation.messages):
        if reply.role is not Role.ASSISTANT:
            continue
        cards = []
        for number, citation in enumerate(reply.citations, 1):
            context.checkpoint()
            card = _card(number, citation, library)
            if card is not None:
                cards.append(card)
        found[place] = cards
    return found


def _card(number: int, citation: Citation, library: "CitedCalls") -> Source | None:
    try:
        call = library.call(citation.id)
        (cited,) = library.cited([citation])
    except AssistantError:
        return None  # the call has been deleted since; the answer is shown without this card
    when = f"{short_day(call.date)}, {moment(citation.start, citation.end, cited.line)}"
    source = "Call" if cited.line else "From an earlier transcript of the call"
    detail = f"{source}, {when}: “{cited.text}”" if cited.text else f"{source}, {when}"
    return Source(citation, f"{number} · {call.title}", detail)
