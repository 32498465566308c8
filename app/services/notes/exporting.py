"""Notes as Markdown files, in the clear."""

import os
from pathlib import Path

from app.core.errors import AssistantError
from app.core.file_names import proposed_name
from app.core.ids import NoteId
from app.core.note import shown_title
from app.services.outputs import Outputs
from app.storage.tables.notes import NoteStore

_MOST_NAMES = 1000  # files of one name, numbered, in one folder


class NoteExport:
    """Writes notes as they are: their text is Markdown already. Each method touches the disk."""

    def __init__(self, notes: NoteStore, outputs: Outputs) -> None:
        self._notes, self._outputs = notes, outputs

    def text(self, note: NoteId) -> str:
        """The text of the file: that of the note, with an end to its last line.

        Raises:
            NotFound: there is no such note.
        """
        text = self._notes.get(note).text
        return text if text.endswith("\n") or not text else text + "\n"

    def save(self, note: NoteId, path: Path) -> None:
        """Write a note to a path that a person has agreed to replace.

        Raises:
            NotFound: there is no such note.
            AssistantError: the file can't be written there.
        """
        self._outputs.named(path, replaces=True).write_text(self.text(note))

    def save_all(self, folder: Path) -> list[Path]:
        """Write each note that is not in the trash to a folder; no file is replaced; returns the files.

        Raises:
            AssistantError: there is no such folder, or nothing can be written there.
        """
        place = folder.resolve()
        if not place.is_dir():
            raise AssistantError("The folder to export to is not there.", "Nothing was changed; check its name.")
        self._outputs.require_new_folder(place)
        written = []
        for entry in self._notes.entries():
            path = _free(place, Path(proposed_name(shown_title(entry.title), "md")))
            self._outputs.named(path).write_text(self.text(entry.id))
            written.append(path)
        return written


def _free(folder: Path, name: Path) -> Path:
    for number in range(1, _MOST_NAMES):
        path = folder / (name.name if number == 1 else f"{name.stem} ({number}){name.suffix}")
        if not os.path.lexists(path):  # a link that leads nowhere too: nothing is written where it leads
            return path
    raise AssistantError("There are too many files of that name.", "Nothing was replaced; move some of them away.")
