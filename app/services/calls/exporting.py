"""Exporting a call from the vault to an unencrypted file of the person's choice."""

from pathlib import Path

from app.core.exports import ExportedCall, export_format
from app.core.ids import CallId
from app.core.output import Output
from app.core.written_call import NoTimes
from app.services.calls.library import Library
from app.services.outputs import Outputs


class CallExport:
    """Writes calls as text."""

    def __init__(self, library: Library, outputs: Outputs) -> None:
        self._library, self._outputs = library, outputs

    def text(self, call: CallId, fmt: str) -> str:
        """The call as text in the format of this name.

        Raises:
            NoTimes: the format needs times, and the call came as a text without them.
        """
        library = self._library
        exported = ExportedCall(library.transcript(call), library.call(call), library.summary(call))
        chosen = export_format(fmt)
        if chosen.needs_times and not exported.transcript.has_times:
            raise NoTimes
        return chosen.render(exported)

    def save(self, call: CallId, fmt: str, place: Output | Path) -> None:
        """Write the call to an output, or to a path that a person has agreed to replace.

        Raises:
            AssistantError: the file can't be written there.
        """
        output = place if isinstance(place, Output) else self._outputs.named(place, replaces=True)
        output.write_text(self.text(call, fmt))
