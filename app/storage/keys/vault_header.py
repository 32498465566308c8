"""Keys: from the passphrase to the master key in the header, and the subkeys made from it."""

import hashlib
import hmac
import os
import re
import secrets
import unicodedata
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.core import recovery_key
from app.core.errors import VaultDamaged, VaultError, VaultTooNew, WrongPassphrase
from app.core.files import disk_error
from app.storage.files.fsync import sync_folder
from app.storage.keys.kdf_cost import Cost, calibrated

FORMAT = 1
KEY_BYTES = 32
PASSPHRASE, RECOVERY, KEYCHAIN = "passphrase", "recovery", "keychain"
_USABLE = (PASSPHRASE, RECOVERY, KEYCHAIN)
_MOST_MEMORY_KIB, _MOST_PASSES, _MOST_LANES = 4 * 1024 * 1024, 64, 64  # more is a hostile header
_LARGEST_HEADER = 65_536
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)  # what the decoder raises on nonsense
_DAMAGED = "The vault's header is damaged."
_NO_MEMORY = "Nothing was changed; close other programs, and try again."
_KEYCHAIN_SECRET = re.compile(r"tacit-keychain:([0-9a-f]{64})")  # as text, so that it goes where a passphrase goes
_SLIP = "Nothing was changed; compare it with what you wrote down, character by character."


class Slot(msgspec.Struct, frozen=True):
    """One way to open the vault: the master key, wrapped under a key that one of the person's secrets gives."""

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


def fresh_header(passphrase: str, cost: Cost | None = None) -> tuple[Header, bytes]:
    """A header for a new vault, and its random master key.

    Raises:
        VaultError: there is too little memory for any cost that is allowed.
    """
    vault, master = secrets.token_bytes(16), secrets.token_bytes(KEY_BYTES)
    return with_passphrase(Header(FORMAT, vault, ()), master, passphrase, cost), master


def with_passphrase(header: Header, master: bytes, passphrase: str, cost: Cost | None = None) -> Header:
    """The header with this passphrase instead of any it had; without a `cost` it is measured here and now.

    Raises:
        VaultError: there is too little memory for any cost that is allowed.
    """
    salt, secret = secrets.token_bytes(16), _spelled(passphrase)
    try:
        if cost is None:
            cost, key = calibrated(lambda tried: _stretched(secret, salt, tried))
        else:
            key = _stretched(secret, salt, cost)
    except MemoryError as error:
        raise VaultError("There is not enough memory to make a key.", _NO_MEMORY) from error
    slot = Slot(_next_id(header, PASSPHRASE), PASSPHRASE, "argon2id", cost.m_kib, cost.t, cost.p, salt, b"", b"")
    return _sealed(header, master, slot, key)


def with_recovery(header: Header, master: bytes) -> tuple[Header, str]:
    """The header with a fresh recovery key instead of any it had, and that key as a person writes it down."""
    salt, secret = secrets.token_bytes(16), secrets.token_bytes(recovery_key.BYTES)
    slot = Slot(_next_id(header, RECOVERY), RECOVERY, "hkdf-sha256", 0, 0, 0, salt, b"", b"")
    return _sealed(header, master, slot, _recovery_key(secret, slot)), recovery_key.written(secret)


def with_keychain(header: Header, master: bytes, secret: str) -> Header:
    """The header with this secret of the keychain instead of any it had."""
    salt = secrets.token_bytes(16)
    slot = Slot(_next_id(header, KEYCHAIN), KEYCHAIN, "hkdf-sha256", 0, 0, 0, salt, b"", b"")
    return _sealed(header, master, slot, _keychain_key(_keychain_bytes(secret), slot))


def without_keychain(header: Header, header_key: bytes) -> Header:
    """The header that the keychain opens no longer."""
    slots = tuple(slot for slot in header.slots if slot.type != KEYCHAIN)
    header = msgspec.structs.replace(header, slots=slots)
    return msgspec.structs.replace(header, mac=_mac(header_key, header))


def keychain_slot(header: Header) -> Slot | None:
    """The slot that the keychain opens, if there is one."""
    return next((slot for slot in header.slots if slot.type == KEYCHAIN), None)


