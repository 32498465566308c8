"""What the page of notes uses of an open vault, as protocols."""

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from app.core.deletion import Consequences
    from app.core.ids import NoteId
    from app.core.job import JobContext
    from app.core.note import Note, NoteEntry, NoteVersion
    from app.core.note_links import NoteLink
    from app.services.notes.linking import Backlink, Completion, LinkTarget, Targets
    from app.ui.writing.text_job import DoesWriting


class WritesNotes(Protocol):
    """The notes, and the changes that a person makes to them. Each method touches the disk: not for the GUI thread."""

    def entries(self, *, in_trash: bool = False) -> "list[NoteEntry]":
        """All notes in the order of the list, or those in the trash."""

    def entry(self, note: "NoteId", /) -> "NoteEntry | None":
        """One note as it stands in the list."""

    def note(self, note: "NoteId", /) -> "Note":
        """One note."""

    def search(self, query: str, /) -> "list[NoteEntry]":
        """The notes with every word and tag of a query."""

    def add(self, text: str, note: "NoteId | None" = None, /) -> "NoteId":
        """Store a new note, under an id that was made for it."""

    def save(self, note: "NoteId", text: str, /) -> "Note":
        """Save its text."""

    def pin(self, note: "NoteId", is_pinned: bool, /) -> None:
        """Pin it, or not any more."""

    def versions(self, note: "NoteId", /) -> "list[NoteVersion]":
        """What texts it had, the newest first."""

    def version(self, note: "NoteId", number: int, /) -> str:
        """One of these texts."""

    def put_back(self, note: "NoteId", version: int, /) -> "Note":
        """Let it say what it said in a version."""

    def delete(self, note: "NoteId", /) -> None:
        """Move it to the trash."""

    def restore(self, note: "NoteId", /) -> None:
        """Bring it back from the trash."""

    def forget(self, *notes: "NoteId") -> None:
        """Delete notes for good."""

    def empty_trash(self) -> int:
        """Delete for good what is in the trash."""


class FollowsLinks(Protocol):
    """Where links lead. Each method touches the disk."""

    def targets(self) -> "Targets":
        """All that links can lead to."""

    def target(self, link: "NoteLink", /) -> "LinkTarget | None":
        """Where a link leads."""

    def backlinks(self, note: "NoteId", /) -> "list[Backlink]":
        """The notes with a link to this one."""

    def completions(self, typed: str, note: "NoteId | None" = None, /) -> "list[Completion]":
        """What can be linked to whose title has these words."""

    def follow_title(self, note: "NoteId", /) -> object:
        """Let the links to a note follow its title."""


class ExportsNotes(Protocol):
    """Notes as unencrypted files. Touches the disk."""

    def save(self, note: "NoteId", path: Path, /) -> None:
        """Write a note to a file."""


class Deleting(Protocol):
    """The consequences of a deletion, told in advance. Touches the disk."""

    def of_note(self, note: "NoteId", /) -> "Consequences":
        """The consequences of deleting a note for good."""


class Copying(Protocol):
    """The copies that the vault keeps of its database."""

    def replace_copies(self, context: "JobContext", /) -> object:
        """Write the copies anew, so that they forget what was deleted."""


class NoteServices(Protocol):
    """What the page of notes uses of a session."""

    @property
    def notes(self) -> WritesNotes:
        """The notes."""

    @property
    def note_links(self) -> FollowsLinks:
        """Their links."""

    @property
    def note_export(self) -> ExportsNotes:
        """Notes as files."""

    @property
    def writing(self) -> "DoesWriting":
        """What is done with texts."""

    @property
    def deletion(self) -> Deleting:
        """The consequences of a deletion."""

    @property
    def maintenance(self) -> Copying:
        """The copies of the vault."""
