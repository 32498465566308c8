"""A document: its lines, where each stands, what was not read, and why it is none."""

from collections.abc import Iterator
from enum import Enum
from typing import Annotated

import msgspec

from app.core.errors import MediaError
from app.core.ranges import Count

LARGEST_FILE = 512 * 1024 * 1024
"""Bytes of a document; a scanned book has some 200 MB."""
LARGEST_TEXT = 64 * 1024 * 1024
"""Bytes of the text of a document, packed in it or a file by itself."""
MOST_LINES = 400_000
"""Lines of one document."""
LONGEST_LINE = 4_000
"""Characters of one line; a longer one is divided, so that what cites it leads to its words."""
MOST_CHARACTERS = 40_000_000
"""Characters of all lines of one document: ten times the Bible."""
DOCUMENT_SUFFIXES = (
    "pdf", "docx", "odt", "html", "htm", "xhtml", "eml", "csv", "tsv", "srt", "vtt", "md", "markdown", "txt",
)  # fmt: skip
"""How the names of documents end; any other text is read too."""


class DocumentKind(Enum):
    """What a document is written in."""

    PDF = "pdf"
    WORD = "docx"
    ODT = "odt"
    HTML = "html"
    MAIL = "eml"
    TABLE = "csv"
    SUBTITLES = "srt"
    MARKDOWN = "md"
    CODE = "code"
    TEXT = "txt"

    @property
    def words(self) -> str:
        """The kind in words for the user."""
        return _KINDS[self]


_KINDS = {
    DocumentKind.PDF: "PDF",
    DocumentKind.WORD: "Word document",
    DocumentKind.ODT: "OpenDocument text",
    DocumentKind.HTML: "web page",
    DocumentKind.MAIL: "e-mail",
    DocumentKind.TABLE: "table",
    DocumentKind.SUBTITLES: "subtitles",
    DocumentKind.MARKDOWN: "Markdown",
    DocumentKind.CODE: "source text",
    DocumentKind.TEXT: "text",
}


class Unread(Enum):
    """What of a document was not read."""

    PICTURE_PAGES = "picture pages"
    DAMAGED_PAGES = "damaged pages"
    LATE_PAGES = "late pages"
    ATTACHMENTS = "attachments"
    ROWS = "rows"


_UNREAD = {
    Unread.PICTURE_PAGES: (
        "One page has no text, such as a scan, and was not read.",
        "{} pages have no text, such as scans, and were not read.",
    ),
    Unread.DAMAGED_PAGES: ("One page is damaged and was not read.", "{} pages are damaged and were not read."),
    Unread.LATE_PAGES: (
        "Reading took too long, so the last page was not read.",
        "Reading took too long, so the last {} pages were not read.",
    ),
    Unread.ATTACHMENTS: ("One attachment was not read.", "{} attachments were not read."),
    Unread.ROWS: (
        "It is too long, so one line at its end was not read.",
        "It is too long, so {} lines at its end were not read.",
    ),
}


class Gap(msgspec.Struct, frozen=True, array_like=True):
    """So many of something that was not read."""

    kind: Unread
    count: Annotated[int, msgspec.Meta(ge=1, le=10_000_000)]

    @property
    def words(self) -> str:
        """One sentence for the user."""
        one, more = _UNREAD[self.kind]
        return one if self.count == 1 else more.format(f"{self.count:,}")


class DocumentLine(msgspec.Struct, frozen=True, array_like=True):
    """One line or paragraph of a document, and where it stands.

    `number` counts from 1: the line of a text, the row of a table, the cue of subtitles, else the paragraph; parts of a
    divided line share it. `page` is the page of a PDF, else 0. `level` is that of a heading, from 1 to 9, else 0.
    """

    text: Annotated[str, msgspec.Meta(max_length=LONGEST_LINE)]
    number: Annotated[int, msgspec.Meta(ge=0, le=1_000_000_000)]
    page: Annotated[int, msgspec.Meta(ge=0, le=10_000_000)] = 0
    level: Annotated[int, msgspec.Meta(ge=0, le=9)] = 0


