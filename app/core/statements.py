"""The statements of a text that somebody wrote, such as minutes: its sentences, but for headings and questions."""

import re
from dataclasses import dataclass

from app.core.evidence.words import sentences_of
from app.core.sentence_end import QUESTION_MARKS, SENTENCE_END

_MARK = re.compile(r"^[ \t>]*(?:(?:[-*+•–—]|\d{1,3}[.)]|[a-z][.)]|\[[ xX]?\])[ \t]+)*")
_HEADING = re.compile(r"^[ \t>]*#{1,6}[ \t]|.*[:：][ \t]*$")
_LONGEST_HEADING = 8  # words of a line without an end that stands alone
_EMPHASIS = re.compile(r"(\*\*|__|`)(?=\S)(.+?)(?<=\S)\1")


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence of a text, from `start` to before `end` in its characters, with its breaks and emphasis taken out."""

    text: str
    start: int
    end: int


def statements_of(text: str, language: str = "") -> list[Statement]:
    """What a text states, in order; lines that a mail program broke are put together again."""
    found: list[Statement] = []
    for start, end in _blocks(text):
        block = text[start:end]
        at = 0
        for sentence in sentences_of(block, language):
            at = block.index(sentence, at)
            bare = _EMPHASIS.sub(r"\2", " ".join(sentence.split()))
            if not bare.endswith(QUESTION_MARKS) and any(letter.isalnum() for letter in bare):
                found.append(Statement(bare, start + at, start + at + len(sentence)))
            at += len(sentence)
    return found


def _blocks(text: str) -> list[tuple[int, int]]:
    """Paragraphs and items of lists, from behind their marks; headings are left out."""
    blocks: list[tuple[int, int]] = []
    at, is_open = 0, False
    for line in text.splitlines(keepends=True):
        start, end = at, at + len(line.rstrip())
        at += len(line)
        mark = _MARK.match(line)
        begins = mark.end() if mark else 0
        is_item = bool(line[:begins].strip(" \t>"))
        if not line.strip() or _HEADING.match(line):
            if is_open and not line.strip() and _is_heading(text[slice(*blocks[-1])], blocks[-1], text):
                blocks.pop()
            is_open = False
        elif is_open and not is_item:
            blocks[-1] = (blocks[-1][0], end)
        else:
            blocks.append((start + begins, end))
            is_open = True
    return blocks


def _is_heading(block: str, place: tuple[int, int], text: str) -> bool:
    """Whether a block that a blank line follows stands over what comes: short, without an end, no item of a list."""
    line_start = text.rfind("\n", 0, place[0]) + 1
    is_item = bool(text[line_start : place[0]].strip(" \t>"))
    is_short = "\n" not in block and len(block.split()) <= _LONGEST_HEADING
    return is_short and not is_item and not block.rstrip("*_ ").endswith(SENTENCE_END)
