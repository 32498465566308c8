"""The settings file: a person's choices in a small file without content, written whole or not at all."""

from pathlib import Path

import msgspec

from app.core.errors import SettingsError
from app.core.settings import Settings


class SettingsFile:
    """Reads and writes the settings file; an unreadable one gives the defaults."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.problem: SettingsError | None = None
        self.current = self._read()

    def sibling_path(self, name: str) -> Path:
        """The path of another small file without content, next to the settings."""
        return self._path.with_name(name)

    def change(self, **choices: str | int | bool | tuple[int, ...]) -> Settings:
        """Change some choices and save them.

        Raises:
            SettingsError: the file can't be written; the choice still holds until the program ends.
        """
        self.current = msgspec.convert(msgspec.structs.asdict(self.current) | choices, Settings)
        fresh = self._path.with_suffix(".new")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            fresh.write_bytes(msgspec.json.format(msgspec.json.encode(self.current), indent=1))
            fresh.replace(self._path)
        except OSError as error:
            advice = "Your choice holds until Tacit is closed; make the settings folder writable to keep it."
            raise SettingsError("The settings could not be saved.", advice) from error
        return self.current

    def _read(self) -> Settings:
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=Settings)
        except FileNotFoundError:
            return Settings()
        except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            self.problem = SettingsError()
            return Settings()
