"""Does the cited text support the sentence? Checked by code: numbers, names and words."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_MARKER = re.compile(r"\[(\d+(?:, ?\d+)*)\]")
_SHORTEST = 4  # characters of a word that counts as content, where a script has spaces

_NUMBER_WORDS = {
    word: str(n)
    for n, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
        "fifteen sixteen seventeen eighteen nineteen twenty".split()
    )
} | {
    w: str(n) for w, n in zip("thirty forty fifty sixty seventy eighty ninety".split(), range(30, 100, 10), strict=True)
}


def _plain(word: str) -> str:
    folded = unicodedata.normalize("NFKD", word.casefold())
    letters = "".join(c for c in folded if not unicodedata.combining(c)).replace("’", "'")
    return _NUMBER_WORDS.get(letters.removesuffix("'s"), letters.removesuffix("'s"))


def _stem(word: str) -> str:
    """A word without the endings that a paraphrase changes most."""
    for ending in ("ing", "ed", "es", "s", "e"):
        if len(word) > len(ending) + 2 and word.endswith(ending):
            return word[: -len(ending)]
    return word


def sentences_of(text: str) -> list[str]:
    """The sentences of a text, by the marks that end them."""
    return [part for part in re.split(r"(?<=[.!?])\s+", text.strip()) if part]


def is_supported(sentence: str, cited: Iterable[str], known_names: Iterable[str] = ()) -> bool:
    """Whether the cited lines can bear the sentence.

    It may invent nothing (see `invents`), and at least one of its words of content must stand in
    the lines or among the names. It is a necessary condition: it catches invented figures and
    pointers to the wrong place, and does not judge meaning.
    """
    there = [*cited, *known_names]
    wanted = _content(sentence)
    return not invents(sentence, there) and (not wanted or any(wanted & _words(text) for text in there))


def invents(sentence: str, there: Iterable[str]) -> bool:
    """Whether a sentence has a number, or a name (a capitalised word inside a sentence), that no text has."""
    known = {word for text in there for word in _words(text)}
    for part in sentences_of(sentence):
        for place, word in enumerate(_WORD.findall(part)):
            plain = _stem(_plain(word))
            is_number = any(c.isdigit() for c in plain)
            is_name = word[0].isupper() and place > 0 and word not in ("I", "I'm", "I'll")
            if (is_number or is_name) and plain not in known:
                return True
    return False


def _words(text: str) -> set[str]:
    return {_stem(_plain(word)) for word in _WORD.findall(text)}


def supporting_line(sentence: str, lines: Sequence[str], known_names: Iterable[str] = ()) -> int | None:
    """The place of the line that says a sentence in nearly its own words, or None.

    Two thirds of the sentence's words of content must stand in the line, and all that
    `is_supported` asks for; the line with most of them is taken, the first of equals.
    """
    wanted = _content(sentence) - {word for name in known_names for word in _words(name)}
    best, most = None, 0.0
    for place, line in enumerate(lines):
        share = len(wanted & _content(line)) / len(wanted) if wanted else 0.0
        if share >= 2 / 3 and share > most and is_supported(sentence, [line], known_names):
            best, most = place, share
    return best


def _content(text: str) -> set[str]:
    return {_stem(_plain(w)) for w in _WORD.findall(text) if len(w) >= _SHORTEST or not w.isascii() or w.isdigit()}


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
    """The same text without `[n]`, and without the space in front of it."""
    return re.sub(r"[ \t]*" + _MARKER.pattern, "", text).strip()


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
