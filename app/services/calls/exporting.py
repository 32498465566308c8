"""Exporting a call from the vault to an unencrypted file of the person's choice."""

from pathlib import Path

from app.core.exports import Content, DrawDocument, ExportedCall, ExportOptions, draw_nothing, export_format
from app.core.ids import CallId
from app.core.output import Output
from app.core.written_call import NoTimes
from app.services.calls.library import Library
from app.services.outputs import Outputs

_WHOLE = ExportOptions()


class CallExport:
    """Writes calls in the formats of an export; `draw` draws the pages of those that have some."""

    def __init__(self, library: Library, outputs: Outputs, draw: DrawDocument = draw_nothing) -> None:
        self._library, self._outputs, self._draw = library, outputs, draw

    def text(self, call: CallId) -> str:
        """The call as plain text."""
        found = self.content(call, "txt")
        assert isinstance(found, str)
        return found

    def content(self, call: CallId, fmt: str, options: ExportOptions = _WHOLE) -> Content:
        """The call in the format of this name; of what is to be left out, what that can do without.

        Raises:
            NoTimes: the format needs times, and the call came as a text without them.
            NotDrawable: it has pages, and there is nothing that draws them.
        """
        library = self._library
        exported = ExportedCall(library.transcript(call), library.call(call), library.summary(call))
        chosen = export_format(fmt)
        if chosen.needs_times and not exported.transcript.has_times:
            raise NoTimes
        return chosen.content(exported, options, self._draw)

    def save(self, call: CallId, fmt: str, place: Output | Path) -> None:
        """Write the call to an output, or to a path that a person has agreed to replace.

        Raises:
            AssistantError: the file can't be written there.
        """
        output = place if isinstance(place, Output) else self._outputs.named(place, replaces=True)
        output.write_content(self.content(call, fmt))
