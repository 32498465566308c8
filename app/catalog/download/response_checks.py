"""What the head of a server's answer means for the file that was asked for; nothing here connects.

Headers come as a mapping whose names are lower-case.
"""

import re
from collections.abc import Mapping

from app.catalog.catalogue import CatalogFile
from app.core.errors import ChecksumMismatch, DownloadError, ServerRefused

NOT_TAKEN = "Nothing of it was taken in; try again later, or choose another model."

_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)\Z")
_STRONG_ETAG = re.compile(r'"[\x21\x23-\x7e]{1,200}"\Z')


class Again(Exception):
    """A failure that may pass: `error` is what the person is told if it does not."""

    def __init__(self, error: DownloadError) -> None:
        self.error = error
        super().__init__()


class Restart(Again):
    """Likewise, and what is there of the file is of no use."""


def check_promise(headers: Mapping[str, str], file: CatalogFile) -> None:
    """Compare what the hub says of the file, before gigabytes are fetched for nothing.

    Raises:
        ChecksumMismatch: it has another one than the catalogue describes.
    """
    size, digest = headers.get("x-linked-size", ""), headers.get("x-linked-etag", "").strip('"')
    is_hash = re.fullmatch(r"[0-9a-f]{64}", digest) is not None
    if (size.isdecimal() and int(size) != file.bytes) or (is_hash and digest != file.sha256):
        raise ChecksumMismatch("The file at the host is not the one that the catalogue describes.", NOT_TAKEN)


def judge(status: int, headers: Mapping[str, str], file: CatalogFile, offset: int) -> bool:
    """Whether the stretch from `offset` on follows; False says that the whole file does.

    Raises:
        Again, Restart: the server may do better at the next try.
        ChecksumMismatch, ServerRefused: it won't.
    """
    check_promise(headers, file)
    length = headers.get("content-length", "")
    if headers.get("content-encoding", "identity").casefold() != "identity":
        raise ServerRefused("The server sends the file in another form.", NOT_TAKEN)
    if status == 206 and offset:
        found = _RANGE.match(headers.get("content-range", ""))
        if found is None or int(found[1]) != offset or found[3] not in ("*", str(file.bytes)):
            raise Restart(ServerRefused("The server sends another part of the file than was asked for.", NOT_TAKEN))
        return True
    if status == 200:
        if length.isdecimal() and int(length) != file.bytes:
            raise ChecksumMismatch("The file at the host is not as long as the catalogue says.", NOT_TAKEN)
        return False
    if status == 416 and offset:
        raise Restart(ServerRefused("The server has no more of this file.", NOT_TAKEN))
    raise _refusal(status)


def strong_etag(headers: Mapping[str, str]) -> str:
    """What names these very bytes at the server, or "": a weak ETag names only what they mean."""
    untrusted_etag = headers.get("etag", "")
    return untrusted_etag if _STRONG_ETAG.match(untrusted_etag) else ""


def _refusal(status: int) -> Exception:
    """What a status means that is no file."""
    if status in (401, 403):
        return ServerRefused("The host wants an account for this file.", NOT_TAKEN)
    if status in (404, 410):
        return ServerRefused("The file is no longer at its place.", NOT_TAKEN)
    if status == 429 or status >= 500:
        return Again(ServerRefused("The server is busy or out of order."))
    return ServerRefused(f"The server does not give this file (status {status}).", NOT_TAKEN)