def fresh_keychain_secret() -> str:
    """256 random bits, as the keychain keeps them."""
    return f"tacit-keychain:{secrets.token_hex(KEY_BYTES)}"


def header_key(master: bytes) -> bytes:
    """The key that the header's `mac` is made with."""
    return subkey(master, "tacit header v1")


def is_whole(header: Header, key: bytes) -> bool:
    """Whether the header is as it was made by someone who knew the `header_key`."""
    return hmac.compare_digest(header.mac, _mac(key, header))


def master_key(header: Header, passphrase: str) -> bytes:
    """Unwrap the master key with a passphrase, a recovery key, or the keychain's secret.

    Raises:
        WrongPassphrase: it opens no slot. This is known before the database is touched.
        VaultDamaged: the header was changed after it was written.
        VaultError: there is too little memory to try it.
    """
    for slot, key in _tries(header, passphrase):
        try:
            master = AESGCM(key).decrypt(slot.nonce, slot.wrapped, _bound(header.vault, slot))
        except InvalidTag:
            continue
        if not is_whole(header, header_key(master)):
            raise VaultDamaged("The vault's header was changed.")
        return master
    if recovery_key.looks_like_one(passphrase) and recovery_key.read(passphrase) is None:
        raise WrongPassphrase("That recovery key has a slip in it.", _SLIP)
    raise WrongPassphrase


def _tries(header: Header, passphrase: str) -> Iterator[tuple[Slot, bytes]]:
    """Each slot that this may open and the key it would take; the cheap ones first."""
    secret = recovery_key.read(passphrase)
    if secret is not None:
        yield from ((slot, _recovery_key(secret, slot)) for slot in header.slots if slot.type == RECOVERY)
    if _KEYCHAIN_SECRET.fullmatch(passphrase):
        secret = _keychain_bytes(passphrase)
        yield from ((slot, _keychain_key(secret, slot)) for slot in header.slots if slot.type == KEYCHAIN)
        return  # nobody types this: a stale one is told at once, not after a passphrase's time
    for slot in header.slots:
        if slot.type == PASSPHRASE:
            try:
                key = _stretched(_spelled(passphrase), slot.salt, Cost(slot.m_kib, slot.t, slot.p))
            except MemoryError as error:
                raise VaultError("There is not enough memory to try a passphrase.", _NO_MEMORY) from error
            except ValueError as error:
                raise VaultDamaged(_DAMAGED) from error
            yield slot, key


def _sealed(header: Header, master: bytes, slot: Slot, key: bytes) -> Header:
    """The header with the master key wrapped into this slot, which replaces those of its type."""
    slot = msgspec.structs.replace(slot, nonce=secrets.token_bytes(12))
    slot = msgspec.structs.replace(slot, wrapped=AESGCM(key).encrypt(slot.nonce, master, _bound(header.vault, slot)))
    others = tuple(other for other in header.slots if other.type != slot.type)
    slots = tuple(sorted((*others, slot), key=_place))
    header = msgspec.structs.replace(header, slots=slots)
    return msgspec.structs.replace(header, mac=_mac(header_key(master), header))


def _place(slot: Slot) -> int:
    """Slots of types that this version does not know come last, as they were."""
    return _USABLE.index(slot.type) if slot.type in _USABLE else len(_USABLE)


def _next_id(header: Header, kind: str) -> str:
    """p1, p2, … for passphrases, r1, … for recovery keys, k1, … for the keychain: an id says which of them it was."""
    numbers = [int(s.id[1:]) for s in header.slots if s.type == kind and s.id[1:].isdecimal() and len(s.id) < 9]
    return f"{kind[0]}{max(numbers, default=0) + 1}"


def _spelled(passphrase: str) -> bytes:
    return unicodedata.normalize("NFKC", passphrase).encode("utf-8", "surrogatepass")


def _stretched(secret: bytes, salt: bytes, cost: Cost) -> bytes:
    kdf = Argon2id(salt=salt, length=KEY_BYTES, iterations=cost.t, lanes=cost.p, memory_cost=cost.m_kib)
    return kdf.derive(secret)


def _recovery_key(secret: bytes, slot: Slot) -> bytes:
    return HKDF(hashes.SHA256(), KEY_BYTES, slot.salt, b"tacit recovery v1").derive(secret)


