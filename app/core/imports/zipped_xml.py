"""The XML files in a zipped document, unpacked and parsed within limits."""

import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import BinaryIO
from xml.parsers import expat

_DEEPEST = 1000  # elements within each other; Word writes some twenty

_DAMAGED = (
    zipfile.BadZipFile, zlib.error, KeyError, ValueError, EOFError, OSError,
    NotImplementedError,  # another compression
)  # fmt: skip
Begin = Callable[[str, dict[str, str]], None]


class NotXml(Exception):
    """A document is no archive, lacks the file, or the file is no XML that documents have."""


class LockedXml(NotXml):
    """A file of an archive has a password."""


class TooMuchXml(Exception):
    """Unpacked a file is larger than the limit."""


@contextmanager
def opened(file: BinaryIO) -> Iterator[zipfile.ZipFile]:
    """An archive whose files are `unpacked`.

    Raises:
        NotXml: it is none, or damaged.
    """
    try:
        archive = zipfile.ZipFile(file)
    except _DAMAGED as error:
        raise NotXml from error
    with archive:
        yield archive


def unpacked(archive: zipfile.ZipFile, name: str, most: int) -> bytes:
    """One file of an archive.

    Raises:
        NotXml, LockedXml: it is damaged, has no such file, or has a password.
        TooMuchXml: unpacked it has more than `most` bytes.
    """
    try:
        with archive.open(name) as member:
            data = member.read(most + 1)
    except _DAMAGED as error:
        raise NotXml from error
    except RuntimeError as error:
        raise LockedXml from error
    if len(data) > most:
        raise TooMuchXml
    return data


def parse(xml: bytes, begin: Begin, end: Callable[[str], None], take: Callable[[str], None]) -> None:
    """Call `begin` with each element's name and attributes, `end` with its name, and `take` with text.

    Names have their namespace before them, with a space between. No document type is taken: with it entities would
    come, which unfold without end.

    Raises:
        NotXml: it is no XML, has a document type, or is nested too deep.
    """
    depth = 0

    def refuse(*_: object) -> None:
        raise NotXml

    def enter(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > _DEEPEST:
            raise NotXml
        begin(name, attributes)

    def leave(name: str) -> None:
        nonlocal depth
        depth -= 1
        end(name)

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = enter, leave, take
    parser.buffer_text = True
    try:
        parser.Parse(xml, True)
    except expat.ExpatError as error:
        raise NotXml from error
