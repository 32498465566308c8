"""Copying a model's files to the gathering place, hashed as they pass and looked at before they are believed."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from app.catalog import file_policy
from app.catalog.catalogue import CatalogFile
from app.catalog.installed.staging import Arrival, own_plain_file, translated
from app.core.errors import ModelDamaged

Advance = Callable[[int], None]
"""Told the bytes of each block; raises to stop."""

_BLOCK = 1 << 20
_CHANGED = ("The file is not what its list says.", "Nothing of it was taken in; get the model again.")


def copied(
    untrusted: BinaryIO, arrival: Arrival, name: str, size: int, advance: Advance, sha256: str | None = None
) -> CatalogFile:
    """Copy exactly `size` bytes, and say what they are; with `sha256`, they must have it.

    Raises:
        ModelDamaged: there are more or fewer, they begin as no such file does, or the hash is another.
        NotEnoughSpace, DownloadError: the disk refuses.
    """
    hasher, left = hashlib.sha256(), size
    with translated():
        own_plain_file(arrival.folder / name)
    with translated(), (arrival.folder / name).open("wb") as file:
        while left:
            block = read(untrusted, min(_BLOCK, left))
            if not block:
                raise ModelDamaged(*_CHANGED)
            if left == size:
                file_policy.check_beginning(name, block[:8])
            file.write(block)
            hasher.update(block)
            left -= len(block)
            advance(len(block))
    if read(untrusted, 1) or sha256 not in (None, hasher.hexdigest()):
        raise ModelDamaged(*_CHANGED)
    return CatalogFile(name, size, hasher.hexdigest())


def copied_file(path: Path, arrival: Arrival, name: str, advance: Advance) -> CatalogFile:
    """Copy a file whose hash is not known yet."""
    try:
        with path.open("rb") as file:
            return copied(file, arrival, name, path.stat().st_size, advance)
    except OSError as error:
        raise unreadable() from error


def unreadable() -> ModelDamaged:
    """The error for a source that can't be read."""
    return ModelDamaged("The file can't be read.", "Nothing was taken in; check the disk and whether you may read it.")


def read(untrusted: BinaryIO, size: int) -> bytes:
    """Read from a stranger's file.

    Raises:
        ModelDamaged: it can't be read.
    """
    try:
        return untrusted.read(size)
    except Exception as error:  # a zip's own checks raise many kinds
        raise unreadable() from error
