"""The calls in the vault: reading them, and what a person changes of them."""

from collections.abc import Callable

import msgspec

from app.core.change import Change
from app.core.errors import AssistantError
from app.core.ids import RecordingId
from app.core.recording import Recording, Survey
from app.core.summary import Summary
from app.core.transcript import Transcript
from app.storage.tables.recordings import RecordingStore

_LONGEST_TITLE = 200  # characters
_LONGEST_NAME = 60


class Library:
    """Reads and changes recordings. Each call touches the disk: not for the GUI thread."""

    def __init__(self, recordings: RecordingStore, publish: Callable[[Change], None]) -> None:
        self._recordings = recordings
        self._publish = publish

    def recordings(self) -> list[Recording]:
        """All calls, newest first."""
        return self._recordings.all()

    def recording(self, recording: RecordingId) -> Recording:
        """One call.

        Raises:
            NotFound: there is none.
        """
        return self._recordings.get(recording)

    def find(self, beginning: str) -> RecordingId:
        """The one call whose id begins so.

        Raises:
            NotFound: there is none, or there are several.
        """
        return self._recordings.find(beginning.strip().casefold())

    def transcript(self, recording: RecordingId) -> Transcript:
        """What is transcribed of it so far."""
        return self._recordings.transcript(recording)

    def summary(self, recording: RecordingId) -> Summary | None:
        """Its summary, if there is one."""
        return self._recordings.summary(recording)

    def survey(self, recording: RecordingId) -> Survey:
        """Its peaks and levels, for the waveform."""
        return self._recordings.survey(recording)

    def rename(self, recording: RecordingId, title: str) -> None:
        """Give it a title; a later summary leaves it.

        Raises:
            AssistantError: the title is empty.
        """
        plain = one_line(title)[:_LONGEST_TITLE]
        if not plain:
            raise AssistantError("A call needs a title.", "The old one was kept; type a new one.")
        self._recordings.rename(recording, plain)
        self._publish(Change("recording", recording))

    def swap_sides(self, recording: RecordingId) -> None:
        """Exchange who is on which channel; done twice, it is undone."""
        self._recordings.set_speakers(recording, self._recordings.get(recording).speakers.swapped())
        self._publish(Change("recording", recording))

    def name_speakers(self, recording: RecordingId, left: str = "", right: str = "") -> None:
        """Name the speakers of the left and the right channel; an empty name leaves the old one."""
        known = self._recordings.get(recording).speakers
        names = (one_line(left)[:_LONGEST_NAME] or known.names[0], one_line(right)[:_LONGEST_NAME] or known.names[1])
        self._recordings.set_speakers(recording, msgspec.structs.replace(known, names=names))
        self._publish(Change("recording", recording))

    def delete(self, recording: RecordingId) -> None:
        """Forget a call: its key, every word of it, and the answers that quote it. This can't be undone."""
        conversations = self._recordings.delete(recording)
        self._publish(Change("recording", recording, is_gone=True))
        for conversation in conversations:
            self._publish(Change("conversation", conversation))


def one_line(text: str) -> str:
    """One line of text, also of what came from a file name whose bytes are no text."""
    return " ".join(text.encode("utf-8", "replace").decode().split())
