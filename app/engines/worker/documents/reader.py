"""The documents worker's engine: which kind a document is of, and reading it within limits of time and memory."""

import io
import re
import zipfile
from collections.abc import Generator, Iterator
from typing import BinaryIO

from app.core import diagnostics
from app.core.document import (
    LARGEST_FILE,
    LARGEST_TEXT,
    Document,
    DocumentDamaged,
    DocumentKind,
    DocumentLocked,
    DocumentTooLarge,
    DocumentUnknown,
    DocumentWithoutText,
)
from app.core.errors import AssistantError
from app.core.imports import cues, docx
from app.core.imports.document import decoded, without_unseen
from app.core.imports.zipped_xml import LockedXml, TooMuchXml
from app.core.job import Cancelled, Progress
from app.core.media_kinds import SIGNATURE_BYTES, begins_as_recording
from app.engines import protocol
from app.engines.sandbox.resource_limits import deadline, extra_memory_limit
from app.engines.worker.channel import Channel
from app.engines.worker.documents import mail, office, plain, web_page
from app.engines.worker.documents.draft import Draft
from app.engines.worker.served_file import ServedFile

SECONDS = 25.0
"""Seconds after which a document, or the part of it that is read at once, ends the worker."""
_MEMORY = 1536 << 20  # bytes beside the program itself
_READ = 1024 * 1024  # bytes that are asked for at a time
_HEAD = 4096  # bytes, and characters of a text, that tell what a file is
_WIDEST = 4  # bytes of a character
_WORD_PART = re.compile(r"word/document\d*\.xml")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # Word before 2007, and any Office document with a password
_PACKAGE = "EncryptedPackage".encode("utf-16-le")
_ODT = b"application/vnd.oasis.opendocument.text"
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_PAGE_START = re.compile(r"\s*(?:<!doctype\s+html|<html[\s>])", re.IGNORECASE)
_MAIL_HEAD = re.compile(
    r"(?:Received|Return-Path|Delivered-To|MIME-Version|Message-ID|From|To|Date|Subject|Content-Type): ?", re.IGNORECASE
)
_MAIL_HEADS = 3  # of these lines at least are in an e-mail's head


class DocumentReader:
    """The documents worker's engine."""

    def answer(self, request: protocol.Request, channel: Channel) -> Iterator[protocol.Value]:
        """Read one document."""
        if not isinstance(request, protocol.ReadDocument):
            raise protocol.WireError("not for this worker")
        yield from read_document(ServedFile(channel, request.size), request.suffix)


def read_document(file: ServedFile, suffix: str) -> Iterator[Progress | Document]:
    """Yield how far it is, and then the document in parts; `suffix` is how its name ends, without the dot.

    Raises:
        DocumentError: there is nothing that can be read, and why.
    """
    if file.size > LARGEST_FILE:
        raise DocumentTooLarge
    with extra_memory_limit(_MEMORY):
        draft = yield from _read(file, suffix)
    if not draft.has_text:
        raise DocumentWithoutText
    yield from draft.documents()


def _read(file: ServedFile, suffix: str) -> Generator[Progress, None, Draft]:
    try:
        head = file.peek(0, _HEAD)
        if b"%PDF-" in head[:1024]:
            from app.engines.worker.documents.pdf import read_pdf  # late: it takes 60 ms

            draft = Draft(DocumentKind.PDF)
            yield from read_pdf(_opened(file), draft)
            return draft
        with deadline(SECONDS):
            return _read_at_once(file, head, suffix)
    except (AssistantError, Cancelled, MemoryError, protocol.WireError):
        raise
    except LockedXml as error:
        raise DocumentLocked from error
    except TooMuchXml as error:
        raise DocumentTooLarge from error
    except Exception as error:  # the libraries raise whatever a damaged document leads them to
        if diagnostics.is_debugging():
            diagnostics.print_trace(error)
        raise DocumentDamaged from error


def _read_at_once(file: ServedFile, head: bytes, suffix: str) -> Draft:
    if head.startswith(docx.BEGINNING):
        return _read_archive(_opened(file))
    if head.startswith(_OLE):
        raise DocumentLocked if _PACKAGE in _whole(file) else DocumentUnknown
    if begins_as_recording(head[:SIGNATURE_BYTES]) or head.startswith(b"{\\rtf"):
        raise DocumentUnknown
    return _read_text(_whole(file), suffix)


def _opened(file: ServedFile) -> BinaryIO:
    """The file as a library reads it: in memory, unless it is large."""
    return io.BytesIO(_whole(file)) if file.size <= LARGEST_TEXT else io.BufferedReader(file)


def _whole(file: ServedFile) -> bytes:
    if file.size > LARGEST_TEXT:
        raise DocumentTooLarge
    file.seek(0)
    return b"".join(iter(lambda: file.read(_READ), b""))


def _read_archive(file: BinaryIO) -> Draft:
    with zipfile.ZipFile(file) as archive:
        names = archive.namelist()
        words = next((name for name in names if _WORD_PART.fullmatch(name)), "")
        if words:
            draft = Draft(DocumentKind.WORD)
            office.read_word(archive, words, draft)
            return draft
        if "content.xml" in names and "mimetype" in names:
            with archive.open("mimetype") as member:
                is_open_document = member.read(len(_ODT)) == _ODT
            if is_open_document:
                draft = Draft(DocumentKind.ODT)
                office.read_open_document(archive, draft)
                return draft
    raise DocumentUnknown


def _read_text(data: bytes, suffix: str) -> Draft:
    kind = plain.kind_of_text(suffix)
    if kind is not DocumentKind.MAIL:
        start, _ = decoded(data[: _WIDEST * _HEAD])
        if _CONTROLS.search(start, 0, _HEAD):
            raise DocumentUnknown
        if kind is DocumentKind.TEXT:
            kind = _kind_by_content(start[:_HEAD])
    draft = Draft(kind)
    if kind is DocumentKind.MAIL:
        mail.read_mail(data, draft)
        return draft
    text, is_guessed = decoded(data)
    if kind is DocumentKind.HTML and is_guessed and (stated := web_page.stated_encoding(data)):
        text, is_guessed = data.decode(stated, "replace"), False
    draft.is_encoding_guessed = is_guessed
    text = without_unseen(text).removeprefix("\ufeff")
    readers = {
        DocumentKind.HTML: web_page.read_page, DocumentKind.TABLE: plain.read_table,
        DocumentKind.SUBTITLES: plain.read_cues,
    }  # fmt: skip
    readers.get(kind, plain.read_lines)(text, draft)
    return draft


def _kind_by_content(start: str) -> DocumentKind:
    """What a text that begins so, and whose name tells nothing, is."""
    start = start.replace("\r\n", "\n")
    if _PAGE_START.match(start):
        return DocumentKind.HTML
    head = start.partition("\n\n")[0].split("\n")
    if _MAIL_HEAD.match(head[0]) and sum(map(bool, map(_MAIL_HEAD.match, head))) >= _MAIL_HEADS:
        return DocumentKind.MAIL
    return DocumentKind.SUBTITLES if cues.has_cues(start) else DocumentKind.TEXT
