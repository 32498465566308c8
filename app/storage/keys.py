"""Keys: from the passphrase to the master key in the header, and the subkeys made from it."""

import hashlib
import hmac
import os
import secrets
import unicodedata
from pathlib import Path
from typing import Any

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.core.errors import VaultDamaged, VaultTooNew, WrongPassphrase
from app.storage.cipher import disk_error

FORMAT = 1
KEY_BYTES = 32
_MEMORY_KIB, _PASSES, _LANES = 64 * 1024, 3, 4  # RFC 9106, section 4, second recommended option
_MOST_MEMORY_KIB, _MOST_PASSES, _MOST_LANES = 4 * 1024 * 1024, 64, 64  # more is a hostile header
_LARGEST_HEADER = 65_536
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)  # what the decoder raises on nonsense


class Slot(msgspec.Struct, frozen=True):
    """One way to open the vault: the master key, wrapped under a key from the passphrase."""

    id: str
    type: str
    kdf: str
    m_kib: int
    t: int
    p: int
    salt: bytes
    nonce: bytes
    wrapped: bytes


class Header(msgspec.Struct, frozen=True):
    """The vault's only plain file: how to get the master key from what the person knows."""

    format: int
    vault: bytes
    slots: tuple[Slot, ...]
    mac: bytes = b""


def subkey(master: bytes, purpose: str) -> bytes:
    """A 32-byte key for one purpose (HKDF-SHA256, RFC 5869)."""
    return HKDF(hashes.SHA256(), KEY_BYTES, None, purpose.encode()).derive(master)


def _passphrase_key(passphrase: str, slot: Slot) -> bytes:
    kdf = Argon2id(salt=slot.salt, length=KEY_BYTES, iterations=slot.t, lanes=slot.p, memory_cost=slot.m_kib)
    return kdf.derive(unicodedata.normalize("NFKC", passphrase).encode())


def _bound(vault: bytes, slot: Slot) -> bytes:
    """What the wrap is bound to: no parameter of the slot can be changed unnoticed."""
    fields: list[Any] = [vault, slot.id, slot.type, slot.kdf, slot.m_kib, slot.t, slot.p, slot.salt]
    return msgspec.json.encode(fields)


def _mac(master: bytes, header: Header) -> bytes:
    plain = msgspec.json.encode(msgspec.structs.replace(header, mac=b""))
    return hmac.new(subkey(master, "tacit header v1"), plain, hashlib.sha256).digest()


def fresh_header(passphrase: str) -> tuple[Header, bytes]:
    """A header for a new vault, and its random master key."""
    vault, master = secrets.token_bytes(16), secrets.token_bytes(KEY_BYTES)
    slot = Slot(
        "p1",
        "passphrase",
        "argon2id",
        _MEMORY_KIB,
        _PASSES,
        _LANES,
        secrets.token_bytes(16),
        secrets.token_bytes(12),
        b"",
    )
    key = _passphrase_key(passphrase, slot)
    slot = msgspec.structs.replace(slot, wrapped=AESGCM(key).encrypt(slot.nonce, master, _bound(vault, slot)))
    header = Header(FORMAT, vault, (slot,))
    return msgspec.structs.replace(header, mac=_mac(master, header)), master


def master_key(header: Header, passphrase: str) -> bytes:
    """Unwrap the master key.

    Raises:
        WrongPassphrase: it opens no slot. This is known before the database is touched.
        VaultDamaged: the header was changed after it was written.
    """
    for slot in header.slots:
        if slot.type != "passphrase":
            continue
        try:
            master = AESGCM(_passphrase_key(passphrase, slot)).decrypt(
                slot.nonce, slot.wrapped, _bound(header.vault, slot)
            )
        except InvalidTag:
            continue
        except (ValueError, MemoryError) as error:
            raise VaultDamaged from error
        if not hmac.compare_digest(header.mac, _mac(master, header)):
            raise VaultDamaged("The vault's header was changed.")
        return master
    raise WrongPassphrase


def write_header(path: Path, header: Header) -> None:
    """Write the header whole or not at all: new file, fsync, rename, fsync of the folder."""
    fresh = path.with_suffix(".new")
    try:
        with fresh.open("wb") as file:
            file.write(msgspec.json.format(msgspec.json.encode(header), indent=1))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        raise disk_error(error) from error


def read_header(path: Path) -> Header:
    """Read and check the header.

    Raises:
        VaultTooNew: a newer version wrote it.
        VaultDamaged: it can't be what any version wrote.
    """
    try:
        raw = path.read_bytes()[: _LARGEST_HEADER + 1]
    except OSError as error:
        raise disk_error(error) from error
    try:
        version = msgspec.json.decode(raw, type=_Version).format
    except _UNREADABLE as error:
        raise VaultDamaged("The vault's header is damaged.") from error
    if version > FORMAT:
        raise VaultTooNew
    try:
        header = msgspec.json.decode(raw, type=Header)
    except _UNREADABLE as error:
        raise VaultDamaged("The vault's header is damaged.") from error
    if version < 1 or not header.slots or not all(_is_sane(slot) for slot in header.slots):
        raise VaultDamaged("The vault's header is damaged.")
    return header


class _Version(msgspec.Struct):
    format: int


def _is_sane(slot: Slot) -> bool:
    return (
        8 * slot.p <= slot.m_kib <= _MOST_MEMORY_KIB
        and 1 <= slot.t <= _MOST_PASSES
        and 1 <= slot.p <= _MOST_LANES
        and len(slot.salt) >= 16
        and len(slot.nonce) == 12
        and len(slot.wrapped) == KEY_BYTES + 16
    )


def sync_folder(folder: Path) -> None:
    """Make a rename in `folder` last through a power cut; Windows has no such call."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
