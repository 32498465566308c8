"""Makes terminal output plain text, so that no character of a call or a reply controls the terminal."""

import sys
from typing import Any, TextIO

# Escape sequences can set the clipboard, rename the window, hide or rewrite lines, and more in some terminals.
_CONTROL = dict.fromkeys([*range(0x20), *range(0x7F, 0xA0)], "\N{REPLACEMENT CHARACTER}")
_REPLACEMENTS = {code: replacement for code, replacement in _CONTROL.items() if chr(code) not in "\n\t\r"}


class _PlainText:
    """A stream that shows control characters instead of obeying them."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write text with its control characters replaced."""
        return self._stream.write(text.translate(_REPLACEMENTS))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def protect_terminal() -> None:
    """Wrap stdout and stderr from now on; files and pipes still get every character unchanged."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is not None and stream.isatty():
            setattr(sys, name, _PlainText(stream))
