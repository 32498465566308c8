"""The recovery key as text: 160 bits in Crockford's base 32, in groups, with a check character."""

BITS = 160
BYTES = BITS // 8
_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CHECK_SYMBOLS = _DIGITS + "*~$=U"  # Crockford's check symbols, one for each remainder modulo 37
_LENGTH = BITS // 5
_GROUP = 4
_LOOKALIKES = str.maketrans("OIL", "011")
_SEPARATORS = "-\u2010\u2011\u2012\u2013\u2014\u2212_.,;:"  # what an editor or a person may turn our hyphens into


def format_key(secret: bytes) -> str:
    """Format the secret as eight groups of four characters; the last has a fifth, the check character."""
    assert len(secret) == BYTES
    number = int.from_bytes(secret)
    digits = "".join(_DIGITS[number >> 5 * position & 31] for position in reversed(range(_LENGTH)))
    groups = [digits[start : start + _GROUP] for start in range(0, _LENGTH, _GROUP)]
    return "-".join(groups) + _CHECK_SYMBOLS[number % len(_CHECK_SYMBOLS)]


def parse_key(untrusted_text: str) -> bytes | None:
    """Parse a recovery key; None if the text is not one, or has a typo in it.

    Case, spaces and hyphens are ignored, and O, I and L are read as 0, 1 and 1. The check character always catches
    one wrong character, or two neighbours swapped.
    """
    text = _normalized(untrusted_text)
    digits, check = text[:-1], text[-1:]
    if not _is_well_formed(text) or check not in _CHECK_SYMBOLS:
        return None
    number = 0
    for digit in digits:
        number = number << 5 | _DIGITS.index(digit)
    return number.to_bytes(BYTES) if _CHECK_SYMBOLS[number % len(_CHECK_SYMBOLS)] == check else None


def looks_like_key(untrusted_text: str) -> bool:
    """Whether the text has the form of a recovery key, even if it has typos."""
    return _is_well_formed(_normalized(untrusted_text))


def _normalized(untrusted_text: str) -> str:
    kept = (c for c in untrusted_text.upper() if not c.isspace() and c not in _SEPARATORS)
    return "".join(kept).translate(_LOOKALIKES)


def _is_well_formed(text: str) -> bool:
    return len(text) == _LENGTH + 1 and all(digit in _DIGITS for digit in text[:-1])
