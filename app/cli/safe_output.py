"""What is written to a terminal is text: no character of a call or of a reply steers it."""

import sys
from typing import Any, TextIO

# Escape sequences set the clipboard, rename the window, hide or rewrite lines, and in some terminals do more.
_STEERING = dict.fromkeys([*range(0x20), *range(0x7F, 0xA0)], "\N{REPLACEMENT CHARACTER}")
_TEXT = {code: sign for code, sign in _STEERING.items() if chr(code) not in "\n\t\r"}


class _Plain:
    """A stream on which steering characters are shown instead of obeyed."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write text."""
        return self._stream.write(text.translate(_TEXT))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def write_text_only() -> None:
    """From now on; a file or another program that is written to gets every character as it is."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is not None and stream.isatty():
            setattr(sys, name, _Plain(stream))
