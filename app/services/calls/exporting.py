"""A call leaves the vault as a file: in the clear, where the person says."""

from pathlib import Path

from app.core.export import Format, rendered
from app.core.files import write_whole
from app.core.ids import RecordingId
from app.services.calls.library import Library


class Exporting:
    """Writes calls as text."""

    def __init__(self, library: Library) -> None:
        self._library = library

    def text(self, recording: RecordingId, fmt: Format) -> str:
        """The call in a format."""
        library = self._library
        return rendered(fmt, library.transcript(recording), library.recording(recording), library.summary(recording))

    def save(self, recording: RecordingId, fmt: Format, path: Path) -> None:
        """Write the call to a file, whole or not at all.

        Raises:
            AssistantError: the file can't be written there.
        """
        write_whole(path, self.text(recording, fmt))
