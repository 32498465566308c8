"""Exporting a call from the vault to an unencrypted file of the person's choice."""

from pathlib import Path

from app.core.exports import ExportedCall, export_format
from app.core.files import write_document
from app.core.ids import CallId
from app.services.calls.library import Library


class CallExport:
    """Writes calls as text."""

    def __init__(self, library: Library) -> None:
        self._library = library

    def text(self, call: CallId, fmt: str) -> str:
        """The call as text in the format of this name."""
        library = self._library
        exported = ExportedCall(library.transcript(call), library.call(call), library.summary(call))
        return export_format(fmt).render(exported)

    def save(self, call: CallId, fmt: str, path: Path) -> None:
        """Write the call to a file, whole or not at all.

        Raises:
            AssistantError: the file can't be written there.
        """
        write_document(path, self.text(call, fmt))
