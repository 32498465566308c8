"""The format of a backup: one encrypted file with the vault's header and all other files, authenticated as a whole.

Layout (docs/formats.md): "TACIT-B1", frame size u32, length of the vault's header u32, file id 16
bytes, the vault's header, then frames. Payload key: HKDF-SHA256(backup key, salt = file id, info
"tacit backup payload v1"). Each frame is sealed with AES-256-GCM; its nonce is u32 (1 in the last
frame, else 0) and the frame's number as u64, big endian; everything before the frames is
authenticated with each. The plain bytes are entries: u16 length of the name, the name, u64 size,
the content; an empty name ends them. All numbers except those in the nonce are little endian.
"""

import os
import re
import struct
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.core.errors import VaultDamaged
from app.core.files import disk_error
from app.storage.files.layout import LARGEST_HEADER

MAGIC = b"TACIT-B1"
PREFIX = struct.Struct("<8sII16s")
FRAME = 1 << 20
TAG = 16
_NAME, _SIZE = struct.Struct("<H"), struct.Struct("<Q")
_SMALLEST_FRAME, _LARGEST_FRAME = 1024, 1 << 24
_NAMES = re.compile(r"manifest\.json|vault\.db|media/[0-9a-z]{1,64}\.sealed")
_DAMAGED = "This backup is damaged or was cut off."
_ADVICE = "Nothing was changed; use another backup."


def _payload_cipher(key: bytes, file_id: bytes) -> AESGCM:
    return AESGCM(HKDF(hashes.SHA256(), 32, file_id, b"tacit backup payload v1").derive(key))


def _nonce(number: int, is_last: bool) -> bytes:
    return struct.pack(">IQ", int(is_last), number)


class ArchiveWriter:
    """Writes one backup to an open file; `close()` seals its end, and leaves the file open."""

    def __init__(self, file: BinaryIO, key: bytes, vault_header: bytes, frame: int = FRAME) -> None:
        file_id = os.urandom(16)
        self._associated_data = PREFIX.pack(MAGIC, frame, len(vault_header), file_id) + vault_header
        self._cipher = _payload_cipher(key, file_id)
        self._frame = frame
        self._number = 0
        self._plain = bytearray()
        try:
            self._file = file
            self._file.write(self._associated_data)
        except OSError as error:
            raise disk_error(error) from error

    def add(self, name: str, size: int, blocks: Iterable[bytes]) -> None:
        """Append one file of exactly `size` bytes.

        Raises:
            VaultDamaged: the blocks add up to another size.
            NotEnoughSpace, VaultUnwritable: the disk refuses.
        """
        self._write(_NAME.pack(len(name)) + name.encode() + _SIZE.pack(size))
        left = size
        for block in blocks:
            left -= len(block)
            self._write(block)
        if left:
            raise VaultDamaged("A file of the vault changed while it was backed up.", "Nothing was changed; try again.")

    def close(self) -> None:
        """Seal the end."""
        self._write(_NAME.pack(0))
        try:
            self._seal(is_last=True)
            self._file.flush()
        except OSError as error:
            raise disk_error(error) from error

    def _write(self, plain: bytes) -> None:
        self._plain += plain
        try:
            while len(self._plain) > self._frame:  # never emptied: the last frame holds at least one byte
                self._seal(is_last=False)
        except OSError as error:
            raise disk_error(error) from error

    def _seal(self, *, is_last: bool) -> None:
        plain = bytes(self._plain[: self._frame])
        del self._plain[: self._frame]
        self._file.write(self._cipher.encrypt(_nonce(self._number, is_last), plain, self._associated_data))
        self._number += 1


class ArchiveReader:
    """Reads a backup from the start; nothing in it may be trusted before `entries` is exhausted."""

    def __init__(self, path: Path) -> None:
        try:
            self._file: BinaryIO = path.open("rb")
        except OSError as error:
            raise VaultDamaged("The backup is not there or can't be read.", _ADVICE) from error
        try:
            prefix = self._file.read(PREFIX.size)
            if not prefix.startswith(MAGIC):
                raise VaultDamaged("This file is no backup of Tacit.", _ADVICE)
            if len(prefix) < PREFIX.size:
                raise VaultDamaged(_DAMAGED, _ADVICE)
            _, self._frame, length, self._file_id = PREFIX.unpack(prefix)
            if length > LARGEST_HEADER or not _SMALLEST_FRAME <= self._frame <= _LARGEST_FRAME:
                raise VaultDamaged(_DAMAGED, _ADVICE)
            self.vault_header = self._file.read(length)
            self._associated_data = prefix + self.vault_header
        except BaseException:
            self._file.close()
            raise
        self._plain = bytearray()
        self._number = 0
        self._has_ended = False

    def entries(self, key: bytes) -> Iterator[tuple[str, int, Iterator[bytes]]]:
        """Yield each file as name, size and blocks, in archive order; consume the blocks before asking for the next.

        Raises:
            VaultDamaged: anything was changed, moved, removed or added.
        """
        self._cipher = _payload_cipher(key, self._file_id)
        while length := _NAME.unpack(self._take(_NAME.size))[0]:
            name = self._take(length).decode("ascii", "replace")
            if not _NAMES.fullmatch(name):
                raise VaultDamaged(_DAMAGED, _ADVICE)
            size = _SIZE.unpack(self._take(_SIZE.size))[0]
            yield name, size, self._blocks(size)
        if self._plain or not self._has_ended or self._file.read(1):
            raise VaultDamaged(_DAMAGED, _ADVICE)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __enter__(self) -> "ArchiveReader":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _blocks(self, size: int) -> Iterator[bytes]:
        while size:
            block = self._take(min(size, self._frame))
            size -= len(block)
            yield block

    def _take(self, length: int) -> bytes:
        while len(self._plain) < length:
            self._unseal()
        taken = bytes(self._plain[:length])
        del self._plain[:length]
        return taken

    def _unseal(self) -> None:
        if self._has_ended:
            raise VaultDamaged(_DAMAGED, _ADVICE)
        try:
            sealed = self._file.read(self._frame + TAG)
            self._has_ended = len(sealed) < self._frame + TAG or not self._file.peek(1)  # type: ignore[attr-defined]
            self._plain += self._cipher.decrypt(_nonce(self._number, self._has_ended), sealed, self._associated_data)
        except (InvalidTag, ValueError, OSError) as error:
            raise VaultDamaged(_DAMAGED, _ADVICE) from error
        self._number += 1
