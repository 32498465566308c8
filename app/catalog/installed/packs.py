"""A model pack: models with their sizes and hashes, as a folder or a zip, for computers that never see a network.

`pack.json` is `{"format": 1, "models": [...]}`, each model as in `receipts.Record`; the file NAME of the
model ID is at `ID/NAME`. Anything the list does not name is ignored. docs/formats.md has it in full.
"""

import hashlib
import io
import os
import stat
import struct
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Annotated, BinaryIO, Literal

import msgspec

from app.catalog import file_policy
from app.catalog.installed import receipts
from app.catalog.installed.copying import BlockCallback, read_untrusted
from app.catalog.installed.receipts import Record
from app.catalog.installed.staging import require_room
from app.core.errors import ModelDamaged
from app.core.output import Output

LIST_NAME = "pack.json"
_LARGEST_LIST = 1 << 20  # bytes
_LARGEST_READ = 1 << 24  # bytes at a time: no pack of ours has a larger table of contents
_LOCAL_HEADER = struct.Struct("<4s5H3L2H")  # what precedes the name of a zip's first file
_UNREADABLE = (OSError, KeyError, ValueError, RuntimeError, zipfile.BadZipFile)
"""What `zipfile` raises for an archive that is damaged, password-protected or compressed in an unknown way."""
_NO_PACK = ("This is no model pack, or a damaged one.", "Nothing was taken in; make the pack again.")


class _List(msgspec.Struct, frozen=True):
    format: Literal[1]
    models: Annotated[tuple[Record, ...], msgspec.Meta(min_length=1, max_length=200)]


class Pack:
    """An open pack; `models` is what it claims to hold, and each file must still be checked as it is read."""

    def __init__(self, folder: Path | None, archive: zipfile.ZipFile | None) -> None:
        self._folder = folder
        self._archive = archive
        with self.open_file(LIST_NAME) as file:
            raw = read_untrusted(file, _LARGEST_LIST + 1)
        try:
            listed = msgspec.json.decode(raw, type=_List)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise ModelDamaged(*_NO_PACK) from error
        if len(raw) > _LARGEST_LIST:
            raise ModelDamaged(*_NO_PACK)
        if not all(record.is_sound() for record in listed.models):
            raise file_policy.refusal()
        self.models = tuple(msgspec.structs.replace(record, origin="pack") for record in listed.models)

    @contextmanager
    def open_file(self, name: str) -> Iterator[BinaryIO]:
        """Open one file of the pack, if it is a plain file.

        Raises:
            ModelDamaged: it is missing, or not a plain file.
        """
        with ExitStack() as stack:
            try:
                file = stack.enter_context(
                    self._open_in_folder(name) if self._archive is None else self._open_in_archive(name)
                )
            except _UNREADABLE as error:
                raise ModelDamaged(*_NO_PACK) from error
            yield file

    def _open_in_folder(self, name: str) -> BinaryIO:
        assert self._folder is not None
        path = self._folder / name
        for checked_path in (path, path.parent):
            if checked_path != self._folder and checked_path.is_symlink():
                raise file_policy.refusal()
        ways = (getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY"))  # so that a pipe can't block
        descriptor = os.open(path, sum(ways, os.O_RDONLY))
        file = os.fdopen(descriptor, "rb")
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            file.close()
            raise file_policy.refusal()
        return file

    def _open_in_archive(self, name: str) -> BinaryIO:
        assert self._archive is not None
        found = [entry for entry in self._archive.infolist() if entry.filename == name]
        if len(found) != 1:
            raise KeyError(name)
        kind = stat.S_IFMT(found[0].external_attr >> 16)
        is_usual = found[0].compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
        if found[0].is_dir() or kind not in (0, stat.S_IFREG) or found[0].flag_bits & 1 or not is_usual:
            raise file_policy.refusal()
        return self._archive.open(found[0])  # type: ignore[return-value]


class _BoundedFile(io.FileIO):
    """A file that refuses very large reads: a forged table of contents must not exhaust the memory."""

    def read(self, size: int | None = -1, /) -> bytes:
        """Read, but never more at a time than a pack needs."""
        left = os.fstat(self.fileno()).st_size - self.tell()
        if (left if size is None or size < 0 else min(size, left)) > _LARGEST_READ:
            raise zipfile.BadZipFile
        return super().read(size) or b""


def is_pack(path: Path) -> bool:
    """Whether this looks like a pack."""
    if path.is_dir():
        return (path / LIST_NAME).is_file()
    try:
        with path.open("rb") as file:
            return file.read(4) == b"PK\x03\x04"
    except OSError:
        return False


def lists_models(path: Path) -> bool:
    """Whether this is a pack, intact or damaged, rather than just any folder or zip."""
    if path.is_dir() or not is_pack(path):
        return is_pack(path)
    try:
        with _BoundedFile(path, "rb") as file:
            if file.read(_LOCAL_HEADER.size + len(LIST_NAME))[_LOCAL_HEADER.size :] == LIST_NAME.encode():
                return True  # as we write it, and all that can be told of a truncated one
            with zipfile.ZipFile(file) as archive:
                return LIST_NAME in archive.namelist()
    except _UNREADABLE:
        return False


@contextmanager
def open_pack(path: Path) -> Iterator[Pack]:
    """Open a pack.

    Raises:
        ModelDamaged: it is not a pack.
    """
    if path.is_dir():
        yield Pack(path, None)
        return
    with ExitStack() as stack:
        try:
            file = stack.enter_context(_BoundedFile(path, "rb"))
            archive = stack.enter_context(zipfile.ZipFile(file))
        except _UNREADABLE as error:
            raise ModelDamaged(*_NO_PACK) from error
        yield Pack(None, archive)


def write(models: list[tuple[Path, Record]], output: Output, advance: BlockCallback) -> None:
    """Write a pack as a zip; the files are hashed on the way, and must match their records.

    Raises:
        AssistantError, NotEnoughSpace: the disk refuses.
        ModelDamaged: a file does not match its record; nothing is left at `output`.
    """
    if output.is_file:
        require_room(output.path.parent, sum(record.size for _, record in models))
    listed = msgspec.json.format(msgspec.json.encode(_List(1, tuple(record for _, record in models))), indent=1)
    with (
        output.open() as opened,
        zipfile.ZipFile(opened.file, "w", zipfile.ZIP_STORED, allowZip64=True) as archive,
    ):
        archive.writestr(LIST_NAME, listed)
        for folder, record in models:
            for file in record.files:
                with archive.open(f"{record.id}/{file.name}", "w", force_zip64=True) as packed:
                    _add_file(folder / file.name, packed, file.sha256, advance)


def _add_file(path: Path, packed: IO[bytes], sha256: str, advance: BlockCallback) -> None:
    hasher = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(receipts.BLOCK):
            hasher.update(block)
            packed.write(block)
            advance(len(block))
    if hasher.hexdigest() != sha256:
        raise ModelDamaged("A model here is damaged.", "No pack was written; «tacit models verify» shows which.")
