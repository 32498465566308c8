"""The requirements of a passphrase, and an estimate of its strength."""

import math

import msgspec

MIN_CHARACTERS = 12
MIN_WORDS = 4
_COMMON = ("password", "passwort", "qwerty", "letmein", "123456", "iloveyou", "welcome", "abcdef", "dragon", "tacit")


class Strength(msgspec.Struct, frozen=True):
    """`score` 0 (poor) to 4 (strong); `advice` says in one sentence what would help."""

    score: int
    is_enough: bool
    advice: str


def strength(passphrase: str) -> Strength:
    """Estimate the strength of a passphrase from its length and variety; a rough meter, no guarantee."""
    words = passphrase.split()
    is_enough = len(passphrase) >= MIN_CHARACTERS or (len(words) >= MIN_WORDS and len(set(words)) >= MIN_WORDS)
    if not is_enough:
        return Strength(0, False, f"Use at least {MIN_CHARACTERS} characters or {MIN_WORDS} words.")
    bits = _bits(passphrase, words)
    if bits < 35:
        return Strength(1, True, "This is easy to guess; four or five unrelated words are better.")
    if bits < 50:
        return Strength(2, True, "Good enough; one more unrelated word makes it much better.")
    if bits < 70:
        return Strength(3, True, "Good.")
    return Strength(4, True, "Strong.")


def _bits(passphrase: str, words: list[str]) -> float:
    """An estimate of the guesses needed, as a power of two: 2 bits per repeated character, up to 4 per new one.

    English text carries 1 to 2 bits per character, words picked at random about 11 each; in between,
    this counts 2.6 bits per letter, and more where kinds of characters are mixed.
    """
    lowered = passphrase.casefold()
    for common in _COMMON:
        lowered = lowered.replace(common, "x")
    tests = (str.islower, str.isupper, str.isdigit, lambda c: not c.isalnum() and not c.isspace())
    kinds = sum(any(map(test, passphrase)) for test in tests)
    variety = len(set(lowered)) / max(1, len(lowered))
    bits_each = 1.0 + 1.6 * min(1.0, variety * 2) + 0.4 * (kinds - 1)
    return len(lowered) * bits_each * (0.6 if len(words) > 1 and len(set(words)) < len(words) else 1.0) + math.log2(
        kinds
    )
