"""The words of a text as they are compared: stems, figures, names, sentences, and what two texts share."""

import itertools
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from app.core.languages.number_words import Number, numbers_in, without_ordinal_ending
from app.core.languages.stemming import stem
from app.core.languages.table import LanguageTable
from app.core.languages.tables import table_of
from app.core.sentence_end import SENTENCE_END, ends_sentence
from app.core.unspaced_scripts import comparable_terms

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_INITIALS = re.compile(r"(?<![^\W_])(?:[^\W\d_][._]){2,}[^\W\d_]?(?![^\W_])")  # "L.C.D." and "L_C_D_", one word: LCD
_MARKER = re.compile(r"\[(\d+(?:, ?\d+)*)\]")
_THOUSANDS_SEPARATOR = re.compile(r"(?<=\d)[.,'’\u00a0\u202f](?=\d{3}(?!\d))")  # a thousands separator, in any country
_MIN_CONTENT_LENGTH = 4  # characters of a content word, in scripts with spaces

_GAP = re.compile(r"\s+|(?<=[。．｡！？।॥።།])(?=\w)")  # where a sentence may end; some scripts have no space there
_CLOSING = "\"'”’)»]」』）】*_ "
_NEXT_WORD = 40  # characters that tell how the text goes on

_NOUN_PREFIX = 5  # first letters that two forms of a noun share

_SAME_POINT = 3 / 4  # of the words of two points: the least share in common


def sentences_of(text: str, language: str = "") -> list[str]:
    """Split a text after the marks that end a sentence."""
    found, start = list[str](), 0
    for gap in _GAP.finditer(text):
        before, behind = text[start : gap.start()], text[gap.end() :]
        if ends_sentence(before, behind[:_NEXT_WORD].partition(" ")[0], language):
            found.append(before.strip())
            start = gap.end()
    return [part for part in (*found, text[start:].strip()) if part]


def invents(sentence: str, texts: Iterable[str], language: str = "") -> bool:
    """Whether a sentence has a number, or a name (a capitalised word inside a sentence), found in none of the texts.

    In a language that capitalises its nouns, another form of a noun in the texts is not an invention.
    """
    table = table_of(language)
    return _invents(sentence, known_stems(texts, table), table)


def _invents(sentence: str, known: Collection[str], table: LanguageTable) -> bool:
    for part in sentences_of(sentence):
        for index, (word, plain) in enumerate(tokens(part, table)):
            is_name = word[0].isupper() and index > 0 and plain not in table.capital_words
            for piece in stems_of(plain, table):
                if not (is_name or any(c.isdigit() for c in piece)) or piece in known:
                    continue
                if not table.capitalizes_nouns or not has_inflection(piece, known):
                    return True
    return False


def has_inflection(noun: str, known: Collection[str]) -> bool:
    """Whether a noun may stand among these stems in another form, by its first letters."""
    return noun.isalpha() and any(w[:_NOUN_PREFIX] == noun[:_NOUN_PREFIX] for w in known if len(w) >= _NOUN_PREFIX)


def noun_form(piece: str, table: LanguageTable) -> str:
    """A stem as the forms of one noun share it, in a language that joins nouns ("Lieferung", "Liefertermin")."""
    return piece[:_NOUN_PREFIX] if table.capitalizes_nouns and piece.isalpha() else piece


def spoken_words(text: str) -> str:
    """The words of a text, casefolded, with a space around each."""
    return f" {' '.join(plain for _, plain in _words(text))} "


def _words(text: str) -> list[tuple[str, str]]:
    """The words of a text, each as written and casefolded; numbers without thousands separators."""
    joined = _INITIALS.sub(lambda found: re.sub("[._]", "", found[0]), _THOUSANDS_SEPARATOR.sub("", text))
    return [(word, word.casefold().replace("’", "'")) for word in _WORD.findall(joined)]


def tokens(text: str, table: LanguageTable) -> list[tuple[str, str]]:
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


def stems_of(plain: str, table: LanguageTable) -> list[str]:
    """The stems of a word as it is compared; in a script without spaces, those of its pairs of letters."""
    return [stem(piece, table) for piece in comparable_terms(plain)]


def _stems(text: str, table: LanguageTable) -> set[str]:
    return {piece for _, plain in tokens(text, table) for piece in stems_of(plain, table)}


def known_stems(texts: Iterable[str], table: LanguageTable) -> set[str]:
    """All that the texts say: their stems, and as digits also what claims no figure, years and times of day."""
    known: set[str] = set()
    for part in (part for text in texts for part in sentences_of(text)):
        known |= _stems(part, table) | _figures(part, table)
    return known


def said_stems(text: str, table: LanguageTable) -> set[str]:
    """The stems of the content words of what somebody says, and its figures as digits, however they are told."""
    parts = sentences_of(text, table.code)  # one by one: "We were twenty. Five left." says no 25
    return {piece for part in parts for piece in content_stems(part, table) | _figures(part, table)}


def _figures(sentence: str, table: LanguageTable) -> set[str]:
    """The numbers in words of a sentence as digits, also those that claim no figure; and years, told in two halves."""
    numbers = numbers_in([plain for _, plain in _words(sentence)], table)
    found = {digits for number in numbers for digits in number.digits}
    for one, other in itertools.pairwise(numbers):  # twenty twenty-five
        if one.end == other.start and _is_pair(one) and _is_pair(other):
            found.add(one.digits[0] + other.digits[0])
    return found


def _is_pair(number: Number) -> bool:
    return len(number.digits) == 1 and len(number.digits[0]) == 2


@dataclass(frozen=True, slots=True)
class Overlap:
    """What a sentence shares with lines: its content words, and how many of them are known there."""

    stems: int
    known: int
    in_one_line: int
    has_name: bool


def overlap(sentence: str, lines: Iterable[set[str]], names: Iterable[str], language: str = "") -> Overlap:
    """How much of a sentence lines with these content stems speak of, and whether it names one of these people."""
    table = table_of(language)
    wanted, called = content_stems(sentence, table), known_stems(names, table)
    found, most = set[str](), 0
    for line in lines:
        shared = wanted & line
        found |= shared
        most = max(most, len(shared))
    return Overlap(len(wanted), len(found), most, bool(_stems(sentence, table) & called))


def content_stems(text: str, table: LanguageTable) -> set[str]:
    """The stems of a text's content words: those of some letters, figures, and what is not written in ASCII."""
    return {
        piece
        for word, plain in tokens(text, table)
        if len(word) >= _MIN_CONTENT_LENGTH or not word.isascii() or plain.isdigit()
        for piece in stems_of(plain, table)
    }


def without_repetition(text: str, language: str = "") -> str:
    """The text without the sentences that say again what one before them says."""
    sentences = sentences_of(text, language)
    return " ".join(sentences[index] for index in distinct_indices(sentences, language))


def whole_sentences(text: str, language: str = "") -> str:
    """The text without a last sentence that breaks off, if it has others."""
    sentences = sentences_of(text, language)
    if len(sentences) > 1 and not is_whole(sentences[-1]):
        sentences.pop()
    return " ".join(sentences)


def is_whole(sentence: str) -> bool:
    """Whether a sentence ends with a mark that ends one, and does not break off."""
    return sentence.rstrip(_CLOSING).endswith(SENTENCE_END)


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
