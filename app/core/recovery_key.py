"""The recovery key as people write it: 160 bits in Crockford's base 32, in groups, with a check character."""

BITS = 160
BYTES = BITS // 8
_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CHECKS = _DIGITS + "*~$=U"  # Crockford's: one for each remainder by 37
_LENGTH = BITS // 5
_GROUP = 4
_TAKEN_FOR = str.maketrans("OIL", "011")
_BETWEEN = "-\u2010\u2011\u2012\u2013\u2014\u2212_.,;:"  # whatever an editor or a person makes of our hyphens


def written(secret: bytes) -> str:
    """Eight groups of four characters; the last has a fifth, the check character."""
    assert len(secret) == BYTES
    number = int.from_bytes(secret)
    digits = "".join(_DIGITS[number >> 5 * place & 31] for place in reversed(range(_LENGTH)))
    groups = [digits[start : start + _GROUP] for start in range(0, _LENGTH, _GROUP)]
    return "-".join(groups) + _CHECKS[number % len(_CHECKS)]


def read(untrusted_text: str) -> bytes | None:
    """The secret; None if this is no recovery key, or one with a slip in it.

    Case, spaces and hyphens don't matter, and O, I and L are taken for 0, 1 and 1. One wrong character and two
    neighbours that changed places are always noticed.
    """
    text = _bare(untrusted_text)
    digits, check = text[:-1], text[-1:]
    if not _has_its_form(text) or check not in _CHECKS:
        return None
    number = 0
    for digit in digits:
        number = number << 5 | _DIGITS.index(digit)
    return number.to_bytes(BYTES) if _CHECKS[number % len(_CHECKS)] == check else None


def looks_like_one(untrusted_text: str) -> bool:
    """Whether somebody meant this as a recovery key, slips included."""
    return _has_its_form(_bare(untrusted_text))


def _bare(untrusted_text: str) -> str:
    kept = (c for c in untrusted_text.upper() if not c.isspace() and c not in _BETWEEN)
    return "".join(kept).translate(_TAKEN_FOR)


def _has_its_form(text: str) -> bool:
    return len(text) == _LENGTH + 1 and all(digit in _DIGITS for digit in text[:-1])