class Document(msgspec.Struct, frozen=True, tag=True):
    """What was read of a document, or a part of its lines, in order.

    `title` is the document's own, if it has one; `pages` is 0 where it has none. `is_encoding_guessed`: its bytes were
    no Unicode.
    """

    kind: DocumentKind
    lines: Annotated[tuple[DocumentLine, ...], msgspec.Meta(max_length=MOST_LINES)] = ()
    title: Annotated[str, msgspec.Meta(max_length=200)] = ""
    pages: Count = 0
    gaps: Annotated[tuple[Gap, ...], msgspec.Meta(max_length=10)] = ()
    is_encoding_guessed: bool = False

    @property
    def text(self) -> str:
        """All lines, a divided one as the one that it is; blank lines as they are in the document."""
        return "\n".join(self._whole_lines())

    def _whole_lines(self) -> Iterator[str]:
        parts: list[str] = []
        last: tuple[int, int] | None = None
        for line in self.lines:
            place = (line.page, line.number)
            if place != last and last is not None:
                yield "".join(parts)
                parts = []
            parts.append(line.text)
            last = place
        if last is not None:
            yield "".join(parts)

    def place(self, line: DocumentLine) -> str:
        """Where a line stands: `page 3`, `line 12`, `row 5`, `cue 7` or `paragraph 2`."""
        if line.page:
            return f"page {line.page}"
        return f"{_PLACES.get(self.kind, 'line')} {line.number}"

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person must know about how it was read, a sentence each; often nothing."""
        guessed = ("It is in no Unicode and was read as Western European: look at names with accents.",)
        return tuple(gap.words for gap in self.gaps) + (guessed if self.is_encoding_guessed else ())


_PLACES = dict.fromkeys((DocumentKind.WORD, DocumentKind.ODT, DocumentKind.HTML), "paragraph") | {
    DocumentKind.TABLE: "row",
    DocumentKind.SUBTITLES: "cue",
}
_LEFT = "The file was left as it is"


class DocumentError(MediaError):
    """A document can't be read."""

    default_title = "This document can't be read."
    default_advice = f"{_LEFT}; try another copy of it."


class DocumentDamaged(DocumentError):
    """A document is not of the form that it begins as."""

    goes_by_parent = True
    default_title = "This document is damaged and can't be read."
    default_advice = f"{_LEFT}; save it anew in the program that made it, or try another copy."


class DocumentLocked(DocumentError):
    """A document opens with a password only."""

    goes_by_parent = True
    default_title = "This document is locked with a password."
    default_advice = f"{_LEFT}; save a copy without a password in the program that made it, and take that."


class DocumentTooLarge(DocumentError):
    """A document is larger than is read, itself or unpacked."""

    goes_by_parent = True
    default_title = "This document is too large, or unpacks to more than 64 MB of text."
    default_advice = f"{_LEFT}; take a part of it."


class DocumentTooSlow(DocumentError):
    """Reading a document did not come to an end."""

    goes_by_parent = True
    default_title = "Reading this document took too long and was stopped."
    default_advice = f"{_LEFT}; save it anew in the program that made it, or take a part of it."


class DocumentUnknown(DocumentError):
    """A file is no document of a kind that is read."""

    goes_by_parent = True
    default_title = "This is no document of a kind that Tacit reads."
    default_advice = (
        f"{_LEFT}; it reads pdf, docx, odt, html, eml, csv, srt, md, txt and source files. Save it as one of these."
    )


class DocumentWithoutText(DocumentError):
    """There is no text in a document: it is empty, or its pages are pictures."""

    goes_by_parent = True
    default_title = "There is no text in this document: it is empty, or its pages are pictures."
    default_advice = f"{_LEFT}; a program for scanned pages can write the text that stands on them beside the picture."
