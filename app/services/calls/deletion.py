"""The consequences of a deletion: what else is deleted, and which copies keep it for a while."""

from app.core.deletion import Consequences
from app.core.ids import CallId, ConversationId, NoteId, made_at
from app.services.vault.maintenance import Maintenance
from app.storage.tables.calls import CallStore


class Deletion:
    """Tells the consequences of a deletion in advance. Each method touches the disk: not for the GUI thread."""

    def __init__(self, calls: CallStore, maintenance: Maintenance) -> None:
        self._calls = calls
        self._maintenance = maintenance

    def of_call(self, call: CallId) -> Consequences:
        """The consequences of deleting a call."""
        return Consequences(self._calls.answers_quoting(call), self._maintenance.held_until(made_at(call)))

    def of_chat(self, conversation: ConversationId) -> Consequences:
        """The consequences of deleting a chat."""
        return Consequences(copies_until=self._maintenance.held_until(made_at(conversation)))

    def of_note(self, note: NoteId) -> Consequences:
        """The consequences of deleting a note for good."""
        return Consequences(copies_until=self._maintenance.held_until(made_at(note)))
