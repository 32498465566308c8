"""The requirements of a passphrase, and an estimate of its strength."""

import math

import msgspec

from app.services.vault.guessable import characters_to_guess, weight

MIN_CHARACTERS = 12
MIN_WORDS = 4
_LEAST_TO_GUESS = 9  # characters that no repeat, row of keys or common word gives away


class Strength(msgspec.Struct, frozen=True):
    """`score` 0 (poor) to 4 (strong); `advice` says in one sentence what would help."""

    score: int
    is_enough: bool
    advice: str


def strength(passphrase: str) -> Strength:
    """Estimate the strength of a passphrase from its length and variety; a rough meter, no guarantee."""
    words = passphrase.split()
    if weight(passphrase) < MIN_CHARACTERS and len(set(words)) < MIN_WORDS:
        return Strength(0, False, f"Use at least {MIN_CHARACTERS} characters or {MIN_WORDS} words.")
    to_guess = characters_to_guess(passphrase)
    if to_guess < _LEAST_TO_GUESS:
        advice = "It repeats itself, follows the keyboard or is a common one; use four or five unrelated words."
        return Strength(0, False, advice)
    bits = _bits(passphrase, words, to_guess)
    if bits < 35:
        return Strength(1, True, "This is easy to guess; four or five unrelated words are better.")
    if bits < 50:
        return Strength(2, True, "Good enough; one more unrelated word makes it much better.")
    if bits < 70:
        return Strength(3, True, "Good.")
    return Strength(4, True, "Strong.")


def _bits(passphrase: str, words: list[str], to_guess: float) -> float:
    """An estimate of the guesses needed, as a power of two: 2 bits per repeated character, up to 4 per new one.

    English text carries 1 to 2 bits per character, words picked at random about 11 each; in between,
    this counts 2.6 bits per letter, and more where kinds of characters are mixed.
    """
    lowered = passphrase.casefold()
    tests = (str.islower, str.isupper, str.isdigit, lambda c: not c.isalnum() and not c.isspace())
    kinds = max(1, sum(any(map(test, passphrase)) for test in tests))  # letters of many scripts have no case
    variety = len(set(lowered)) / max(1, len(lowered))
    bits_each = 1.0 + 1.6 * min(1.0, variety * 2) + 0.4 * (kinds - 1)
    return to_guess * bits_each * (0.6 if len(words) > 1 and len(set(words)) < len(words) else 1.0) + math.log2(kinds)
