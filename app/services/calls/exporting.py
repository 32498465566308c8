"""A call leaves the vault as a file: in the clear, where the person says."""

import os
from contextlib import suppress
from pathlib import Path

from app.core.errors import AssistantError, NotEnoughSpace
from app.core.export import Format, rendered
from app.core.ids import RecordingId
from app.services.calls.library import Library
from app.storage.database.connection import disk_error

_REFUSED = ("The file could not be written there.", "Nothing was changed; choose another folder.")


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


def write_whole(path: Path, text: str) -> None:
    """Write a text file whole or not at all.

    Raises:
        AssistantError: the file can't be written there.
    """
    fresh = path.with_name(f".{path.name}.new")
    try:
        with fresh.open("w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except OSError as error:
        with suppress(OSError):  # the folder refuses everything; the error below says so
            fresh.unlink(missing_ok=True)
        if isinstance(disk_error(error), NotEnoughSpace):
            raise NotEnoughSpace from error
        raise AssistantError(*_REFUSED) from error


def must_be_writable(path: Path) -> None:
    """Find out before long work whether its result can be written.

    Raises:
        AssistantError: it can't.
    """
    if path.is_dir() or not os.access(path.parent, os.W_OK | os.X_OK):
        raise AssistantError(*_REFUSED)
