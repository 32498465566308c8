"""The calls in the vault: reading them, and the changes that a person makes to them."""

from collections.abc import Callable

import msgspec

from app.core.call import Call, Survey
from app.core.change import Change
from app.core.errors import AssistantError
from app.core.ids import CallId
from app.core.summary import Summary
from app.core.transcript import Transcript
from app.storage.tables.calls import CallStore

_LONGEST_TITLE = 200  # characters
_LONGEST_NAME = 60


class Library:
    """Reads and changes calls. Each method touches the disk: not for the GUI thread."""

    def __init__(self, calls: CallStore, publish: Callable[[Change], None]) -> None:
        self._calls = calls
        self._publish = publish

    def calls(self) -> list[Call]:
        """All calls, newest first."""
        return self._calls.all()

    def call(self, call: CallId) -> Call:
        """One call.

        Raises:
            NotFound: there is none.
        """
        return self._calls.get(call)

    def find(self, beginning: str) -> CallId:
        """The one call whose id begins with this text.

        Raises:
            NotFound: there is none, or more than one.
        """
        return self._calls.find(beginning.strip().casefold())

    def transcript(self, call: CallId) -> Transcript:
        """Its transcript so far."""
        return self._calls.transcript(call)

    def summary(self, call: CallId) -> Summary | None:
        """Its summary, if there is one."""
        return self._calls.summary(call)

    def survey(self, call: CallId) -> Survey:
        """Its peaks and levels, for the waveform."""
        return self._calls.survey(call)

    def rename(self, call: CallId, title: str) -> None:
        """Give it a title, which a later summary does not replace.

        Raises:
            AssistantError: the title is empty.
        """
        plain = one_line(title)[:_LONGEST_TITLE]
        if not plain:
            raise AssistantError("A call needs a title.", "The old one was kept; type a new one.")
        self._calls.rename(call, plain)
        self._publish(Change("recording", call))

    def swap_sides(self, call: CallId) -> None:
        """Swap the speakers of the two channels; doing it twice undoes it."""
        self._calls.set_speakers(call, self._calls.get(call).speakers.swapped())
        self._publish(Change("recording", call))

    def name_speakers(self, call: CallId, left: str = "", right: str = "") -> None:
        """Name the speakers of the left and the right channel; an empty name keeps the old one."""
        known = self._calls.get(call).speakers
        names = (one_line(left)[:_LONGEST_NAME] or known.names[0], one_line(right)[:_LONGEST_NAME] or known.names[1])
        self._calls.set_speakers(call, msgspec.structs.replace(known, names=names))
        self._publish(Change("recording", call))

    def delete(self, call: CallId) -> None:
        """Delete a call: its key, every word of it, and the answers that quote it. This can't be undone."""
        conversations = self._calls.delete(call)
        self._publish(Change("recording", call, is_gone=True))
        for conversation in conversations:
            self._publish(Change("conversation", conversation))


def one_line(text: str) -> str:
    """The text on one line; it may come from a file name whose bytes are not valid text."""
    return " ".join(text.encode("utf-8", "replace").decode().split())
