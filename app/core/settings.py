"""What a person has chosen; typed, frozen, with defaults that explain themselves."""

from typing import Literal

import msgspec


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=False):
    """Choices that hold no words of a person's own."""

    theme: Literal["system", "light", "dark"] = "system"
    speech_model: str = ""  # a name; empty: the only own model there is, else the demo model
    language_model: str = ""
    context_tokens: int = 8192  # at most; a model trained for less gets less
    threads: int = 0  # 0: as many as there are physical cores
    window: tuple[int, ...] = ()  # where it was: left, top, width, height, and 1 if it was maximized
    lock_after_minutes: int = 15  # without a key or a mouse; 0: never
    locks_with_screen: bool = True  # also when the computer goes to sleep
    clipboard_seconds: int = 60  # what was copied from a call leaves the clipboard then; 0: never
