"""The text of a PDF, page by page."""

import logging
import time
from collections.abc import Iterator
from typing import BinaryIO

from pypdf import PageObject, PdfReader
from pypdf.errors import DependencyError

from app.core.document import DocumentDamaged, DocumentLocked, Unread
from app.core.job import Progress
from app.engines.sandbox.resource_limits import deadline
from app.engines.worker.documents.draft import Draft

PAGE_SECONDS = 20.0
"""Seconds after which a page that does not come to an end ends the worker."""
_MOST_SECONDS = 600.0  # of all pages; the rest is told as unread

logging.getLogger("pypdf").setLevel(logging.CRITICAL + 1)  # its warnings tell what stands in the document


def read_pdf(file: BinaryIO, draft: Draft) -> Iterator[Progress]:
    """Take the lines of each page; say how far it is.

    Raises:
        DocumentLocked: it opens with a password only.
        DocumentDamaged: no page can be read.
    """
    with deadline(PAGE_SECONDS):
        reader = PdfReader(file)
        if reader.is_encrypted:
            _open(reader)
        draft.pages = len(reader.pages)
        draft.title = _title(reader)
    until = time.monotonic() + _MOST_SECONDS
    for number in range(1, draft.pages + 1):
        if time.monotonic() > until:
            draft.unread[Unread.LATE_PAGES] = draft.pages - number + 1
            break
        with deadline(PAGE_SECONDS):
            _read_page(reader, number, draft)
        yield Progress("Reading", number, draft.pages, "pages")
    if draft.pages and draft.unread[Unread.DAMAGED_PAGES] == draft.pages:
        raise DocumentDamaged


def _open(reader: PdfReader) -> None:
    """Open an encrypted document that has no password, but rules of what may be done with it."""
    try:
        is_open = bool(reader.decrypt(""))
    except (DependencyError, NotImplementedError) as error:
        raise DocumentLocked from error
    if not is_open:
        raise DocumentLocked


def _title(reader: PdfReader) -> str:
    try:
        found = reader.metadata.title if reader.metadata else None
    except Exception:  # noqa: BLE001 - a damaged title is none
        return ""
    return found if isinstance(found, str) else ""


def _read_page(reader: PdfReader, number: int, draft: Draft) -> None:
    try:
        page = reader.pages[number - 1]
        text = page.extract_text()
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - the library raises whatever a damaged page leads it to
        draft.unread[Unread.DAMAGED_PAGES] += 1
        return
    if not text.strip():
        draft.unread[Unread.PICTURE_PAGES] += _has_pictures(page)
        return
    for line_number, line in enumerate(text.strip("\n").split("\n"), 1):
        draft.add(line, line_number, number)


def _has_pictures(page: PageObject) -> bool:
    try:
        resources = page["/Resources"].get_object()
        return "/XObject" in resources  # type: ignore[operator]
    except Exception:  # noqa: BLE001 - as above
        return False
