"""Whether cited lines support a sentence, judged by numbers, names and words, without a model."""

import itertools
import re
from collections.abc import Collection, Iterable, Sequence

from app.core.languages.number_words import Number, numbers_in, without_ordinal_ending
from app.core.languages.stemming import stem
from app.core.languages.table import LanguageTable
from app.core.languages.tables import table_of
from app.core.unspaced_scripts import comparable_terms, is_unspaced

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_MARKER = re.compile(r"\[(\d+(?:, ?\d+)*)\]")
_THOUSANDS_SEPARATOR = re.compile(r"(?<=\d)[.,'’\u00a0\u202f](?=\d{3}(?!\d))")  # a thousands separator, in any country
_PAIRS_PER_MATCH = 4  # in an unspaced script, one in so many pairs of letters must match
_MIN_CONTENT_LENGTH = 4  # characters of a content word, in scripts with spaces

UNCONFIRMED = "[?]"  # marks a line of a reply whose markers were removed

_NOUN_PREFIX = 5  # first letters that two forms of a noun share

_BY_WORDS = 2 / 3  # of a sentence's content words: the least share that a line must say to stand for it uncited
_SAME_POINT = 3 / 4  # of the words of two points: the least share in common


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
    table, texts = table_of(language), [*cited, *known_names]
    wanted = _content_stems(sentence, table)
    known = _known_stems(texts, table)
    if _invents(sentence, known, table):
        return False
    found = wanted & known
    if table.capitalizes_nouns:
        found |= {word for word in wanted if _has_inflection(word, known)}
    least = len(wanted) / _PAIRS_PER_MATCH if is_unspaced(sentence) else 1
    return not wanted or len(found) >= least


def invents(sentence: str, texts: Iterable[str], language: str = "") -> bool:
    """Whether a sentence has a number, or a name (a capitalised word inside a sentence), found in none of the texts.

    In a language that capitalises its nouns, another form of a noun in the texts is not an invention.
    """
    table = table_of(language)
    return _invents(sentence, _known_stems(texts, table), table)


def _invents(sentence: str, known: Collection[str], table: LanguageTable) -> bool:
    for part in sentences_of(sentence):
        for index, (word, plain) in enumerate(_tokens(part, table)):
            is_name = word[0].isupper() and index > 0 and plain not in table.capital_words
            for piece in _stems_of(plain, table):
                if not (is_name or any(c.isdigit() for c in piece)) or piece in known:
                    continue
                if not table.capitalizes_nouns or not _has_inflection(piece, known):
                    return True
    return False


def _has_inflection(noun: str, known: Collection[str]) -> bool:
    return noun.isalpha() and any(w[:_NOUN_PREFIX] == noun[:_NOUN_PREFIX] for w in known if len(w) >= _NOUN_PREFIX)


def _words(text: str) -> list[tuple[str, str]]:
    """The words of a text, each as written and casefolded; numbers without thousands separators."""
    return [(word, word.casefold().replace("’", "'")) for word in _WORD.findall(_THOUSANDS_SEPARATOR.sub("", text))]


def _tokens(text: str, table: LanguageTable) -> list[tuple[str, str]]:
    """The words of a text, each as written and as compared; spelled-out figures as digits."""
    read = _words(text)
    return _with_digits(read, [n for n in numbers_in([plain for _, plain in read], table) if n.is_figure], table)


def _with_digits(
    read: Sequence[tuple[str, str]], numbers: Iterable[Number], table: LanguageTable
) -> list[tuple[str, str]]:
    found, at = list[tuple[str, str]](), 0
    for number in numbers:
        found += read[at : number.start]
        written = " ".join(word for word, _ in read[number.start : number.end])
        found += [(written, digits) for digits in number.digits]
        at = number.end
    return [(word, without_ordinal_ending(plain, table)) for word, plain in [*found, *read[at:]]]


def _stems_of(plain: str, table: LanguageTable) -> list[str]:
    return [stem(piece, table) for piece in comparable_terms(plain)]


def _stems(text: str, table: LanguageTable) -> set[str]:
    return {piece for _, plain in _tokens(text, table) for piece in _stems_of(plain, table)}


def _known_stems(texts: Iterable[str], table: LanguageTable) -> set[str]:
    """All that the texts say: their stems, and as digits also what claims no figure, years and times of day."""
    known: set[str] = set()
    for part in (part for text in texts for part in sentences_of(text)):
        known |= _stems(part, table)
        read = [plain for _, plain in _words(part)]
        numbers = numbers_in(read, table)
        known |= {digits for number in numbers for digits in number.digits}
        for one, other in itertools.pairwise(numbers):  # half of a year each, as spoken: twenty twenty-five
            if one.end == other.start and _is_pair(one) and _is_pair(other):
                known.add(one.digits[0] + other.digits[0])
    return known


def _is_pair(number: Number) -> bool:
    return len(number.digits) == 1 and len(number.digits[0]) == 2


def supporting_line(
    sentence: str, lines: Sequence[str], known_names: Iterable[str] = (), language: str = ""
) -> int | None:
    """The index of the line that says a sentence in nearly its own words, or None.

    Two thirds of the sentence's content words must occur in the line, which must also pass
    `is_supported`; the line with the largest share wins, the first of equals.
    """
    table = table_of(language)
    wanted = _content_stems(sentence, table) - _known_stems(known_names, table)
    best, most = None, 0.0
    for index, line in enumerate(lines):
        share = len(wanted & _content_stems(line, table)) / len(wanted) if wanted else 0.0
        if share >= _BY_WORDS and share > most and is_supported(sentence, [line], known_names, language):
            best, most = index, share
    return best


def _content_stems(text: str, table: LanguageTable) -> set[str]:
    return {
        piece
        for word, plain in _tokens(text, table)
        if len(word) >= _MIN_CONTENT_LENGTH or not word.isascii() or plain.isdigit()
        for piece in _stems_of(plain, table)
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


def is_same_point(one: str, other: str, language: str = "") -> bool:
    """Whether two points say the same in nearly the same words: three quarters of them, and all figures and names."""
    table = table_of(language)
    a, b = _stems(one, table), _stems(other, table)
    if not a or not b or len(a & b) / len(a | b) < _SAME_POINT:
        return False
    # With a word in front, a name at the start of the sentence counts as a name too.
    return not invents(f"so {one}", [f"so {other}"], language) and not invents(f"so {other}", [f"so {one}"], language)


def distinct_indices(texts: Sequence[str], language: str = "") -> list[int]:
    """The indices of the texts that say something new."""
    kept: list[int] = []
    for index, text in enumerate(texts):
        if not any(is_same_point(text, texts[k], language) for k in kept):
            kept.append(index)
    return kept
