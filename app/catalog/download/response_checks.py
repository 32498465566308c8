"""Checks of a server's status and headers against the requested file; nothing here connects.

Headers are passed as a mapping with lower-case names.
"""

import re
from collections.abc import Mapping

from app.catalog.catalogue import CatalogFile
from app.core.errors import ChecksumMismatch, DownloadError, ServerRefused

NOT_TAKEN = "Nothing of it was taken in; try again later, or choose another model."

_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)\Z")
_STRONG_ETAG = re.compile(r'"[\x21\x23-\x7e]{1,200}"\Z')


class RetryableError(Exception):
    """A failure worth a retry; `error` is shown to the person if retrying does not help."""

    def __init__(self, error: DownloadError) -> None:
        self.error = error
        super().__init__()


class RestartableError(RetryableError):
    """A failure worth a retry from the start: the bytes present of the file are useless."""


def check_announced_file(headers: Mapping[str, str], file: CatalogFile) -> None:
    """Compare what the host announces about the file, before gigabytes are downloaded for nothing.

    Raises:
        ChecksumMismatch: the host's file is not the one the catalogue describes.
    """
    size, digest = headers.get("x-linked-size", ""), headers.get("x-linked-etag", "").strip('"')
    is_hash = re.fullmatch(r"[0-9a-f]{64}", digest) is not None
    if (size.isdecimal() and int(size) != file.bytes) or (is_hash and digest != file.sha256):
        raise ChecksumMismatch("The file at the host is not the one that the catalogue describes.", NOT_TAKEN)


def check_response(status: int, headers: Mapping[str, str], file: CatalogFile, offset: int) -> bool:
    """Check the response; return True if the file from `offset` on follows, False if the whole file does.

    Raises:
        Again, Restart: the next try may succeed.
        ChecksumMismatch, ServerRefused: it won't.
    """
    check_announced_file(headers, file)
    length = headers.get("content-length", "")
    if headers.get("content-encoding", "identity").casefold() != "identity":
        raise ServerRefused("The server sends the file in another form.", NOT_TAKEN)
    if status == 206 and offset:
        found = _RANGE.match(headers.get("content-range", ""))
        if found is None or int(found[1]) != offset or found[3] not in ("*", str(file.bytes)):
            raise RestartableError(
                ServerRefused("The server sends another part of the file than was asked for.", NOT_TAKEN)
            )
        return True
    if status == 200:
        if length.isdecimal() and int(length) != file.bytes:
            raise ChecksumMismatch("The file at the host is not as long as the catalogue says.", NOT_TAKEN)
        return False
    if status == 416 and offset:
        raise RestartableError(ServerRefused("The server has no more of this file.", NOT_TAKEN))
    raise _refusal(status)


def strong_etag(headers: Mapping[str, str]) -> str:
    """The response's ETag if it identifies the exact bytes, otherwise ""; a weak ETag only identifies the meaning."""
    untrusted_etag = headers.get("etag", "")
    return untrusted_etag if _STRONG_ETAG.match(untrusted_etag) else ""


def _refusal(status: int) -> Exception:
    """The error for a status that brings no file."""
    if status in (401, 403):
        return ServerRefused("The host wants an account for this file.", NOT_TAKEN)
    if status in (404, 410):
        return ServerRefused("The file is no longer at its place.", NOT_TAKEN)
    if status == 429 or status >= 500:
        return RetryableError(ServerRefused("The server is busy or out of order."))
    return ServerRefused(f"The server does not give this file (status {status}).", NOT_TAKEN)
