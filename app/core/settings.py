"""The user's settings: typed, frozen, with self-explanatory defaults."""

from typing import Literal

import msgspec


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=False):
    """Choices that contain no user content."""

    theme: Literal["system", "light", "dark"] = "system"
    speech_model: str = ""  # a name; empty: the user's only model, else the demo model
    language_model: str = ""
    embedding_model: str = ""
    voice_model: str = ""
    context_tokens: int = 8192  # an upper limit; a model trained for less gets less
    threads: int = 0  # 0: as many as there are physical cores
    window: tuple[int, ...] = ()  # geometry: left, top, width, height, and 1 if maximized
    lock_after_minutes: int = 15  # without keyboard or mouse input; 0: never
    locks_with_screen: bool = True  # also when the computer goes to sleep
    plays_on_click: bool = True  # a click on a line of a transcript plays it
    playback_speed: float = 1.0  # seconds of a call that are heard in a second
    skips_silence: bool = False  # pauses of a call are jumped over while it plays
    clipboard_seconds: int = 60  # until text copied from a call is cleared from the clipboard; 0: never
