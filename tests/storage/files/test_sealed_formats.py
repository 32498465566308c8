"""The formats of docs/formats.md, read by a second implementation from committed vectors, and written byte by byte."""

import hashlib
import hmac
import json
import os
import struct
import sys
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.storage.files.backup_archive import ArchiveReader, ArchiveWriter
from app.storage.files.sealed_file import SealedReader, SealedWriter

VECTORS = Path(__file__).parents[2] / "fixtures" / "vectors"
KEY, FILE_ID = bytes(range(32)), bytes(range(64, 80))
SOUND = bytes(n * 7 % 251 for n in range(2500))
HEADER = b'{"format": 1}'
FILES = {"manifest.json": b'{"made": "2026-11-21T10:00:00+00:00"}', "vault.db": SOUND, "media/0a1b.sealed": b""}


def hkdf(key: bytes, salt: bytes, info: bytes) -> bytes:
    """RFC 5869 for 32 bytes, from HMAC alone."""
    return hmac.digest(hmac.digest(salt, key, "sha256"), info + b"\x01", "sha256")


def unsealed(content: bytes, at: int, frame: int, info: bytes) -> bytes:
    """The plain bytes of frames that begin at `at`, by the words of docs/formats.md."""
    bound, body = content[:at], content[at:]
    cipher = AESGCM(hkdf(KEY, FILE_ID, info))
    pieces = [body[n : n + frame + 16] for n in range(0, len(body), frame + 16)]
    return b"".join(
        cipher.decrypt(struct.pack(">IQ", int(n == len(pieces) - 1), n), piece, bound) for n, piece in enumerate(pieces)
    )


def entries(plain: bytes) -> dict[str, bytes]:
    found, at = {}, 0
    while length := struct.unpack_from("<H", plain, at)[0]:
        name = plain[at + 2 : at + 2 + length].decode()
        size = struct.unpack_from("<Q", plain, at + 2 + length)[0]
        at += 10 + length + size
        found[name] = plain[at - size : at]
    assert at + 2 == len(plain)
    return found


def write(folder: Path) -> None:
    """Both files, by the product's own writers; file ids come from os.urandom."""
    media = SealedWriter(folder / "media.sealed", KEY, 1024)
    media.write(SOUND)
    media.close()
    with (folder / "backup.tacit").open("wb") as file:
        archive = ArchiveWriter(file, KEY, HEADER, 1024)
        for name, content in FILES.items():
            archive.add(name, len(content), [content])
        archive.close()


def test_the_product_writes_the_vectors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "urandom", lambda size: FILE_ID[:size])
    write(tmp_path)
    for name in ("media.sealed", "backup.tacit"):
        assert (tmp_path / name).read_bytes() == (VECTORS / name).read_bytes()


def test_the_words_of_the_document_read_the_vectors() -> None:
    facts: dict[str, Any] = json.loads((VECTORS / "vectors.json").read_text())
    assert (facts["key"], facts["file_id"]) == (KEY.hex(), FILE_ID.hex())
    for name in ("media.sealed", "backup.tacit"):
        assert hashlib.sha256((VECTORS / name).read_bytes()).hexdigest() == facts[name]["sha256"]
    media, archive = (VECTORS / "media.sealed").read_bytes(), (VECTORS / "backup.tacit").read_bytes()
    assert struct.unpack_from("<8sII16s", media) == (b"TACIT-M1", 1024, 0, FILE_ID)
    assert unsealed(media, 32, 1024, b"tacit media v1") == SOUND
    assert struct.unpack_from("<8sII16s", archive) == (b"TACIT-B1", 1024, len(HEADER), FILE_ID)
    plain = unsealed(archive, 32 + len(HEADER), 1024, b"tacit backup payload v1")
    assert entries(plain) == FILES
    assert hkdf(KEY, FILE_ID, b"tacit media v1").hex() == facts["media.sealed"]["payload_key"]
    assert hkdf(KEY, FILE_ID, b"tacit backup payload v1").hex() == facts["backup.tacit"]["payload_key"]


def test_the_product_reads_the_vectors() -> None:
    with SealedReader(VECTORS / "media.sealed", KEY) as reader:
        assert reader.is_finished
        assert reader.read(0, reader.size) == SOUND
    with ArchiveReader(VECTORS / "backup.tacit") as archive:
        assert archive.vault_header == HEADER
        assert {name: b"".join(blocks) for name, _, blocks in archive.entries(KEY)} == FILES


if __name__ == "__main__":  # python -m tests.storage.keys.test_header_format FOLDER makes the vectors
    os.urandom = lambda size: FILE_ID[:size]
    made = Path(sys.argv[1])
    write(made)
    told: dict[str, Any] = {"key": KEY.hex(), "file_id": FILE_ID.hex(), "frame": 1024}
    for named, purpose in (("media.sealed", b"tacit media v1"), ("backup.tacit", b"tacit backup payload v1")):
        digest = hashlib.sha256((made / named).read_bytes()).hexdigest()
        told[named] = {"sha256": digest, "payload_key": hkdf(KEY, FILE_ID, purpose).hex()}
    (made / "vectors.json").write_text(json.dumps(told, indent=1) + "\n")
