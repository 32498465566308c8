"""Words as Markdown that renders as exactly these words, in whichever dialect."""

import re

from app.core.plain_text import plain_line

_MARKS = re.compile(r"[\\`*_\[\]{}#~]")
# A tag, a comment or an automatic link; an entity. Both are written as entities, since not every dialect takes a
# backslash there.
_TAG, _ENTITY = re.compile(r"<(?=[A-Za-z/!?])"), re.compile(r"&(?=#?\w+;)")
_ADDRESS = re.compile(r"(?<=\w)(?:(?=://)|(?<=\bmailto)(?=:)|(?<=\bxmpp)(?=:)|(?<=\bwww)(?=\.))", re.IGNORECASE)
_PAIRS = re.compile(r"([=%$|])(?=\1)|(?<=([=%$|]))\2")  # highlights, comments, formulas and spoilers of some programs
_BLOCK = re.compile(r"[-+>=:|]|\d{1,9}(?=[.)])")


def markdown_line(text: str, *, begins_block: bool = False) -> str:
    """The text on one line of Markdown; with `begins_block` it is the first of its block, and still makes no list."""
    line = plain_line(text)
    line = _ENTITY.sub("&amp;", line)
    line = _TAG.sub("&lt;", line)
    line = _MARKS.sub(r"\\\g<0>", line)
    line = _ADDRESS.sub(r"\\", line)
    line = _PAIRS.sub(r"\\\g<0>", line)
    if line.count("$") > 1:  # two of them enclose a formula in some dialects
        line = re.sub(r"(?<!\\)\$", r"\\$", line)
    if begins_block and (found := _BLOCK.match(line)):
        line = f"{found[0]}\\{line[found.end() :]}" if found[0].isdigit() else f"\\{line}"
    return line
