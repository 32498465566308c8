"""Does the cited text support the sentence? Checked by code: numbers, names and words."""

import itertools
import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence

from app.core.numerals import numbered
from app.core.unspaced_scripts import is_unspaced, pieces

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_MARKER = re.compile(r"\[(\d+(?:, ?\d+)*)\]")
_GROUPED = re.compile(r"(?<=\d)[.,'’\u00a0\u202f](?=\d{3}(?!\d))")  # what parts thousands, in any country
_LEAST_PAIRS = 4  # one in so many pairs of letters
_SHORTEST = 4  # characters of a word that counts as content, where a script has spaces

UNCONFIRMED = "[?]"  # stands in a reply where a line of it has lost its markers

_CAPITAL_NOUNS = frozenset({"de", "lb"})  # languages that write every noun like a name
_SAME_NOUN = 5  # first letters that two forms of such a noun share


def _plain(word: str) -> str:
    folded = unicodedata.normalize("NFKD", word.casefold())
    letters = "".join(c for c in folded if not unicodedata.combining(c)).replace("’", "'")
    return letters.removesuffix("'s")


def _stem(word: str) -> str:
    """A word without the endings that a paraphrase changes most."""
    for ending in ("ing", "ed", "es", "s", "e"):
        if len(word) > len(ending) + 2 and word.endswith(ending):
            return word[: -len(ending)]
    return word


def sentences_of(text: str) -> list[str]:
    """The sentences of a text, by the marks that end them."""
    return [part for part in re.split(r"(?<=[.!?])\s+", text.strip()) if part]


def is_supported(sentence: str, cited: Iterable[str], known_names: Iterable[str] = (), language: str = "") -> bool:
    """Whether the cited lines can bear the sentence.

    It may invent nothing (see `invents`), and at least one of its words of content must stand in
    the lines or among the names; where no spaces part the words, a quarter of its pairs of letters.
    It is a necessary condition: it catches invented figures and pointers to the wrong place, and
    does not judge meaning.
    """
    there = [*cited, *known_names]
    wanted = _content(sentence)
    if invents(sentence, there, language):
        return False
    known = {word for text in there for word in _words(text)}
    found = wanted & known
    if language in _CAPITAL_NOUNS:
        found |= {word for word in wanted if _has_form(word, known)}
    least = len(wanted) / _LEAST_PAIRS if is_unspaced(sentence) else 1
    return not wanted or len(found) >= least


def invents(sentence: str, there: Iterable[str], language: str = "") -> bool:
    """Whether a sentence has a number, or a name (a capitalised word inside a sentence), that no text has.

    In a language that capitalises its nouns, another form of a noun that is there is none.
    """
    known = {word for text in there for word in _words(text)}
    for part in sentences_of(sentence):
        for place, (word, plain) in enumerate(_read(part)):
            is_name = word[0].isupper() and place > 0 and word not in ("I", "I'm", "I'll")
            for piece in map(_stem, pieces(plain)):
                if not (is_name or any(c.isdigit() for c in piece)) or piece in known:
                    continue
                if language not in _CAPITAL_NOUNS or not _has_form(piece, known):
                    return True
    return False


def _has_form(noun: str, known: Collection[str]) -> bool:
    return noun.isalpha() and any(w[:_SAME_NOUN] == noun[:_SAME_NOUN] for w in known if len(w) >= _SAME_NOUN)


def _read(text: str) -> list[tuple[str, str]]:
    """The words of a text, each as written and as it is compared; numbers as digits, without groups."""
    words = _WORD.findall(_GROUPED.sub("", text))
    return numbered([(word, _plain(word)) for word in words])


def _words(text: str) -> set[str]:
    read = _read(text)
    years = {one + other for (_, one), (_, other) in itertools.pairwise(read) if _is_pair(one) and _is_pair(other)}
    return {_stem(piece) for _, plain in read for piece in pieces(plain)} | years


def _is_pair(plain: str) -> bool:
    """Half of a year as it is said: twenty twenty-five."""
    return len(plain) == 2 and plain.isdecimal()


def supporting_line(
    sentence: str, lines: Sequence[str], known_names: Iterable[str] = (), language: str = ""
) -> int | None:
    """The place of the line that says a sentence in nearly its own words, or None.

    Two thirds of the sentence's words of content must stand in the line, and all that
    `is_supported` asks for; the line with most of them is taken, the first of equals.
    """
    wanted = _content(sentence) - {word for name in known_names for word in _words(name)}
    best, most = None, 0.0
    for place, line in enumerate(lines):
        share = len(wanted & _content(line)) / len(wanted) if wanted else 0.0
        if share >= 2 / 3 and share > most and is_supported(sentence, [line], known_names, language):
            best, most = place, share
    return best


def _content(text: str) -> set[str]:
    return {
        _stem(piece)
        for word, plain in _read(text)
        if len(word) >= _SHORTEST or not word.isascii() or plain.isdigit()
        for piece in pieces(plain)
    }


def without_repetition(text: str) -> str:
    """A text without the sentences that it says again."""
    return " ".join(dict.fromkeys(sentences_of(text)))


def markers(text: str) -> list[int]:
    """The numbers in `[n]` and `[n, m]`, in order, each once."""
    found: dict[int, None] = {}
    for group in _MARKER.findall(text):
        for number in group.split(","):
            found.setdefault(int(number), None)
    return list(found)


def with_markers(text: str, allowed: Collection[int]) -> str:
    """The same text with the markers that stand for something; what is left of a cut one goes too."""

    def kept(found: re.Match[str]) -> str:
        numbers = [n for n in found[1].replace(" ", "").split(",") if int(n) in allowed]
        return f"[{', '.join(numbers)}]" if numbers else ""

    text = _MARKER.sub(kept, re.sub(r"[ \t]*\[[\d, ]*$", "", text))
    return re.sub(r"[ \t]+(?=\n|$)", "", text)


def without_markers(text: str) -> str:
    """The same text without `[n]` and `[?]`, and without the space in front of them."""
    return re.sub(r"[ \t]*(?:" + _MARKER.pattern + r"|\[\?\])", "", text).strip()


def same_point(one: str, other: str) -> bool:
    """Whether two points say the same in nearly the same words: three quarters of them, and all figures and names."""
    a, b = _words(one), _words(other)
    if not a or not b or len(a & b) / len(a | b) < 0.75:
        return False
    # With a word in front, a name that begins the sentence counts as one too.
    return not invents(f"so {one}", [f"so {other}"]) and not invents(f"so {other}", [f"so {one}"])


def deduplicated(texts: Sequence[str]) -> list[int]:
    """The places of the texts that say something not said before."""
    kept: list[int] = []
    for place, text in enumerate(texts):
        if not any(same_point(text, texts[k]) for k in kept):
            kept.append(place)
    return kept
