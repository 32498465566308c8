"""Sealed media: what goes in comes out from any offset, and every change to the file is noticed."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import VaultDamaged, VaultUnwritable
from app.storage.files.sealed_file import HEADER, TAG, SealedReader, SealedWriter

KEY = bytes(range(32))
FRAME = 1024
SEALED = FRAME + TAG

sizes = st.integers(0, 4 * FRAME)
contents = st.builds(lambda size, seed: bytes((seed + n * 7) % 251 for n in range(size)), sizes, st.integers(0, 250))


def sealed(folder: Path, plain: bytes, key: bytes = KEY, pieces: int = 1) -> Path:
    """A sealed file, written in so many pieces."""
    path = folder / os.urandom(8).hex()
    writer = SealedWriter(path, key, FRAME)
    step = max(1, -(-len(plain) // pieces))
    for at in range(0, len(plain), step):
        writer.write(plain[at : at + step])
    writer.close()
    return path


def changed(path: Path, content: bytes) -> Path:
    other = path.with_name(path.name + "x")
    other.write_bytes(content)
    return other


def whole(path: Path, key: bytes = KEY) -> bytes:
    with SealedReader(path, key) as reader:
        return reader.read(0, reader.size + 10)


@given(contents, st.integers(1, 9), st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 3000)), max_size=6))
def test_it_reads_as_it_was_written_from_any_offset(
    tmp_path: Path, plain: bytes, pieces: int, reads: list[tuple[int, int]]
) -> None:
    with SealedReader(sealed(tmp_path, plain, pieces=pieces), KEY) as reader:
        assert reader.is_finished
        assert reader.size == len(plain)
        assert reader.read(0, len(plain)) == plain
        for offset, length in reads:
            assert reader.read(offset, length) == plain[offset : offset + length]


def test_more_frames_than_are_kept_decrypted_can_be_read_in_any_order(tmp_path: Path) -> None:
    plain = os.urandom(40 * FRAME + 5)
    with SealedReader(sealed(tmp_path, plain), KEY) as reader:
        for number in [*range(41), *range(40, -1, -1), 3, 3, 39]:
            assert reader.read(number * FRAME, FRAME) == plain[number * FRAME : (number + 1) * FRAME]


@pytest.mark.parametrize("size", [0, 1, FRAME - 1, FRAME, FRAME + 1, 2 * FRAME])
def test_cut_off_at_any_byte_it_opens_to_the_last_whole_frame(tmp_path: Path, size: int) -> None:
    plain = os.urandom(size)
    path = sealed(tmp_path, plain)
    content = path.read_bytes()
    for length in range(len(content)):
        cut = changed(path, content[:length])
        if length < HEADER.size:
            with pytest.raises(VaultDamaged):
                SealedReader(cut, KEY)
            continue
        with SealedReader(cut, KEY) as reader:
            assert not reader.is_finished
            assert reader.size == (length - HEADER.size) // SEALED * FRAME
            assert reader.read(0, size) == plain[: reader.size]


@given(st.integers(0, 3 * FRAME), st.data())
def test_every_flipped_bit_is_noticed(tmp_path: Path, size: int, data: st.DataObject) -> None:
    plain = os.urandom(size)
    path = sealed(tmp_path, plain)
    content = bytearray(path.read_bytes())
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= 1 << data.draw(st.integers(0, 7))
    other = changed(path, bytes(content))
    last_frame = HEADER.size + size // FRAME * SEALED
    try:
        with SealedReader(other, KEY) as reader:
            if place >= last_frame:  # a last frame that fails is a file that was cut off
                assert not reader.is_finished
            read = reader.read(0, size)
            assert read == plain[: len(read)]
            assert not reader.is_finished
    except VaultDamaged:
        assert place < last_frame or size < FRAME


def test_every_bit_of_the_header_counts(tmp_path: Path) -> None:
    plain = os.urandom(FRAME + 10)
    path = sealed(tmp_path, plain)
    content = path.read_bytes()
    for place in range(HEADER.size):
        for bit in range(8):
            flipped = bytearray(content)
            flipped[place] ^= 1 << bit
            with pytest.raises(VaultDamaged):
                whole_and_finished(changed(path, bytes(flipped)))


def whole_and_finished(path: Path) -> bytes:
    with SealedReader(path, KEY) as reader:
        content = reader.read(0, 10 * FRAME)
        if not reader.is_finished:
            raise VaultDamaged
        return content


def frames(path: Path) -> list[bytes]:
    content = path.read_bytes()[HEADER.size :]
    return [content[at : at + SEALED] for at in range(0, len(content), SEALED)]


def test_swapped_repeated_and_foreign_frames_are_noticed(tmp_path: Path) -> None:
    path, twin = sealed(tmp_path, os.urandom(4 * FRAME + 10)), sealed(tmp_path, os.urandom(4 * FRAME + 10))
    header = path.read_bytes()[: HEADER.size]
    one, two, three, four, last = frames(path)
    foreign = frames(twin)[1]
    for mixed in (
        [two, one, three, four, last],
        [one, one, three, four, last],
        [one, foreign, three, four, last],
        [one, three, four, last],
        [one, two, three, four, four, last],
        [one, two, last],
        [last, one, two, three, four],
    ):
        with pytest.raises(VaultDamaged):
            whole_and_finished(changed(path, header + b"".join(mixed)))
    with pytest.raises(VaultDamaged):
        whole_and_finished(changed(path, twin.read_bytes()[: HEADER.size] + b"".join([one, two, three, four, last])))


def test_another_key_opens_nothing(tmp_path: Path) -> None:
    path = sealed(tmp_path, os.urandom(2 * FRAME))
    with SealedReader(path, bytes(32)) as reader, pytest.raises(VaultDamaged):
        reader.read(0, 10)


def test_the_same_sound_is_never_sealed_the_same_way(tmp_path: Path) -> None:
    one, other = (sealed(tmp_path, bytes(2 * FRAME)).read_bytes() for _ in range(2))
    assert not set(frames_of(one)) & set(frames_of(other))


def frames_of(content: bytes) -> list[bytes]:
    return [content[at : at + 16] for at in range(HEADER.size, len(content), 16)]


def test_no_plain_byte_is_in_the_file(tmp_path: Path) -> None:
    path = sealed(tmp_path, b"the payment page is slow " * 100)
    assert b"payment" not in path.read_bytes()
    assert path.stat().st_mode & 0o077 == 0


def test_an_abandoned_file_has_no_end(tmp_path: Path) -> None:
    writer = SealedWriter(tmp_path / "a", KEY, FRAME)
    writer.write(bytes(3 * FRAME + 7))
    writer.abandon()
    with SealedReader(tmp_path / "a", KEY) as reader:
        assert (reader.is_finished, reader.size) == (False, 3 * FRAME)


def test_a_file_is_never_written_over(tmp_path: Path) -> None:
    path = sealed(tmp_path, b"first")
    with pytest.raises(VaultUnwritable):
        SealedWriter(path, KEY)
    assert whole(path) == b"first"


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(VaultDamaged, match="missing"):
        SealedReader(tmp_path / "gone", KEY)
