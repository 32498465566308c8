"""Numbers in words, read as digits."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.core.languages.table import LanguageTable


@dataclass(frozen=True, slots=True)
class Number:
    """A number in words: those from index `start` to before `end`, its digits, and whether it claims a figure.

    An ordinal does not ("second" is a time too), nor does a word for one that is an article or a pronoun.
    """

    start: int
    end: int
    digits: tuple[str, ...]  # two for a decimal number, as a tokenizer would divide "2.5"
    is_figure: bool


class _Word:
    """A word as text2num asks for it."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        # text2num panics, and prints the word, at half a surrogate pair.
        self._text = text if text.isascii() else text.encode("utf-8", "replace").decode()

    def text(self) -> str:
        return self._text

    def nt_separated(self, _: object) -> bool:
        return False

    def not_a_number_part(self) -> bool:
        return False


def numbers_in(words: Sequence[str], table: LanguageTable) -> list[Number]:
    """The numbers in a sequence of casefolded words, in order."""
    if not table.has_number_words or not words:
        return []
    from text_to_num import find_numbers  # late: nothing before the first check needs it

    found = []
    for match in find_numbers([_Word(word) for word in words], table.code, threshold=0):
        start, end = match.start, match.end
        if match.is_ordinal:
            found.append(Number(start, end, (str(round(match.value)),), False))
            continue
        digits = tuple(match.text.replace(",", ".").split("."))
        if _is_scale(match.value) and start > 0 and _is_alone(words, start - 1):  # "5 million"
            start, digits = start - 1, (str(int(words[start - 1]) * round(match.value)),)
        found.append(Number(start, end, digits, end - start > 1 or not _is_no_figure(words, start, table)))
    return found


def _is_scale(value: float) -> bool:
    return value in (1e3, 1e6, 1e9, 1e12)


def _is_alone(words: Sequence[str], at: int) -> bool:
    """Whether digits stand at this index, and none before them: those would be the whole part of a decimal number."""
    return words[at].isdecimal() and words[at].isascii() and not (at > 0 and words[at - 1].isdecimal())


def _is_no_figure(words: Sequence[str], at: int, table: LanguageTable) -> bool:
    """Whether the number word at this index is an article, or a pronoun."""
    if words[at] in table.articles:
        return True
    if words[at] not in table.pronouns:
        return False
    follows = at > 0 and words[at - 1] in table.pronoun_after
    return follows or (at + 1 < len(words) and words[at + 1] in table.pronoun_before)


def without_ordinal_ending(word: str, table: LanguageTable) -> str:
    """`3` for `3rd`; any other word as it is."""
    for ending in table.ordinal_endings:
        if word.endswith(ending) and word[: -len(ending)].isdecimal():
            return word[: -len(ending)]
    return word
