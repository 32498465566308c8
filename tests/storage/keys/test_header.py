"""The vault's header: every change of it is noticed, and none of them is more than a clear error."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import VaultDamaged, VaultError, VaultTooNew, WrongPassphrase
from app.storage.keys import vault_header
from app.storage.keys.vault_header import Header, Slot, new_header, read_header, unwrap_master_key, write_header
from tests.running import CHEAP

PASSPHRASE = "correct horse battery staple"


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """A header whose passphrase is cheap to try."""
    header, _ = new_header(PASSPHRASE, CHEAP)
    write_header(tmp_path / "vault.hdr", header)
    return tmp_path / "vault.hdr"


def opened(path: Path) -> bytes:
    return unwrap_master_key(read_header(path), PASSPHRASE)


def test_the_passphrase_gives_the_master_key_back() -> None:
    header, master = new_header(PASSPHRASE, CHEAP)
    assert unwrap_master_key(header, PASSPHRASE) == master
    with pytest.raises(WrongPassphrase):
        unwrap_master_key(header, PASSPHRASE + " ")
    (slot,) = header.slots
    assert (slot.kdf, slot.m_kib, slot.t, slot.p) == ("argon2id", CHEAP.m_kib, CHEAP.t, CHEAP.p)


def test_two_vaults_under_one_passphrase_share_nothing() -> None:
    one, other = new_header(PASSPHRASE, CHEAP), new_header(PASSPHRASE, CHEAP)
    assert one[1] != other[1]
    assert one[0].slots[0].salt != other[0].slots[0].salt
    assert one[0].vault != other[0].vault


def test_subkeys_are_one_for_each_purpose() -> None:
    made = {vault_header.subkey(b"m" * 32, purpose) for purpose in ("tacit database v1", "tacit header v1", "x")}
    assert len(made) == 3
    assert all(len(key) == 32 for key in made)


def test_it_survives_being_written_and_read(written: Path) -> None:
    assert write_and_read(written, read_header(written)) == read_header(written)
    assert [path.name for path in written.parent.iterdir()] == ["vault.hdr"]
    assert len(opened(written)) == 32


def write_and_read(path: Path, header: Header) -> Header:
    write_header(path, header)
    return read_header(path)


def test_a_flip_of_any_byte_is_a_clear_error_or_changes_nothing(written: Path) -> None:
    content, known, master = written.read_bytes(), read_header(written), opened(written)
    for place in range(len(content)):
        for mask in (0x01, 0x04, 0x10, 0x20, 0x80, 0xFF):
            flipped = bytearray(content)
            flipped[place] ^= mask
            written.write_bytes(flipped)
            try:
                assert opened(written) == master, (place, mask)
                assert read_header(written) == known, (place, mask)  # unused bits of Base64
            except VaultError:
                continue


def test_cut_off_at_any_byte_it_is_a_clear_error(written: Path) -> None:
    content = written.read_bytes()
    for length in range(len(content.rstrip())):
        written.write_bytes(content[:length])
        with pytest.raises(VaultDamaged):
            opened(written)


@pytest.mark.parametrize(
    "content",
    [
        b"", b"\0" * 700, b"\xff" * 700, b"[]", b"null", b"{}", b'{"format": "1"}', b'{"format": 1}', b'{"format": -1}',
        b'{"format": 1, "vault": "", "slots": []}', b"[" * 60_000, b'{"a":' * 20_000, b'{"format": 1e999}',
        b'{"format": 1, "vault": "AAAA", "slots": [{"id": "p1"}]}', b"\xef\xbb\xbf{}",
        b'{"format": 1, "vault": "\xff\xfe"}', b'{"format": 1, "vault": "AAAA", "slots": [{"id": "\xff\xfe"}]}',
    ],
    ids=lambda content: repr(content[:30]),
)  # fmt: skip
def test_what_no_version_wrote_is_damaged(written: Path, content: bytes) -> None:
    written.write_bytes(content)
    with pytest.raises(VaultDamaged):
        opened(written)


@given(content=st.binary(max_size=300))
def test_any_bytes_are_a_clear_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "any.hdr"
    path.write_bytes(content)
    with pytest.raises(VaultError):
        opened(path)


def test_a_later_format_is_too_new_whatever_else_it_holds(written: Path) -> None:
    written.write_bytes(b'{"format": 2, "slots": {"by": "name"}, "more": true}')
    with pytest.raises(VaultTooNew):
        opened(written)


def with_slot(change: Callable[[Slot], Slot]) -> Callable[[Header], Header]:
    return lambda header: msgspec.structs.replace(header, slots=(change(header.slots[0]),))


@pytest.mark.parametrize(
    "change",
    [
        with_slot(lambda slot: msgspec.structs.replace(slot, m_kib=1 << 40)),
        with_slot(lambda slot: msgspec.structs.replace(slot, m_kib=1)),
        with_slot(lambda slot: msgspec.structs.replace(slot, t=10**9)),
        with_slot(lambda slot: msgspec.structs.replace(slot, t=0)),
        with_slot(lambda slot: msgspec.structs.replace(slot, p=0)),
        with_slot(lambda slot: msgspec.structs.replace(slot, salt=b"")),
        with_slot(lambda slot: msgspec.structs.replace(slot, nonce=b"x")),
        with_slot(lambda slot: msgspec.structs.replace(slot, wrapped=b"x" * 47)),
        lambda header: msgspec.structs.replace(header, mac=b""),
        lambda header: msgspec.structs.replace(header, mac=bytes(32)),
        lambda header: msgspec.structs.replace(header, slots=()),
        lambda header: msgspec.structs.replace(
            header, slots=(header.slots[0], msgspec.structs.replace(header.slots[0], id="p2"))
        ),
    ],
)
def test_a_hostile_header_is_refused_before_it_costs_anything(
    written: Path, change: Callable[[Header], Header]
) -> None:
    write_header(written, change(read_header(written)))
    with pytest.raises(VaultDamaged):
        opened(written)


def test_a_cost_that_no_key_can_be_derived_at_is_damage() -> None:
    header, _ = new_header(PASSPHRASE, CHEAP)
    costless = msgspec.structs.replace(header.slots[0], t=0)
    with pytest.raises(VaultDamaged):
        unwrap_master_key(msgspec.structs.replace(header, slots=(costless,)), PASSPHRASE)


@pytest.mark.parametrize("field", ["id", "type", "kdf"])
def test_a_slot_is_bound_to_its_own_words(written: Path, field: str) -> None:
    change = with_slot(lambda slot: msgspec.structs.replace(slot, **{field: "other"}))
    write_header(written, change(read_header(written)))
    with pytest.raises((WrongPassphrase, VaultDamaged)):
        opened(written)


def test_a_weaker_slot_is_not_taken_for_the_one_that_was_written(written: Path) -> None:
    change = with_slot(lambda slot: msgspec.structs.replace(slot, m_kib=32))
    write_header(written, change(read_header(written)))
    with pytest.raises(WrongPassphrase):
        opened(written)
