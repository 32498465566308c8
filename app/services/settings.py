"""The settings file: a person's choices in a small file without content, written whole or not at all."""

import threading
from contextlib import suppress
from pathlib import Path

import msgspec

from app.core.errors import SettingsError
from app.core.files import write_atomically
from app.core.settings import Settings

_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class SettingsFile:
    """Reads and writes the settings file, from any thread; a file that can't be read gives the defaults."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._mutex = threading.Lock()
        self._unsaved: dict[str, str | float | bool | tuple[int, ...]] = {}  # choices that the disk has refused so far
        self.problem: SettingsError | None = None
        self.current = self._read()

    def sibling_path(self, name: str) -> Path:
        """The path of another small file without content, next to the settings."""
        return self._path.with_name(name)

    def change(self, **choices: str | float | bool | tuple[int, ...]) -> Settings:
        """Change some choices and save them.

        What another window or command has saved since is read first, and kept. A file that can't be understood is
        moved aside, so that the person's choices in it are not overwritten.

        Raises:
            SettingsError: the file can't be written; the choice still holds until the program ends.
        """
        with self._mutex:
            self._unsaved |= choices
            saved = msgspec.structs.asdict(self._read_again())
            self.current = msgspec.convert(saved | self._unsaved, Settings)
            try:
                self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                write_atomically(self._path, msgspec.json.format(msgspec.json.encode(self.current), indent=1))
            except OSError as error:
                advice = "Your choice holds until Tacit is closed; make the settings folder writable to keep it."
                raise SettingsError("The settings could not be saved.", advice) from error
            self._unsaved = {}
            return self.current

    def _read(self) -> Settings:
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=Settings)
        except FileNotFoundError:
            return Settings()
        except OSError:
            self.problem = SettingsError()
        except _UNREADABLE:
            self.problem = self._moved_aside()
        return Settings()

    def _read_again(self) -> Settings:
        """The settings on disk, or those in memory where the disk has none or refuses."""
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=Settings)
        except OSError:
            return self.current
        except _UNREADABLE:
            self.problem = self._moved_aside()
            return self.current

    def _moved_aside(self) -> SettingsError:
        """Move the file that can't be understood aside, and return what the person is told."""
        aside = self._path.with_name(f"{self._path.name}.unreadable")
        with suppress(OSError):
            self._path.replace(aside)
            advice = f"The defaults are used; your file is kept beside it as {aside.name}."
            return SettingsError("The settings file could not be understood.", advice)
        return SettingsError()
