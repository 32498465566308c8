"""What the page of calls uses of an open vault, as protocols."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from app.ui.calls.player_bar import Playback
from app.ui.conversation.question import Questions

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from app.core.call import Call, Survey
    from app.core.check import CheckedStatement
    from app.core.deletion import Consequences
    from app.core.ids import CallId
    from app.core.job import Job, JobContext
    from app.core.line_changes import LineChange
    from app.core.search import Hit
    from app.core.summary import Summary
    from app.core.transcript import Transcript
    from app.services.models.listing import SpeechChoice


class CallLibrary(Protocol):
    """The calls, and the changes that a person makes to them. Each method touches the disk: not for the GUI thread."""

    def calls(self) -> "list[Call]":
        """All calls, newest first."""

    def call(self, call: "CallId", /) -> "Call":
        """One call."""

    def transcript(self, call: "CallId", /) -> "Transcript":
        """Its transcript so far."""

    def summary(self, call: "CallId", /) -> "Summary | None":
        """Its summary, if there is one."""

    def survey(self, call: "CallId", /) -> "Survey":
        """Its peaks and levels."""

    def rename(self, call: "CallId", title: str, /) -> None:
        """Give it a title."""

    def change(self, change: "LineChange", /, *, is_new: bool) -> None:
        """Carry out what a person did to lines of a call; other words of one line are tidied if `is_new`."""

    def replace(self, old: str, new: str, call: "CallId | None" = None, /) -> "list[LineChange]":
        """Replace words in one call or in all; what was changed in each."""

    def swap_sides(self, call: "CallId", /) -> None:
        """Swap the speakers of its two sides."""

    def name_speakers(self, call: "CallId", names: "Sequence[str]", /) -> None:
        """Name its first speakers, in their order."""

    def delete(self, call: "CallId", /) -> None:
        """Delete it."""


class Exporting(Protocol):
    """Calls as unencrypted files. Each method touches the disk."""

    def text(self, call: "CallId", /) -> str:
        """The call as plain text."""

    def save(self, call: "CallId", fmt: str, path: Path, /) -> None:
        """Write the call to a file."""


class Deleting(Protocol):
    """The consequences of a deletion, told in advance. Touches the disk."""

    def of_call(self, call: "CallId", /) -> "Consequences":
        """The consequences of deleting a call."""


class Copying(Protocol):
    """The copies that the vault keeps of its database."""

    def replace_copies(self, context: "JobContext", /) -> object:
        """Write the copies anew, so that they forget what was deleted."""


class Searching(Protocol):
    """Finds lines and titles by their words. Touches the disk."""

    def search(self, query: str, limit: int = 50) -> "list[Hit]":
        """What has every word of the query, best first."""


class OpenCallServices(Protocol):
    """What the page of one open call uses of a session."""

    @property
    def library(self) -> CallLibrary:
        """The calls."""

    @property
    def answering(self) -> Questions:
        """Questions about a call."""

    @property
    def player(self) -> Playback:
        """What plays a call."""

    @property
    def call_export(self) -> Exporting:
        """Calls as text."""

    @property
    def deletion(self) -> Deleting:
        """The consequences of a deletion."""

    @property
    def maintenance(self) -> Copying:
        """The copies of the vault."""

    def advance(self, call: "CallId", /) -> object:
        """Take a call to its next step. Touches the disk."""

    def transcribe_again(self, call: "CallId", language: str, model: str, /) -> object:
        """Transcribe a call from the start. Touches the disk."""

    def find_speakers(self, call: "CallId", count: int, /) -> "Job[LineChange | None]":
        """Submit the telling apart of a call's speakers, so many or with 0 as many as are heard."""

    def speech_choices(self) -> "Sequence[SpeechChoice]":
        """The speech models that can hear a call, the one in use first. Touches the disk."""

    def is_heard_by_demo(self, call: "CallId", /) -> bool:
        """Whether the demo model heard this call, and does not know it. Touches the disk."""

    def summarize(self, call: "CallId", /) -> object:
        """Submit a new summary."""


class ChecksTexts(Protocol):
    """Checks texts against a call. Each method takes time: not for the GUI thread."""

    def run(self, call: "CallId", text: str, context: "JobContext", /) -> "tuple[CheckedStatement, ...]":
        """What the call says of each statement of a text."""

    def read(self, path: Path, /) -> str:
        """The text of a file."""

    def save(self, report: str, path: Path, /) -> None:
        """Write a report to a file."""


class CallServices(OpenCallServices, Protocol):
    """What the page of all calls uses of a session."""

    @property
    def checking(self) -> ChecksTexts:
        """What checks texts against a call."""

    @property
    def search(self) -> Searching:
        """What finds lines by their words."""

    def stop(self, job: "Job[Any]", /) -> None:
        """Stop a job; what a step has saved is kept. May touch the disk."""

    def do_next(self, job: "Job[Any]", /) -> None:
        """Let a job that waits be the next of its lane."""

    @property
    def import_files(self) -> "Callable[[Sequence[Path]], Sequence[Job[Any]]]":
        """Submits the import of each file."""
