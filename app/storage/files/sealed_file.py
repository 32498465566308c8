"""The format of sealed sound: AES-256-GCM frames that can be appended to and read from any offset.

Layout: a 32-byte header ("TACIT-M1", frame size u32, zero u32, file id 16 bytes), then frames.
Each frame holds `frame size` plain bytes (the last holds fewer) and a 16-byte tag.
Payload key: HKDF-SHA256(recording key, salt = file id, info "tacit media v1"). Nonce: u32 (1 in
the last frame, else 0), then the frame's number as u64, big endian. The header is authenticated
with each frame, so removing, swapping, repeating and mixing frames is detected; a file without a
last frame was cut off or is still being written.
"""

import os
import struct
import threading
from pathlib import Path
from types import TracebackType

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.core.errors import VaultDamaged
from app.core.files import disk_error, sync_folder

MAGIC = b"TACIT-M1"
HEADER = struct.Struct("<8sII16s")
TAG = 16
FRAME = 65_536  # plain bytes; 0.02 % of overhead, and a seek decrypts one frame
_CACHED_FRAMES = 8
_SMALLEST_FRAME, _LARGEST_FRAME = 1024, 1 << 20


def _payload_cipher(key: bytes, file_id: bytes) -> AESGCM:
    return AESGCM(HKDF(hashes.SHA256(), 32, file_id, b"tacit media v1").derive(key))


def _nonce(number: int, is_last: bool) -> bytes:
    return struct.pack(">IQ", int(is_last), number)


class SealedWriter:
    """Writes one sealed file; `close()` seals the last frame and syncs.

    A file that was not closed is never appended to again: its frame numbers, and so its nonces, are used up.
    """

    def __init__(self, path: Path, key: bytes, frame: int = FRAME) -> None:
        file_id = os.urandom(16)
        self._header = HEADER.pack(MAGIC, frame, 0, file_id)
        self._cipher = _payload_cipher(key, file_id)
        self._frame = frame
        self._number = 0
        self._plain = bytearray()
        self._folder, self._is_named = path.parent, False
        try:
            descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0), 0o600)
            self._file = os.fdopen(descriptor, "wb")
            self._file.write(self._header)
        except OSError as error:
            raise disk_error(error) from error

    def write(self, plain: bytes) -> None:
        """Append plain bytes; full frames are written out.

        Raises:
            NotEnoughSpace, VaultUnwritable: the disk refuses; the file is then useless.
        """
        self._plain += plain
        while len(self._plain) >= self._frame:
            self._seal(bytes(self._plain[: self._frame]), is_last=False)
            del self._plain[: self._frame]

    def sync(self) -> int:
        """Make every full frame survive a power cut; return how many plain bytes are safe.

        A recorder should call this at least once a second, with frames that hold less than a second: the full
        frames of a file that is growing, or was cut off at any byte, can be read.
        """
        try:
            self._file.flush()
            os.fsync(self._file.fileno())
            if not self._is_named:
                sync_folder(self._folder)
                self._is_named = True
        except OSError as error:
            raise disk_error(error) from error
        return self._number * self._frame

    def close(self) -> None:
        """Seal the last frame and make the file survive a power cut."""
        self._seal(bytes(self._plain), is_last=True)
        try:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
        except OSError as error:
            raise disk_error(error) from error

    def abandon(self) -> None:
        """Close the file without a last frame."""
        try:
            self._file.close()
        except OSError:
            return  # the disk is full: closing tried to flush, and the file is discarded anyway

    def _seal(self, plain: bytes, *, is_last: bool) -> None:
        try:
            self._file.write(self._cipher.encrypt(_nonce(self._number, is_last), plain, self._header))
        except OSError as error:
            raise disk_error(error) from error
        self._number += 1


class SealedReader:
    """A sealed file's plain bytes; safe to use from several threads."""

    def __init__(self, path: Path, key: bytes) -> None:
        try:
            self._file = path.open("rb", buffering=0)
        except OSError as error:
            raise VaultDamaged("A recording's file is missing from the vault.") from error
        self._mutex = threading.Lock()
        self._frames: dict[int, bytes] = {}
        self._last: bytes | None = None
        try:
            self._open(key)
        except BaseException:
            self._file.close()
            raise

    def _open(self, key: bytes) -> None:
        self._header = self._file.read(HEADER.size)
        if len(self._header) < HEADER.size:
            raise VaultDamaged("A recording's file in the vault is cut off.")
        magic, frame, zero, file_id = HEADER.unpack(self._header)
        self._frame = int(frame)
        if magic != MAGIC or zero or not _SMALLEST_FRAME <= self._frame <= _LARGEST_FRAME:
            raise VaultDamaged("A recording's file in the vault is damaged.")
        self._cipher = _payload_cipher(key, file_id)
        body = os.fstat(self._file.fileno()).st_size - HEADER.size
        self._full_frames, rest = divmod(body, self._frame + TAG)
        self.size = self._full_frames * self._frame
        self.is_finished = False
        if rest >= TAG:
            try:
                self._last = self._unseal(self._full_frames, rest, is_last=True)
            except VaultDamaged:
                return  # cut off inside a frame: the full frames can still be read
            self.is_finished = True
            self.size += rest - TAG

    @property
    def frame(self) -> int:
        """Plain bytes per frame, except in the last."""
        return self._frame

    def read(self, offset: int, length: int) -> bytes:
        """Read `length` bytes from `offset`; fewer only at the end.

        Raises:
            VaultDamaged: a frame was changed, moved or truncated.
        """
        out = bytearray()
        end = min(self.size, offset + length)
        while offset < end:
            number, start = divmod(offset, self._frame)
            part = self._plain(number)[start : start + end - offset]
            out += part
            offset += len(part)
        return bytes(out)

    def close(self) -> None:
        """Close the file and drop the decrypted frames."""
        with self._mutex:
            self._file.close()
            self._frames.clear()
            self._last = None

    def __enter__(self) -> "SealedReader":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _plain(self, number: int) -> bytes:
        if number == self._full_frames and self._last is not None:
            return self._last
        with self._mutex:
            plain = self._frames.get(number)
            if plain is None:
                plain = self._unseal(number, self._frame + TAG, is_last=False)
                while len(self._frames) >= _CACHED_FRAMES:
                    del self._frames[next(iter(self._frames))]
                self._frames[number] = plain
            return plain

    def _unseal(self, number: int, length: int, *, is_last: bool) -> bytes:
        try:
            self._file.seek(HEADER.size + number * (self._frame + TAG))
            sealed = self._file.read(length)
            return self._cipher.decrypt(_nonce(number, is_last), sealed, self._header)
        except (InvalidTag, ValueError, OSError) as error:
            raise VaultDamaged("A recording's file in the vault is damaged.") from error
