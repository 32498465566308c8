"""A recording or a document as a file object whose bytes the parent serves."""

import io
from typing import TYPE_CHECKING

from app.engines import protocol
from app.engines.worker.channel import Channel

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_READ_AHEAD = 256 * 1024  # bytes fetched from the parent at a time


class ServedFile(io.RawIOBase):
    """A read-only file whose bytes the parent serves.

    `patches` are read instead of the file's own bytes at their offsets: a header that counts too little is
    corrected so, without a copy of the recording.
    """

    def __init__(self, channel: Channel, size: int, patches: dict[int, bytes] | None = None) -> None:
        super().__init__()
        self._channel = channel
        self.size = size
        self._patches = patches or {}
        self._position = 0
        self._buffer_start = 0
        self._buffer = b""

    def reopened(self, patches: dict[int, bytes] | None = None) -> "ServedFile":
        """The same file with a position of its own; with other `patches`, if they are given."""
        return ServedFile(self._channel, self.size, self._patches if patches is None else patches)

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def tell(self) -> int:
        """The offset of the next byte."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move, and return the new offset; 65536 (AVSEEK_SIZE) returns the size instead."""
        if whence == 65536:
            return self.size
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self.size}[whence]
        self._position = max(0, base + offset)
        return self._position

    def read(self, size: int = -1) -> bytes:
        """Read at most `size` bytes; none at the end."""
        want = self.size - self._position if size < 0 else min(size, self.size - self._position)
        if want <= 0:
            return b""
        skip = self._position - self._buffer_start
        if not 0 <= skip < len(self._buffer):
            self._buffer_start, skip = self._position, 0
            self._buffer = self._fetched(self._position, min(max(want, _READ_AHEAD), protocol.LARGEST_FRAME // 2))
        piece = self._buffer[skip : skip + want]
        self._position += len(piece)
        return piece

    def readinto(self, buffer: "WriteableBuffer") -> int:
        """Read into a buffer, and return how many bytes; 0 at the end."""
        view = memoryview(buffer).cast("B")
        data = self.read(len(view))
        view[: len(data)] = data
        return len(data)

    def peek(self, offset: int, length: int) -> bytes:
        """The bytes at `offset`, wherever the file stands; fewer at its end, none beyond it."""
        length = min(length, self.size - offset)
        return self._fetched(offset, length) if offset >= 0 and length > 0 else b""

    def _fetched(self, offset: int, length: int) -> bytes:
        data = self._channel.request_bytes(offset, length)
        for at, patch in self._patches.items():
            first, last = max(at, offset), min(at + len(patch), offset + len(data))
            if first < last:
                data = data[: first - offset] + patch[first - at : last - at] + data[last - offset :]
        return data
