"""A document while it is read: its lines, cleaned, divided and counted."""

from collections import Counter
from collections.abc import Iterator

from app.core.document import (
    LONGEST_LINE,
    MOST_CHARACTERS,
    MOST_LINES,
    Document,
    DocumentKind,
    DocumentLine,
    Gap,
    Unread,
)
from app.core.imports.document import without_unseen
from app.core.plain_text import encodable, plain_line

_LONGEST_TITLE = 200
_LINES = 500  # of one part


class Draft:
    """Takes the lines of a document in order; what is beyond the limits is counted and left out."""

    def __init__(self, kind: DocumentKind) -> None:
        self.kind = kind
        self.title = ""
        self.pages = 0
        self.is_encoding_guessed = False
        self.unread: Counter[Unread] = Counter()
        self._lines: list[DocumentLine] = []
        self._characters = 0

    @property
    def has_text(self) -> bool:
        """Whether any line has more than spaces."""
        return any(line.text and not line.text.isspace() for line in self._lines)

    def add(self, text: str, number: int, page: int = 0, level: int = 0) -> None:
        """Take one line; what in it ends a line becomes a space."""
        if not text.isprintable():  # most lines are clean; an entity, a part of a mail or of a PDF need not be
            text = without_unseen(encodable(text)).replace("\n", " ")
        text = text.rstrip()
        parts = max(1, -(-len(text) // LONGEST_LINE))
        if len(self._lines) + parts > MOST_LINES or self._characters + len(text) > MOST_CHARACTERS:
            self.unread[Unread.ROWS] += 1
            return
        self._characters += len(text)
        for part in _divided(text):
            self._lines.append(DocumentLine(part, number, page, level))

    def documents(self) -> Iterator[Document]:
        """The document in parts of some lines each; each part says all else."""
        gaps = tuple(Gap(kind, count) for kind, count in self.unread.items() if count)
        title = plain_line(self.title)[:_LONGEST_TITLE].strip()
        for at in range(0, max(1, len(self._lines)), _LINES):
            lines = tuple(self._lines[at : at + _LINES])
            yield Document(self.kind, lines, title, self.pages, gaps, self.is_encoding_guessed)


def _divided(text: str) -> Iterator[str]:
    """A line in parts that are not too long, behind spaces where there are some; joined they are the line again."""
    at = 0
    while len(text) - at > LONGEST_LINE:
        cut = text.rfind(" ", at + LONGEST_LINE // 2, at + LONGEST_LINE) + 1 or at + LONGEST_LINE
        yield text[at:cut]
        at = cut
    yield text[at:]
