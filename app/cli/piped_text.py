"""A text that comes by stdin or by a pipe."""

import sys
from pathlib import Path

from app.core.errors import AssistantError
from app.services.text_files import MOST_BYTES, UNREADABLE, decoded


def piped_text(file: Path) -> str:
    """The text of a pipe, or with `-` of stdin; it is waited for before the vault is open.

    Raises:
        NotText: it is none.
        AssistantError: it can't be read.
    """
    try:
        if str(file) == "-":
            raw = sys.stdin.buffer.read(MOST_BYTES)
        else:
            with file.open("rb") as opened:
                raw = opened.read(MOST_BYTES)
    except OSError as error:
        raise AssistantError(*UNREADABLE) from error
    return decoded(raw)
