"""The text of a Word document, a line for each paragraph: Teams' transcripts and Meet's, as they are saved."""

import io
import zipfile
import zlib
from xml.parsers import expat

from app.core.written_call import LARGEST_TEXT, TextTooLong, TextUnreadable

BEGINNING = b"PK\x03\x04"
_DOCUMENT = "word/document.xml"
_WORDS = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_STRICT_WORDS = "http://purl.oclc.org/ooxml/wordprocessingml/main"
_BREAKS = {"br": "\n", "cr": "\n", "tab": "  "}
_DEEPEST = 1000  # elements within each other; Word writes some twenty


def document_text(data: bytes) -> str:
    """The text of a document: what was deleted, comments and headers are no part of it.

    Only the one file that holds the words is unpacked, up to the size of any text, and no document type is taken: with
    it entities would come, which unfold without end.

    Raises:
        TextUnreadable: it is no Word document, or damaged.
        TextTooLong: unpacked it is larger than a text may be.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive, archive.open(_DOCUMENT) as file:
            xml = file.read(LARGEST_TEXT + 1)
    except (zipfile.BadZipFile, zlib.error, KeyError, ValueError, EOFError, OSError) as error:
        raise TextUnreadable from error
    except (NotImplementedError, RuntimeError) as error:  # another compression, or a password
        raise TextUnreadable from error
    if len(xml) > LARGEST_TEXT:
        raise TextTooLong
    return _text(xml)


def _text(xml: bytes) -> str:
    parts: list[str] = []
    within: list[str] = []

    def refuse(*_: object) -> None:
        raise TextUnreadable

    def begin(name: str, _: dict[str, str]) -> None:
        if len(within) >= _DEEPEST:
            raise TextUnreadable
        within.append(_local(name))
        if within[-1] in _BREAKS and "pPr" not in within:
            parts.append(_BREAKS[within[-1]])

    def end(_: str) -> None:
        if within.pop() == "p":
            parts.append("\n")

    def take(words: str) -> None:
        if within and within[-1] == "t":
            parts.append(words)

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = begin, end, take
    parser.buffer_text = True
    try:
        parser.Parse(xml, True)
    except expat.ExpatError as error:
        raise TextUnreadable from error
    return "".join(parts)


def _local(name: str) -> str:
    """The name of one of Word's elements; "" for any other."""
    space, _, local = name.rpartition(" ")
    return local if space in (_WORDS, _STRICT_WORDS) else ""
