"""How much of a text is laid out at a time: a person's or a model's words can be of any length, and laying out blocks.

The whole stays where it is kept: it is copied whole, and shown further where that is asked for.
"""

import re
import unicodedata
from itertools import islice

MOST_CHARACTERS = 3_000  # of one text: laying out the worst (bidirectional, combining, without a space) takes 10 ms
MOST_LINES = 400
_MOST_CONTROLS = 60  # of direction: Qt's time grows with the square of those that are open
_CONTROL = re.compile("[\u202a-\u202e\u2066-\u2069]")
_MOST_OF_A_LINE = 500  # more than fits a screen
_MOST_OF_A_LABEL, _MOST_LINES_OF_A_LABEL = 2_000, 40
_JOINER = "\u200d"


def shown_length(text: str, characters: int = MOST_CHARACTERS, lines: int = MOST_LINES) -> int:
    """How many characters of a text to lay out: not more than these characters and lines, and no letter cut in two."""
    length, at = min(len(text), characters), -1
    for _ in range(lines):
        at = text.find("\n", at + 1, length)
        if at < 0:
            break
    else:
        length = at
    beyond = next(
        islice(_CONTROL.finditer(text, 0, length), max(1, _MOST_CONTROLS * characters // MOST_CHARACTERS), None), None
    )
    if beyond is not None:
        length = beyond.start()
    if length < len(text):
        least = max(0, length - 200)
        while length > least and (unicodedata.combining(text[length]) or _JOINER in text[length - 1 : length + 1]):
            length -= 1
    return length


def writable_length(text: str, characters: int, lines: int, longest_line: int) -> int:
    """How many characters of a text a field takes in which somebody types: a long line is laid out with each key."""
    length, at = shown_length(text, characters, lines), 0
    for line in text[:length].split("\n"):
        if len(line) > longest_line:
            return at + shown_length(line, longest_line)
        at += len(line) + 1
    return length


def one_line(text: str) -> str:
    """A text for a label, a title, a menu or a tool tip of one line; what is cut off ends in an ellipsis."""
    start = text[: _MOST_OF_A_LINE + 1]
    if "\n" in start or "\r" in start or "\u2028" in start:
        start = " ".join(start.split())
    length = shown_length(start, _MOST_OF_A_LINE)
    return start[:length] + "…" if length < len(start) or len(text) > len(start) else start


def short(text: str) -> str:
    """A text for a label of a few lines; what is cut off ends in an ellipsis."""
    length = shown_length(text, _MOST_OF_A_LABEL, _MOST_LINES_OF_A_LABEL)
    return text[:length] + "…" if length < len(text) else text


def beginning(text: str) -> str:
    """The part of a text that is laid out at a time; what is left out is counted in words."""
    length = shown_length(text)
    return f"{text[:length]} … and {len(text) - length:,} more characters" if length < len(text) else text
