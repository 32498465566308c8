"""Texts in files that a person chose, in UTF-8."""

from codecs import getincrementaldecoder
from pathlib import Path

from app.core.errors import AssistantError
from app.core.plain_text import encodable

LARGEST_TEXT = 1_000_000  # characters: the minutes of a year
MOST_BYTES = 4 * LARGEST_TEXT + 4  # one more letter than is taken
_TOO_LONG = ("This text is longer than 1,000,000 characters.", "Nothing was changed; take it in parts.")
UNREADABLE = ("This file can't be read.", "Nothing was changed; check its permissions and try again.")


class NotText(AssistantError):
    """A file that is no document is no text in UTF-8 either."""

    default_title = "This file is no text in UTF-8."
    default_advice = "Nothing was changed; save it as .txt, .md or .docx, or paste its words."
    goes_by_parent = True


def decoded(raw: bytes) -> str:
    """The text of what was read of a file: all of it, or its first `MOST_BYTES`, which may end within a letter.

    Raises:
        NotText: it is none.
    """
    try:
        text = getincrementaldecoder("utf-8-sig")().decode(raw, final=len(raw) < MOST_BYTES)
    except UnicodeDecodeError as error:
        raise NotText from error
    return encodable(text)


def read_text_file(path: Path) -> str:
    """The text of a file, whatever ends its lines.

    Raises:
        NotText: it is none.
        AssistantError: it can't be read, or is too long.
    """
    try:
        if not path.is_file():  # a pipe would be waited for
            raise AssistantError(*UNREADABLE)
        with path.open("rb") as file:
            raw = file.read(MOST_BYTES)
    except OSError as error:
        raise AssistantError(*UNREADABLE) from error
    text = decoded(raw)
    if "\0" in text:
        raise NotText
    if len(text) > LARGEST_TEXT:
        raise AssistantError(*_TOO_LONG)
    return "\n".join(text.splitlines())
