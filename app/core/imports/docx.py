"""The text of a Word document, a line for each paragraph: Teams' transcripts and Meet's, as they are saved."""

import io

from app.core.imports.zipped_xml import NotXml, TooMuchXml, opened, parse, unpacked
from app.core.written_call import LARGEST_TEXT, TextTooLong, TextUnreadable

BEGINNING = b"PK\x03\x04"
_DOCUMENT = "word/document.xml"
_WORDS = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_STRICT_WORDS = "http://purl.oclc.org/ooxml/wordprocessingml/main"
_BREAKS = {"br": "\n", "cr": "\n", "tab": "  "}


def document_text(data: bytes) -> str:
    """The text of a document: what was deleted, comments and headers are no part of it.

    Only the one file that holds the words is unpacked, up to the size of any text.

    Raises:
        TextUnreadable: it is no Word document, or damaged.
        TextTooLong: unpacked it is larger than a text may be.
    """
    try:
        with opened(io.BytesIO(data)) as archive:
            return _text(unpacked(archive, _DOCUMENT, LARGEST_TEXT))
    except NotXml as error:
        raise TextUnreadable from error
    except TooMuchXml as error:
        raise TextTooLong from error


def _text(xml: bytes) -> str:
    parts: list[str] = []
    within: list[str] = []

    def begin(name: str, _: dict[str, str]) -> None:
        within.append(local_name(name))
        if within[-1] in _BREAKS and "pPr" not in within:
            parts.append(_BREAKS[within[-1]])

    def end(_: str) -> None:
        if within.pop() == "p":
            parts.append("\n")

    def take(words: str) -> None:
        if within and within[-1] == "t":
            parts.append(words)

    parse(xml, begin, end, take)
    return "".join(parts)


def local_name(name: str) -> str:
    """The name of one of Word's elements; "" for any other."""
    space, _, local = name.rpartition(" ")
    return local if space in (_WORDS, _STRICT_WORDS) else ""
