"""Copying a model's files to the staging folder, hashed on the way and checked before they are trusted."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from app.catalog import file_policy
from app.catalog.catalogue import CatalogFile
from app.catalog.installed.staging import StagingFolder, remove_unless_plain_file, translate_disk_errors
from app.core.errors import ModelDamaged

BlockCallback = Callable[[int], None]
"""Called with the bytes of each block; raises to stop."""

_BLOCK = 1 << 20
_CHANGED = ("The file is not what its list says.", "Nothing of it was taken in; get the model again.")


def copy_stream(
    untrusted: BinaryIO, arrival: StagingFolder, name: str, size: int, advance: BlockCallback, sha256: str | None = None
) -> CatalogFile:
    """Copy exactly `size` bytes, and return their description; with `sha256`, they must match it.

    Raises:
        ModelDamaged: the size, the first bytes or the hash are wrong.
        NotEnoughSpace, DownloadError: the disk refuses.
    """
    hasher, left = hashlib.sha256(), size
    with translate_disk_errors():
        remove_unless_plain_file(arrival.folder / name)
    with translate_disk_errors(), (arrival.folder / name).open("wb") as file:
        while left:
            block = read_untrusted(untrusted, min(_BLOCK, left))
            if not block:
                raise ModelDamaged(*_CHANGED)
            if left == size:
                file_policy.check_beginning(name, block[:8])
            file.write(block)
            hasher.update(block)
            left -= len(block)
            advance(len(block))
    if read_untrusted(untrusted, 1) or sha256 not in (None, hasher.hexdigest()):
        raise ModelDamaged(*_CHANGED)
    return CatalogFile(name, size, hasher.hexdigest())


def copy_file(path: Path, arrival: StagingFolder, name: str, advance: BlockCallback) -> CatalogFile:
    """Copy a file whose hash is not yet known."""
    try:
        with path.open("rb") as file:
            return copy_stream(file, arrival, name, path.stat().st_size, advance)
    except OSError as error:
        raise unreadable_error() from error


def unreadable_error() -> ModelDamaged:
    """The error for a source that can't be read."""
    return ModelDamaged("The file can't be read.", "Nothing was taken in; check the disk and whether you may read it.")


def read_untrusted(untrusted: BinaryIO, size: int) -> bytes:
    """Read from an untrusted file.

    Raises:
        ModelDamaged: it can't be read.
    """
    try:
        return untrusted.read(size)
    except Exception as error:  # a zip's own checks raise many kinds
        raise unreadable_error() from error
