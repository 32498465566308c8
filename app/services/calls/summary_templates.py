"""The summary templates there are: those that come with the program, and those in a person's own folder."""

from pathlib import Path

from app.core.errors import SettingsError
from app.core.resources import summary_templates
from app.core.summary_template import LARGEST_FILE, InvalidTemplate, SummaryTemplate, parse_template

CALL_TEMPLATE = "call"  # the key of the template by which a call is summarised unless another is named
_SUFFIX = ".toml"
# Without the names of the person's own files: an error names none.
_CHOICES = "Nothing was changed; name «call», or a file of yours in the folder «templates» beside Tacit's settings."


class SummaryTemplates:
    """Finds templates by their key, which is the file's name without its ending.

    `own_folder` is the person's: its files are read anew each time, so that one can be written while Tacit is open.
    A file there never replaces a template that comes with the program.
    """

    def __init__(self, own_folder: Path | None = None) -> None:
        self._own_folder = own_folder

    def names(self) -> list[str]:
        """The keys of all templates, those of the program first; whether a file can be used shows when it is read."""
        return list(self._files())

    def get(self, key: str) -> SummaryTemplate:
        """Read the template with this key.

        Raises:
            SettingsError: there is none, or its file can't be used.
        """
        path = self._files().get(key)
        if path is None:
            raise SettingsError("There is no summary template of this name.", _CHOICES)
        try:
            with path.open("rb") as file:
                read = file.read(LARGEST_FILE + 1)
            if len(read) > LARGEST_FILE:
                raise InvalidTemplate(f"it is larger than {LARGEST_FILE // 1024} KB")
            return parse_template(key, read.decode("utf-8-sig"))
        except UnicodeDecodeError as error:
            raise _unusable("it is not written as UTF-8") from error
        except InvalidTemplate as error:
            raise _unusable(str(error)) from error
        except OSError as error:
            raise _unusable("its file can't be read") from error

    def _files(self) -> dict[str, Path]:
        folders = [summary_templates(), *([] if self._own_folder is None else [self._own_folder])]
        found: dict[str, Path] = {}
        for folder in folders:
            if folder.is_dir():
                for path in sorted(folder.glob(f"*{_SUFFIX}")):
                    if path.is_file():  # a pipe would be waited for
                        found.setdefault(path.stem, path)
        return found


def _unusable(reason: str) -> SettingsError:
    return SettingsError(
        f"This summary template can't be used: {reason}.", "Nothing was changed; correct its file, and try again."
    )
