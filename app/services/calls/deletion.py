"""Before something is deleted: what goes along, and what may keep it for a while."""

from app.core.deletion import Consequences
from app.core.ids import ConversationId, RecordingId, made_at
from app.services.vault.maintenance import Keeping
from app.storage.tables.recordings import RecordingStore


class Forgetting:
    """Says what a deletion means. Each call touches the disk: not for the GUI thread."""

    def __init__(self, recordings: RecordingStore, keeping: Keeping) -> None:
        self._recordings = recordings
        self._keeping = keeping

    def of_call(self, recording: RecordingId) -> Consequences:
        """What deleting a call means."""
        return Consequences(self._recordings.answers_quoting(recording), self._keeping.held_until(made_at(recording)))

    def of_chat(self, conversation: ConversationId) -> Consequences:
        """What deleting a chat means."""
        return Consequences(copies_until=self._keeping.held_until(made_at(conversation)))
