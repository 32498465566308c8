"""The file of what was evaluated of a call: its pieces compressed, one behind the other, in a sealed file.

Each piece has a head: SHA-256 digest (32 bytes), tokens u32, size u32, stored size of the bytes at odd and at even
offsets u32 each, big endian; then the stored bytes. Half-precision numbers have their sign, exponent and highest bits
in the odd bytes, which compress by a third; the even ones do not. A part that does not shrink is stored as it is.
"""

import struct
import zlib
from collections.abc import Iterable
from pathlib import Path

from app.core.errors import NotEnoughSpace, VaultDamaged
from app.core.prompt_state import LARGEST_PIECE, MOST_PIECES, StateHead, StatePiece
from app.storage.files.sealed_file import SealedReader, SealedWriter

_HEAD = struct.Struct(">32sIIII")
_FRAME = 1 << 20  # plain bytes: a piece is some of them
_LEAST_GAIN = 0.97  # of the size; with less gained the time of opening is worth more


def write_state(path: Path, key: bytes, pieces: Iterable[StatePiece], most: int) -> int:
    """Write the pieces to a new file of at most so many bytes; return how many it has.

    Raises:
        NotEnoughSpace: they take more, or the disk is full.
        VaultUnwritable: the disk refuses.
    """
    writer = SealedWriter(path, key, _FRAME)
    try:
        size = 0
        for piece in pieces:
            odd, even = _shrunk(piece.data[1::2]), _shrunk(piece.data[0::2])
            head = _HEAD.pack(piece.head.digest, piece.head.tokens, piece.head.size, len(odd), len(even))
            size += len(head) + len(odd) + len(even)
            if size > most:
                raise NotEnoughSpace
            writer.write(head + odd + even)
        writer.close()
        return size
    except BaseException:
        writer.abandon()
        raise


class StateFile:
    """An open file of pieces (`core.prompt_state.StoredState`)."""

    def __init__(self, path: Path, key: bytes) -> None:
        """Open the file and read its heads.

        Raises:
            VaultDamaged: it was cut off, or is damaged.
        """
        self._reader = SealedReader(path, key)
        self._places: list[tuple[int, int, int]] = []  # where a piece's bytes lie, and the length of both parts
        try:
            self.heads = tuple(self._read_heads())
        except BaseException:
            self._reader.close()
            raise

    def data(self, index: int) -> bytes:
        """The bytes of the piece with this index.

        Raises:
            VaultDamaged: they are not as they were stored.
        """
        place, odd, even = self._places[index]
        size = self.heads[index].size
        plain = bytearray(size)
        stored = self._reader.read(place, odd + even)
        plain[1::2] = _grown(stored[:odd], size // 2)
        plain[0::2] = _grown(stored[odd:], size - size // 2)
        return bytes(plain)

    def close(self) -> None:
        """Close the file."""
        self._reader.close()

    def __enter__(self) -> "StateFile":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _read_heads(self) -> Iterable[StateHead]:
        if not self._reader.is_finished:
            raise VaultDamaged
        offset = 0
        while offset < self._reader.size and len(self._places) < MOST_PIECES:
            raw = self._reader.read(offset, _HEAD.size)
            if len(raw) < _HEAD.size:
                raise VaultDamaged
            digest, tokens, size, odd, even = _HEAD.unpack(raw)
            if not 0 < size <= LARGEST_PIECE or odd + even > size:
                raise VaultDamaged
            self._places.append((offset + _HEAD.size, odd, even))
            offset += _HEAD.size + odd + even
            yield StateHead(digest, tokens, size)


def _shrunk(plain: bytes) -> bytes:
    """The bytes compressed, if that gains something; without looking for matches, which numbers hardly have."""
    packer = zlib.compressobj(1, zlib.DEFLATED, -15, 9, zlib.Z_HUFFMAN_ONLY)
    packed = packer.compress(plain) + packer.flush()
    return packed if len(packed) < _LEAST_GAIN * len(plain) else plain


def _grown(stored: bytes, size: int) -> bytes:
    """The bytes as they were.

    Raises:
        VaultDamaged: they are not that many.
    """
    if len(stored) == size:
        return stored
    unpacker = zlib.decompressobj(-15)
    try:
        plain = unpacker.decompress(stored, size + 1)
    except zlib.error as error:
        raise VaultDamaged from error
    if len(plain) != size:
        raise VaultDamaged
    return plain
