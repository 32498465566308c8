"""The vault's header: slots that wrap the master key under each secret, and the subkeys derived from it."""

import hashlib
import hmac
import re
import secrets
import unicodedata
from collections.abc import Iterator
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
from app.core.files import disk_error, write_atomically, write_beside
from app.storage.files.layout import LARGEST_HEADER
from app.storage.keys.kdf_cost import KdfCost, calibrate

FORMAT = 1
KEY_BYTES = 32
PASSPHRASE, RECOVERY, KEYCHAIN = "passphrase", "recovery", "keychain"
_USABLE = (PASSPHRASE, RECOVERY, KEYCHAIN)
_MOST_MEMORY_KIB, _MOST_PASSES, _MOST_LANES = 1024 * 1024, 64, 64  # a header that asks for more is hostile
_MOST_WORK_KIB = 16 * 1024 * 1024  # memory times passes; what is written takes 0.8 s, of the fastest machine some 4 GiB
_MOST_SLOTS = 16  # of all types, also those of later versions
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)  # what the decoder raises on garbage
_DAMAGED = "The vault's header is damaged."
_NO_MEMORY = "Nothing was changed; close other programs, and try again."
_KEYCHAIN_SECRET = re.compile(r"tacit-keychain:([0-9a-f]{64})")  # text, to be usable wherever a passphrase is
_SLIP = "Nothing was changed; compare it with what you wrote down, character by character."


class Slot(msgspec.Struct, frozen=True):
    """One way to open the vault: the master key, wrapped under a key derived from one secret."""

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
    """The vault's only unencrypted file: how to get the master key from what the person knows."""

    format: int
    vault: bytes
    slots: tuple[Slot, ...]
    mac: bytes = b""


def subkey(master: bytes, purpose: str) -> bytes:
    """A 32-byte key for one purpose (HKDF-SHA256, RFC 5869)."""
    return HKDF(hashes.SHA256(), KEY_BYTES, None, purpose.encode()).derive(master)


def new_header(passphrase: str, cost: KdfCost | None = None) -> tuple[Header, bytes]:
    """Make a header for a new vault, and its random master key.

    Raises:
        VaultError: there is too little memory for any permitted cost.
    """
    vault, master = secrets.token_bytes(16), secrets.token_bytes(KEY_BYTES)
    return with_passphrase(Header(FORMAT, vault, ()), master, passphrase, cost), master


def with_passphrase(header: Header, master: bytes, passphrase: str, cost: KdfCost | None = None) -> Header:
    """The header with this passphrase in place of any it had; without `cost`, the KDF cost is measured now.

    Raises:
        VaultError: there is too little memory for any permitted cost.
    """
    salt, secret = secrets.token_bytes(16), _normalized(passphrase)
    try:
        if cost is None:
            cost, key = calibrate(lambda tried: _stretched(secret, salt, tried))
        else:
            key = _stretched(secret, salt, cost)
    except MemoryError as error:
        raise VaultError("There is not enough memory to make a key.", _NO_MEMORY) from error
    slot = Slot(_next_id(header, PASSPHRASE), PASSPHRASE, "argon2id", cost.m_kib, cost.t, cost.p, salt, b"", b"")
    return _with_slot(header, master, slot, key)


def with_recovery(header: Header, master: bytes) -> tuple[Header, str]:
    """The header with a new recovery key in place of any it had, and that key as a person writes it down."""
    salt, secret = secrets.token_bytes(16), secrets.token_bytes(recovery_key.BYTES)
    slot = Slot(_next_id(header, RECOVERY), RECOVERY, "hkdf-sha256", 0, 0, 0, salt, b"", b"")
    return _with_slot(header, master, slot, _recovery_key(secret, slot)), recovery_key.format_key(secret)


def with_keychain(header: Header, master: bytes, secret: str) -> Header:
    """The header with this keychain secret in place of any it had."""
    salt = secrets.token_bytes(16)
    slot = Slot(_next_id(header, KEYCHAIN), KEYCHAIN, "hkdf-sha256", 0, 0, 0, salt, b"", b"")
    return _with_slot(header, master, slot, _keychain_key(_keychain_bytes(secret), slot))


