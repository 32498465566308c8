"""Text without the characters that steer what shows it: control characters, directional overrides, line breaks."""

import json
import re
from typing import Any

# Escape sequences can set the clipboard, rename the window, hide or rewrite lines, and more in some terminals.
_CONTROLS = dict.fromkeys([*range(0x20), *range(0x7F, 0xA0)], "\N{REPLACEMENT CHARACTER}")
# Embeddings, overrides and isolates turn the order of what follows round; the deprecated forms and marks of annotations
# hide text. Words of right-to-left languages keep their order without them, and the marks U+200E, U+200F and U+061C,
# which turn nothing round, stay.
_DIRECTIONS = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x2070), 0xFEFF, *range(0xFFF9, 0xFFFC)], "")
_SEPARATORS = {0x2028: " ", 0x2029: " "}
_SHOWN = _CONTROLS | _DIRECTIONS | _SEPARATORS | {ord("\n"): "\n", ord("\t"): "\t"}
# What JSON may hold as it is, but what would steer a terminal or a page that shows it, or be no valid UTF-8.
_UNSAFE_IN_JSON = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]")
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")


def encodable(text: str) -> str:
    """The text with a question mark for each byte that was none of a text, as in a file name or on a command line."""
    return text.encode("utf-8", "replace").decode()


def one_line(text: str) -> str:
    """The text on one line; it may come from a file name whose bytes are not valid text."""
    return " ".join(encodable(text).split())


def plain(text: str) -> str:
    """The text with its control characters shown as U+FFFD instead of obeyed; line ends and tabs stay."""
    return text.replace("\r\n", "\n").translate(_SHOWN)


def plain_line(text: str) -> str:
    """`plain` text on one line."""
    return plain(one_line(text)).strip()


def counted(count: int, noun: str) -> str:
    """`1 call`, `2 calls`, `no call`."""
    return f"{count:,} {noun}s" if count > 1 else f"{count or 'no'} {noun}"


def json_text(value: Any, indent: int | None = None, *, is_ascii: bool = False) -> str:
    """A value as JSON that reads back as it was, with each character escaped that would steer what shows it.

    With `is_ascii` it is ASCII alone, for an encoding that has not every character.
    """
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    return (_BEYOND_ASCII if is_ascii else _UNSAFE_IN_JSON).sub(lambda found: json.dumps(found[0])[1:-1], text)
