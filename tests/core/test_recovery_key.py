"""A recovery key is read back however people write it, and a slip in it is noticed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core import recovery_key

SECRETS = st.binary(min_size=recovery_key.BYTES, max_size=recovery_key.BYTES)
DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@given(SECRETS)
def test_what_is_written_is_read(secret: bytes) -> None:
    text = recovery_key.format_key(secret)
    assert [len(group) for group in text.split("-")] == [4] * 7 + [5]
    assert recovery_key.parse_key(text) == secret
    assert recovery_key.looks_like_key(text)


@given(SECRETS)
def test_case_spaces_hyphens_and_letters_like_digits_do_not_matter(secret: bytes) -> None:
    text = recovery_key.format_key(secret)
    assert recovery_key.parse_key(text.lower()) == secret
    assert recovery_key.parse_key(f"  {text.replace('-', ' ')}\n") == secret
    assert recovery_key.parse_key(text.replace("-", "\u2013")) == secret
    assert recovery_key.parse_key(text.replace("-", "")) == secret
    for digit, taken in (("0", "O"), ("0", "o"), ("1", "I"), ("1", "l")):
        assert recovery_key.parse_key(text.replace(digit, taken)) == secret


@given(secret=SECRETS, place=st.integers(0, 31), other=st.sampled_from(DIGITS))
def test_one_wrong_character_is_noticed(secret: bytes, place: int, other: str) -> None:
    text = list(recovery_key.format_key(secret).replace("-", ""))
    if text[place] != other:
        text[place] = other
        assert recovery_key.parse_key("".join(text)) is None
        assert recovery_key.looks_like_key("".join(text))


@given(secret=SECRETS, place=st.integers(0, 30))
def test_two_neighbours_that_changed_places_are_noticed(secret: bytes, place: int) -> None:
    text = list(recovery_key.format_key(secret).replace("-", ""))
    if text[place] != text[place + 1]:
        text[place], text[place + 1] = text[place + 1], text[place]
        assert recovery_key.parse_key("".join(text)) is None


@given(st.text(max_size=60))
def test_any_text_is_read_or_is_none(text: str) -> None:
    found = recovery_key.parse_key(text)
    assert found is None or len(found) == recovery_key.BYTES


@pytest.mark.parametrize("text", ["", "-", "correct horse battery staple", "0" * 32, "0" * 34, "U" * 33, "\u0130" * 33])
def test_what_is_none(text: str) -> None:
    assert recovery_key.parse_key(text) is None
