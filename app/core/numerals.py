"""English numbers in words, converted to digits."""

from collections.abc import Sequence

_SMALL = {
    word: n
    for n, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
        "fifteen sixteen seventeen eighteen nineteen".split()
    )
}
_TENS = dict(zip("twenty thirty forty fifty sixty seventy eighty ninety".split(), range(20, 100, 10), strict=True))
_SCALES = {"thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000}

_Token = tuple[str, str]  # a word as written, and as compared


def with_digits(words: Sequence[_Token]) -> list[_Token]:
    """The words, with each spelled-out number ("two thousand five hundred") as one word of digits."""
    plain = [word for _, word in words]
    found: list[_Token] = []
    at = 0
    while at < len(words):
        value, after = _number(plain, at)
        if after == at:
            found.append(words[at])
            at += 1
        else:
            found.append((" ".join(word for word, _ in words[at:after]), str(value)))
            at = after
    return found


def _number(words: Sequence[str], at: int) -> tuple[int, int]:
    """The number that begins at index `at`, and the index after it; `at` itself if none begins there."""
    total, start = 0, at
    while True:
        value, after = _hundreds(words, at)
        if after == at and not (at == start and _word(words, at) in _SCALES):
            return total, at
        scale = _SCALES.get(_word(words, after))
        if scale is None:
            return total + value, after
        total += max(value, 1 if after == at else 0) * scale
        at = _past_and(words, after + 1)
        if _hundreds(words, at)[1] == at:
            return total, after + 1


def _hundreds(words: Sequence[str], at: int) -> tuple[int, int]:
    value, after = _below_hundred(words, at)
    if _word(words, after) != "hundred":
        return value, after
    value, after = (value if after > at else 1) * 100, after + 1
    rest, end = _below_hundred(words, _past_and(words, after))
    return (value + rest, end) if end > _past_and(words, after) else (value, after)


def _below_hundred(words: Sequence[str], at: int) -> tuple[int, int]:
    word = _word(words, at)
    if word in _SMALL:
        return _SMALL[word], at + 1
    if word not in _TENS:
        return 0, at
    unit = _SMALL.get(_word(words, at + 1), 0)
    return (_TENS[word] + unit, at + 2) if 0 < unit < 10 else (_TENS[word], at + 1)


def _past_and(words: Sequence[str], at: int) -> int:
    return at + 1 if _word(words, at) == "and" else at


def _word(words: Sequence[str], at: int) -> str:
    return words[at] if at < len(words) else ""