def without_keychain(header: Header, header_key: bytes) -> Header:
    """The header without its keychain slot."""
    slots = tuple(slot for slot in header.slots if slot.type != KEYCHAIN)
    header = msgspec.structs.replace(header, slots=slots)
    return msgspec.structs.replace(header, mac=_mac(header_key, header))


def keychain_slot(header: Header) -> Slot | None:
    """The keychain's slot, if there is one."""
    return next((slot for slot in header.slots if slot.type == KEYCHAIN), None)


def new_keychain_secret() -> str:
    """Make 256 random bits, in the form the keychain stores."""
    return f"tacit-keychain:{secrets.token_hex(KEY_BYTES)}"


def header_key(master: bytes) -> bytes:
    """The key for the header's `mac`."""
    return subkey(master, "tacit header v1")


def database_key(master: bytes) -> bytes:
    """The key of the database and its copies."""
    return subkey(master, "tacit database v1")


def is_authentic(header: Header, key: bytes) -> bool:
    """Whether the header is unchanged since it was written by someone who knew the `header_key`."""
    return hmac.compare_digest(header.mac, _mac(key, header))


def unwrap_master_key(header: Header, passphrase: str) -> bytes:
    """Unwrap the master key with a passphrase, a recovery key, or the keychain's secret.

    Raises:
        WrongPassphrase: it opens no slot; this is known before the database is touched.
        VaultDamaged: the header was changed after it was written.
        VaultError: there is too little memory to try a passphrase.
    """
    for slot, key in _candidates(header, passphrase):
        try:
            master = AESGCM(key).decrypt(slot.nonce, slot.wrapped, _associated_data(header.vault, slot))
        except InvalidTag:
            continue
        if not is_authentic(header, header_key(master)):
            raise VaultDamaged("The vault's header was changed.")
        return master
    if recovery_key.looks_like_key(passphrase) and recovery_key.parse_key(passphrase) is None:
        raise WrongPassphrase("That recovery key has a slip in it.", _SLIP)
    raise WrongPassphrase


def _candidates(header: Header, passphrase: str) -> Iterator[tuple[Slot, bytes]]:
    """Yield each slot the secret might open, with the key derived for it; cheap ones first."""
    secret = recovery_key.parse_key(passphrase)
    if secret is not None:
        yield from ((slot, _recovery_key(secret, slot)) for slot in header.slots if slot.type == RECOVERY)
    if _KEYCHAIN_SECRET.fullmatch(passphrase):
        secret = _keychain_bytes(passphrase)
        yield from ((slot, _keychain_key(secret, slot)) for slot in header.slots if slot.type == KEYCHAIN)
        return  # nobody types this: a stale one fails at once, without the wait for a passphrase
    for slot in header.slots:
        if slot.type == PASSPHRASE:
            try:
                key = _stretched(_normalized(passphrase), slot.salt, KdfCost(slot.m_kib, slot.t, slot.p))
            except MemoryError as error:
                raise VaultError("There is not enough memory to try a passphrase.", _NO_MEMORY) from error
            except ValueError as error:
                raise VaultDamaged(_DAMAGED) from error
            yield slot, key


def _with_slot(header: Header, master: bytes, slot: Slot, key: bytes) -> Header:
    """The header with the master key wrapped into this slot, which replaces any of the same type."""
    slot = msgspec.structs.replace(slot, nonce=secrets.token_bytes(12))
    slot = msgspec.structs.replace(
        slot, wrapped=AESGCM(key).encrypt(slot.nonce, master, _associated_data(header.vault, slot))
    )
    others = tuple(other for other in header.slots if other.type != slot.type)
    slots = tuple(sorted((*others, slot), key=_slot_order))
    header = msgspec.structs.replace(header, slots=slots)
    return msgspec.structs.replace(header, mac=_mac(header_key(master), header))


def _slot_order(slot: Slot) -> int:
    """A slot's sort key; types this version does not know come last, in their existing order."""
    return _USABLE.index(slot.type) if slot.type in _USABLE else len(_USABLE)


