"""The last step of a call: it is written, in the clear, to the folder that a person chose as it came in."""

import os
from pathlib import Path

from app.core.errors import AssistantError
from app.core.exports import Content, export_format, export_formats
from app.core.ids import CallId
from app.core.import_options import DEFAULT_NAME, ExportPlan
from app.core.job import JobContext
from app.services.calls.exporting import CallExport
from app.services.outputs import Outputs
from app.storage.tables.calls import CallStore

_MOST_NAMES = 1000  # files of one name, numbered, in one folder
_LATER = "The call is whole in the vault; «tacit retry --export-to FOLDER» with its folder writes it."
_UNKNOWN_PART = "Nothing was changed; a name takes {date}, {time}, {title}, {id} and {file}."


class PlannedExports:
    """Exports calls as they are finished. It never replaces a file."""

    def __init__(self, calls: CallStore, export: CallExport, outputs: Outputs) -> None:
        self._calls, self._export, self._outputs = calls, export, outputs

    def plan(self, folder: Path, fmt: str = "md", name: str = "") -> ExportPlan:
        """The plan for a folder that a person named.

        Raises:
            AssistantError: there is no such folder, it belongs to a vault, or the pattern of names is not understood.
        """
        place = folder.resolve()
        if not place.is_dir():
            advice = "Nothing was changed; check its name, or make it first."
            raise AssistantError("The folder to export to is not there.", advice)
        self._outputs.require_new_folder(place)
        try:
            f"{place}{name}".encode()
        except UnicodeEncodeError as error:
            advice = "Nothing was changed; choose another folder to export to."
            raise AssistantError("The name of that folder, or the pattern for names, is no text.", advice) from error
        made = ExportPlan(str(place), fmt, name or DEFAULT_NAME)
        if fmt not in {one.name for one in export_formats()} or not made.has_known_name:
            raise AssistantError("That pattern for the names of files can't be used.", _UNKNOWN_PART)
        return made

    def run(self, call: CallId, context: JobContext) -> Path | None:
        """Export a call as it is planned; returns the file, None if nothing is planned.

        A file that says the same already, as after a kill, is not written again; beside another one of that name the
        new one gets a number.

        Raises:
            NoTimes: the format needs times, and the call came as a text without them.
            AssistantError: the folder is gone, or nothing can be written there.
        """
        plan = self._calls.step_options(call).export
        if plan is None:
            return None
        chosen, content = export_format(plan.format), self._export.content(call, plan.format)
        name = Path(plan.file_name(self._calls.get(call), chosen.suffix))
        for number in range(1, _MOST_NAMES):
            path = Path(plan.folder, name.name if number == 1 else f"{name.stem} ({number}){name.suffix}")
            if os.path.lexists(path):  # a link that leads nowhere too: nothing is written where it leads
                if not path.is_symlink() and _says(path, content):
                    return path
                continue
            context.checkpoint()
            try:
                self._outputs.named(path).write_content(content)
            except AssistantError as error:  # a command may write only in the folders that it names
                raise AssistantError(error.title, _LATER) from error
            return path
        raise AssistantError("There are too many files of that name.", "Nothing was changed; move some of them away.")


def _says(path: Path, content: Content) -> bool:
    expected = content.encode("utf-8", "replace") if isinstance(content, str) else content
    try:
        return path.is_file() and path.stat().st_size == len(expected) and path.read_bytes() == expected
    except OSError:
        return False
