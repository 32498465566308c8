"""What a documents worker says is checked: no text of a document steers what shows it."""

import msgspec
import pytest

from app.core.document import LONGEST_LINE, MOST_LINES, Document, DocumentKind, DocumentLine
from app.engines import protocol
from app.engines.parent import reply_checks


def test_a_line_holds_nothing_that_steers() -> None:
    said = Document(DocumentKind.TEXT, (DocumentLine("a\x1b]0;evil\x07\n\u202e b\tc", 1),), "x\u2028\x00y")
    assert reply_checks.checked(said) == Document(
        DocumentKind.TEXT, (DocumentLine("a]0;evil b\tc", 1),), "xy"
    )  # fmt: skip


@pytest.mark.parametrize(
    "said",
    [
        Document(DocumentKind.TEXT, (DocumentLine("a" * (LONGEST_LINE + 1), 1),)),
        Document(DocumentKind.TEXT, (DocumentLine("a", -1),)),
        Document(DocumentKind.TEXT, (DocumentLine("a", 1, level=10),)),
        Document(DocumentKind.TEXT, (DocumentLine("a", 1),) * (MOST_LINES + 1)),
        Document(DocumentKind.TEXT, title="t" * 201),
    ],
    ids=["long line", "negative number", "deep heading", "many lines", "long title"],
)
def test_what_no_document_has_breaks_the_protocol(said: Document) -> None:
    with pytest.raises(msgspec.ValidationError):
        protocol.to_parent.decode(msgspec.msgpack.encode(said))