def _next_id(header: Header, kind: str) -> str:
    """The next id: p1, p2, … for passphrases, r1, … for recovery keys, k1, … for the keychain."""
    numbers = [int(s.id[1:]) for s in header.slots if s.type == kind and s.id[1:].isdecimal() and len(s.id) < 9]
    return f"{kind[0]}{max(numbers, default=0) + 1}"


def _normalized(passphrase: str) -> bytes:
    return unicodedata.normalize("NFKC", passphrase).encode("utf-8", "surrogatepass")


def _stretched(secret: bytes, salt: bytes, cost: KdfCost) -> bytes:
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


def _associated_data(vault: bytes, slot: Slot) -> bytes:
    """The associated data of the wrap, so that no parameter of the slot can be changed unnoticed."""
    fields: list[Any] = [vault, slot.id, slot.type, slot.kdf, slot.m_kib, slot.t, slot.p, slot.salt]
    return msgspec.json.encode(fields)


def _mac(key: bytes, header: Header) -> bytes:
    plain = msgspec.json.encode(msgspec.structs.replace(header, mac=b""))
    return hmac.new(key, plain, hashlib.sha256).digest()


class _Version(msgspec.Struct):
    format: int


class _Stored(msgspec.Struct):
    """A header as stored on disk: its checksum tells damage from a wrong passphrase before one is tried."""

    format: int
    vault: bytes
    slots: tuple[Slot, ...]
    mac: bytes = b""
    sha256: bytes | None = None  # the earliest vaults have none


def write_header(path: Path, header: Header) -> None:
    """Write the header atomically and durably.

    Raises:
        VaultUnwritable, NotEnoughSpace: the disk refuses.
    """
    try:
        write_atomically(path, _encoded(header))
    except OSError as error:
        raise disk_error(error) from error


def write_replacement(path: Path, header: Header) -> Path:
    """Write the header durably to a new file beside `path`, which the caller renames over `path`.

    Raises:
        VaultUnwritable, NotEnoughSpace: the disk refuses; nothing is left behind.
    """
    try:
        return write_beside(path, _encoded(header))
    except OSError as error:
        raise disk_error(error) from error


def _encoded(header: Header) -> bytes:
    stored = _Stored(header.format, header.vault, header.slots, header.mac, _checksum(header))
    return msgspec.json.format(msgspec.json.encode(stored), indent=1)


def read_header(path: Path) -> Header:
    """Read and check the header.

    Raises:
        VaultTooNew: a newer version wrote it.
        VaultDamaged: no version could have written it, or it is missing.
        VaultUnwritable: the disk refuses.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST_HEADER + 1)
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
    if stored.sha256 is not None and stored.sha256 != _checksum(header):
        raise VaultDamaged(_DAMAGED)
    if version < 1 or not any(map(_can_open, header.slots)) or not all(map(_is_sane, header.slots)):
        raise VaultDamaged(_DAMAGED)
    types = [slot.type for slot in header.slots]
    if len(types) > _MOST_SLOTS or any(types.count(usable) > 1 for usable in _USABLE):
        raise VaultDamaged(_DAMAGED)  # each passphrase slot costs a try
    return header


def _checksum(header: Header) -> bytes:
    return hashlib.sha256(msgspec.json.encode(header)).digest()


def _can_open(slot: Slot) -> bool:
    """Whether a slot counts as a way in. The keychain doesn't: a reinstallation can lose it."""
    return slot.type in (PASSPHRASE, RECOVERY)


def _is_sane(slot: Slot) -> bool:
    if slot.type not in _USABLE:
        return True  # written by a later version, and kept as it is
    if len(slot.salt) < 16 or len(slot.nonce) != 12 or len(slot.wrapped) != KEY_BYTES + 16:
        return False
    if slot.type != PASSPHRASE:
        return True
    is_affordable = slot.m_kib <= _MOST_MEMORY_KIB and slot.m_kib * slot.t <= _MOST_WORK_KIB
    return is_affordable and 8 * slot.p <= slot.m_kib and 1 <= slot.t <= _MOST_PASSES and 1 <= slot.p <= _MOST_LANES
