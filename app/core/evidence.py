"""Whether cited lines support a sentence, judged by numbers, names and words, without a model."""

import itertools
import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence

from app.core.numerals import with_digits
from app.core.unspaced_scripts import comparable_terms, is_unspaced

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_MARKER = re.compile(r"\[(\d+(?:, ?\d+)*)\]")
_THOUSANDS_SEPARATOR = re.compile(r"(?<=\d)[.,'’\u00a0\u202f](?=\d{3}(?!\d))")  # a thousands separator, in any country
_PAIRS_PER_MATCH = 4  # in an unspaced script, one in so many pairs of letters must match
_MIN_CONTENT_LENGTH = 4  # characters of a content word, in scripts with spaces

UNCONFIRMED = "[?]"  # marks a line of a reply whose markers were removed

_CAPITAL_NOUNS = frozenset({"de", "lb"})  # languages that capitalise every noun
_NOUN_PREFIX = 5  # first letters that two forms of such a noun share


def _plain(word: str) -> str:
    folded = unicodedata.normalize("NFKD", word.casefold())
    letters = "".join(c for c in folded if not unicodedata.combining(c)).replace("’", "'")
    return letters.removesuffix("'s")


def _stem(word: str) -> str:
    """The word without the endings that a paraphrase changes most often."""
    for ending in ("ing", "ed", "es", "s", "e"):
        if len(word) > len(ending) + 2 and word.endswith(ending):
            return word[: -len(ending)]
    return word


def sentences_of(text: str) -> list[str]:
    """Split a text after the marks that end a sentence."""
    return [part for part in re.split(r"(?<=[.!?])\s+", text.strip()) if part]


def is_supported(sentence: str, cited: Iterable[str], known_names: Iterable[str] = (), language: str = "") -> bool:
    """Whether the cited lines can support the sentence.

    It may invent nothing (see `invents`), and at least one of its content words must occur in the
    lines or the names; in a script without spaces, a quarter of its pairs of letters. This is a
    necessary condition: it catches invented figures and citations of the wrong line, and does not
    judge meaning.
    """
    texts = [*cited, *known_names]
    wanted = _content_stems(sentence)
    if invents(sentence, texts, language):
        return False
    known = {word for text in texts for word in _stems(text)}
    found = wanted & known
    if language in _CAPITAL_NOUNS:
        found |= {word for word in wanted if _has_inflection(word, known)}
    least = len(wanted) / _PAIRS_PER_MATCH if is_unspaced(sentence) else 1
    return not wanted or len(found) >= least


def invents(sentence: str, texts: Iterable[str], language: str = "") -> bool:
    """Whether a sentence has a number, or a name (a capitalised word inside a sentence), found in none of the texts.

    In a language that capitalises its nouns, another form of a noun in the texts is not an invention.
    """
    known = {word for text in texts for word in _stems(text)}
    for part in sentences_of(sentence):
        for index, (word, plain) in enumerate(_tokens(part)):
            is_name = word[0].isupper() and index > 0 and word not in ("I", "I'm", "I'll")
            for piece in map(_stem, comparable_terms(plain)):
                if not (is_name or any(c.isdigit() for c in piece)) or piece in known:
                    continue
                if language not in _CAPITAL_NOUNS or not _has_inflection(piece, known):
                    return True
    return False


def _has_inflection(noun: str, known: Collection[str]) -> bool:
    return noun.isalpha() and any(w[:_NOUN_PREFIX] == noun[:_NOUN_PREFIX] for w in known if len(w) >= _NOUN_PREFIX)


def _tokens(text: str) -> list[tuple[str, str]]:
    """The words of a text, each as written and as compared; numbers as digits, without thousands separators."""
    words = _WORD.findall(_THOUSANDS_SEPARATOR.sub("", text))
    return with_digits([(word, _plain(word)) for word in words])


def _stems(text: str) -> set[str]:
    read = _tokens(text)
    years = {one + other for (_, one), (_, other) in itertools.pairwise(read) if _is_pair(one) and _is_pair(other)}
    return {_stem(piece) for _, plain in read for piece in comparable_terms(plain)} | years


def _is_pair(plain: str) -> bool:
    """Whether this is half of a year as spoken: twenty twenty-five."""
    return len(plain) == 2 and plain.isdecimal()


def supporting_line(
    sentence: str, lines: Sequence[str], known_names: Iterable[str] = (), language: str = ""
) -> int | None:
    """The index of the line that says a sentence in nearly its own words, or None.

    Two thirds of the sentence's content words must occur in the line, which must also pass
    `is_supported`; the line with the largest share wins, the first of equals.
    """
    wanted = _content_stems(sentence) - {word for name in known_names for word in _stems(name)}
    best, most = None, 0.0
    for index, line in enumerate(lines):
        share = len(wanted & _content_stems(line)) / len(wanted) if wanted else 0.0
        if share >= 2 / 3 and share > most and is_supported(sentence, [line], known_names, language):
            best, most = index, share
    return best


def _content_stems(text: str) -> set[str]:
    return {
        _stem(piece)
        for word, plain in _tokens(text)
        if len(word) >= _MIN_CONTENT_LENGTH or not word.isascii() or plain.isdigit()
        for piece in comparable_terms(plain)
    }


def without_repetition(text: str) -> str:
    """The text without its repeated sentences."""
    return " ".join(dict.fromkeys(sentences_of(text)))


def markers(text: str) -> list[int]:
    """The numbers in `[n]` and `[n, m]`, in order, without duplicates."""
    found: dict[int, None] = {}
    for group in _MARKER.findall(text):
        for number in group.split(","):
            found.setdefault(int(number), None)
    return list(found)


def with_allowed_markers(text: str, allowed: Collection[int]) -> str:
    """The text with only the allowed markers; a marker cut off at the end is removed too."""

    def kept(found: re.Match[str]) -> str:
        numbers = [n for n in found[1].replace(" ", "").split(",") if int(n) in allowed]
        return f"[{', '.join(numbers)}]" if numbers else ""

    text = _MARKER.sub(kept, re.sub(r"[ \t]*\[[\d, ]*$", "", text))
    return re.sub(r"[ \t]+(?=\n|$)", "", text)


def without_markers(text: str) -> str:
    """The text without `[n]` and `[?]`, and without the spaces in front of them."""
    return re.sub(r"[ \t]*(?:" + _MARKER.pattern + r"|\[\?\])", "", text).strip()


def is_same_point(one: str, other: str) -> bool:
    """Whether two points say the same in nearly the same words: three quarters of them, and all figures and names."""
    a, b = _stems(one), _stems(other)
    if not a or not b or len(a & b) / len(a | b) < 0.75:
        return False
    # With a word in front, a name at the start of the sentence counts as a name too.
    return not invents(f"so {one}", [f"so {other}"]) and not invents(f"so {other}", [f"so {one}"])


def distinct_indices(texts: Sequence[str]) -> list[int]:
    """The indices of the texts that say something new."""
    kept: list[int] = []
    for index, text in enumerate(texts):
        if not any(is_same_point(text, texts[k]) for k in kept):
            kept.append(index)
    return kept