def _keychain_key(secret: bytes, slot: Slot) -> bytes:
    return HKDF(hashes.SHA256(), KEY_BYTES, slot.salt, b"tacit keychain v1").derive(secret)


def _keychain_bytes(secret: str) -> bytes:
    found = _KEYCHAIN_SECRET.fullmatch(secret)
    assert found is not None
    return bytes.fromhex(found[1])


def _bound(vault: bytes, slot: Slot) -> bytes:
    """What the wrap is bound to: no parameter of the slot can be changed unnoticed."""
    fields: list[Any] = [vault, slot.id, slot.type, slot.kdf, slot.m_kib, slot.t, slot.p, slot.salt]
    return msgspec.json.encode(fields)


def _mac(key: bytes, header: Header) -> bytes:
    plain = msgspec.json.encode(msgspec.structs.replace(header, mac=b""))
    return hmac.new(key, plain, hashlib.sha256).digest()


class _Version(msgspec.Struct):
    format: int


class _Stored(msgspec.Struct):
    """A header as it lies on disk: its sum tells damage from a wrong passphrase before either is tried."""

    format: int
    vault: bytes
    slots: tuple[Slot, ...]
    mac: bytes = b""
    sha256: bytes | None = None  # vaults of the first days have none


def write_header(path: Path, header: Header) -> None:
    """Write the header whole or not at all: new file, fsync, rename, fsync of the folder.

    Raises:
        VaultUnwritable, NotEnoughSpace: the disk refuses.
    """
    fresh = write_beside(path, header)
    try:
        fresh.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        raise disk_error(error) from error


def write_beside(path: Path, header: Header) -> Path:
    """Write the header, and wait until it is on disk, into the file that is to take the place of `path`.

    Raises:
        VaultUnwritable, NotEnoughSpace: the disk refuses; nothing is left behind.
    """
    fresh = path.with_name(path.name + ".new")
    stored = _Stored(header.format, header.vault, header.slots, header.mac, _sum(header))
    try:
        with fresh.open("wb") as file:
            file.write(msgspec.json.format(msgspec.json.encode(stored), indent=1))
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        with suppress(OSError):
            fresh.unlink()
        raise disk_error(error) from error
    return fresh


def read_header(path: Path) -> Header:
    """Read and check the header.

    Raises:
        VaultTooNew: a newer version wrote it.
        VaultDamaged: it can't be what any version wrote, or it is gone.
        VaultUnwritable: the disk refuses.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(_LARGEST_HEADER + 1)
    except FileNotFoundError as error:
        raise VaultDamaged("The vault's header is missing.") from error
    except OSError as error:
        raise disk_error(error) from error
    try:
        version = msgspec.json.decode(raw, type=_Version).format
    except _UNREADABLE as error:
        raise VaultDamaged(_DAMAGED) from error
    if version > FORMAT:
        raise VaultTooNew
    try:
        stored = msgspec.json.decode(raw, type=_Stored)
    except _UNREADABLE as error:
        raise VaultDamaged(_DAMAGED) from error
    header = Header(stored.format, stored.vault, stored.slots, stored.mac)
    if stored.sha256 is not None and stored.sha256 != _sum(header):
        raise VaultDamaged(_DAMAGED)
    if version < 1 or not any(map(_can_open, header.slots)) or not all(map(_is_sane, header.slots)):
        raise VaultDamaged(_DAMAGED)
    return header


def _sum(header: Header) -> bytes:
    return hashlib.sha256(msgspec.json.encode(header)).digest()


def _can_open(slot: Slot) -> bool:
    """The keychain does not count: it can be lost with a reinstallation, so it is never the only way."""
    return slot.type in (PASSPHRASE, RECOVERY)


def _is_sane(slot: Slot) -> bool:
    if slot.type not in _USABLE:
        return True  # a later version's, which is kept as it is
    if len(slot.salt) < 16 or len(slot.nonce) != 12 or len(slot.wrapped) != KEY_BYTES + 16:
        return False
    if slot.type != PASSPHRASE:
        return True
    return 8 * slot.p <= slot.m_kib <= _MOST_MEMORY_KIB and 1 <= slot.t <= _MOST_PASSES and 1 <= slot.p <= _MOST_LANES
