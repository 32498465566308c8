"""The written format of the header is the one that is written: the vector of docs/formats.md, read twice."""

import base64
import hashlib
import hmac
import json
import re
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from app.core import recovery_key
from app.storage.keys.vault_header import read_header, subkey, unwrap_master_key, write_header

TEXT = (Path(__file__).parents[3] / "docs" / "formats.md").read_text()
VECTOR = TEXT.partition("### Test vector")[2]
HEADER = re.findall(r"(?s)```\n(.*?)```", VECTOR)[0]
KNOWN = dict(re.findall(r"(?m)^\| (.+?) \| `(.+?)` \|$", VECTOR))


def compact(shape: Any) -> bytes:
    return json.dumps(shape, separators=(",", ":"), ensure_ascii=False).encode()


def hkdf(secret: bytes, salt: bytes, info: bytes) -> bytes:
    """RFC 5869 for one block of SHA-256, written out."""
    extracted = hmac.new(salt or bytes(32), secret, hashlib.sha256).digest()
    return hmac.new(extracted, info + b"\x01", hashlib.sha256).digest()


@pytest.mark.parametrize("way", ["passphrase", "recovery key", "keychain secret"])
def test_the_product_opens_the_vector(tmp_path: Path, way: str) -> None:
    path = tmp_path / "vault.hdr"
    path.write_text(HEADER)
    master = unwrap_master_key(read_header(path), KNOWN[way])
    assert master.hex() == KNOWN["master key"]
    assert subkey(master, "tacit database v1").hex() == KNOWN["`tacit database v1`"]


def test_the_product_writes_the_vector_byte_for_byte(tmp_path: Path) -> None:
    path = tmp_path / "vault.hdr"
    path.write_text(HEADER)
    write_header(path, read_header(path))
    assert path.read_text() == HEADER.strip()


def test_the_vector_is_what_the_document_says() -> None:
    """A second reader, from the words of the document alone."""
    header = json.loads(HEADER)
    master = bytes.fromhex(KNOWN["master key"])
    for slot in header["slots"]:
        salt, nonce, wrapped = (base64.b64decode(slot[name]) for name in ("salt", "nonce", "wrapped"))
        if slot["type"] == "passphrase":
            kdf = Argon2id(salt=salt, length=32, iterations=slot["t"], lanes=slot["p"], memory_cost=slot["m_kib"])
            key = kdf.derive(KNOWN["passphrase"].encode())
        elif slot["type"] == "recovery":
            secret = recovery_key.parse_key(KNOWN["recovery key"])
            assert secret is not None
            key = hkdf(secret, salt, b"tacit recovery v1")
        else:
            secret = bytes.fromhex(KNOWN["keychain secret"].removeprefix("tacit-keychain:"))
            key = hkdf(secret, salt, b"tacit keychain v1")
        bound = compact([header["vault"], *(slot[n] for n in ("id", "type", "kdf", "m_kib", "t", "p", "salt"))])
        assert AESGCM(key).decrypt(nonce, wrapped, bound) == master
    plain = {name: header[name] for name in ("format", "vault", "slots")}
    mac = hmac.new(hkdf(master, b"", b"tacit header v1"), compact(plain | {"mac": ""}), hashlib.sha256).digest()
    assert base64.b64decode(header["mac"]) == mac
    whole = hashlib.sha256(compact(plain | {"mac": header["mac"]})).digest()
    assert base64.b64decode(header["sha256"]) == whole
    assert hkdf(master, b"", b"tacit database v1").hex() == KNOWN["`tacit database v1`"]
