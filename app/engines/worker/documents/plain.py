"""Texts that are read as they stand: plain text, Markdown, source files, tables and subtitles."""

import csv
import io

from app.core.document import DocumentKind
from app.core.durations import format_time
from app.core.imports import cues
from app.engines.worker.documents.draft import Draft

_SAMPLE = 8192  # characters that tell what separates the fields of a table
_SEPARATORS = ",;\t|"
_LONGEST_FIELD = 1_000_000  # characters


def read_lines(text: str, draft: Draft) -> None:
    """Take each line of a text with its indentation, the blank ones too."""
    for number, line in enumerate(text.removesuffix("\n").split("\n"), 1):
        draft.add(line, number)


def read_table(text: str, draft: Draft) -> None:
    """Take each row of a table, its fields with ` | ` between them."""
    csv.field_size_limit(_LONGEST_FIELD)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text[:_SAMPLE]))
    for number, row in enumerate(rows, 1):
        draft.add(" | ".join(" ".join(field.split()) for field in row), number)


def read_cues(text: str, draft: Draft) -> None:
    """Take each cue of subtitles, with its time and speaker before its words."""
    for number, line in enumerate(cues.read(text), 1):
        time = f"{format_time(line.start)} " if line.start is not None else ""
        speaker = f"{line.speaker}: " if line.speaker else ""
        draft.add(f"{time}{speaker}{' '.join(line.text.split())}", number)


def _separator(sample: str) -> str:
    """What stands as often in one line as in the next, outside of quotes."""
    best, found = 0, ","
    lines = [line for line in sample.split("\n")[:50] if line.strip()]
    for separator in _SEPARATORS:
        counts = [len(row) - 1 for row in csv.reader(lines[:-1] or lines, delimiter=separator)]
        common = max(set(counts), key=counts.count, default=0)
        if common * counts.count(common) > best:
            best, found = common * counts.count(common), separator
    return found


_SUFFIXES = {
    "csv": DocumentKind.TABLE, "tsv": DocumentKind.TABLE, "srt": DocumentKind.SUBTITLES, "vtt": DocumentKind.SUBTITLES,
    "md": DocumentKind.MARKDOWN, "markdown": DocumentKind.MARKDOWN, "html": DocumentKind.HTML,
    "htm": DocumentKind.HTML, "xhtml": DocumentKind.HTML, "eml": DocumentKind.MAIL,
} | dict.fromkeys(("", "txt", "text", "log", "me"), DocumentKind.TEXT)  # fmt: skip


def kind_of_text(suffix: str) -> DocumentKind:
    """What a text is written in, by how its file's name ends; one with an unknown ending is a source file."""
    return _SUFFIXES.get(suffix, DocumentKind.CODE)
