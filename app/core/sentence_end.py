"""Where a written sentence ends, in many scripts: a full stop may also shorten a word or make a number an ordinal."""

import re
import unicodedata

from app.core.languages.tables import table_of
from app.core.unspaced_scripts import is_unspaced

SENTENCE_END = (
    ".", "?", "!", "…", "‼", "⁇", "⁈", "⁉",
    "。", "．", "｡", "？", "！",
    "।", "॥",  # Devanagari and its neighbours
    "؟", "۔",  # Arabic, Urdu
    "։", "።", "፧", "။", "។", "༎",  # Armenian, Ethiopic, Burmese, Khmer, Tibetan
)  # fmt: skip
QUESTION_MARKS = ("?", "？", "؟")
_CLAUSE_END = (",", ";", ":", "—", "–", "、", "，", "；", "：", "،", "؛")
_CLOSING = "\"'”’)»]」』）】〉》›“‘"
_OPENING = "\"'“‘(«[「『（【〈《‹„‚¿¡"
_FULL_STOPS = (".", "．")
_INITIALS = re.compile(r"\w{1,3}(?:\.\w{1,3})+")  # "U.S", "z.B", "a.m", without the last full stop
_NEVER_AT_AN_END = frozenset({"Pd", "Po", "Pe", "Pf", "Mn", "Mc"})  # kinds of characters that belong to what is before


def ends_sentence(text: str, following: str, language: str = "", *, is_after_pause: bool = False) -> bool:
    """Whether a text ends with the end of a sentence, given the word that follows.

    A full stop after an abbreviation, an initial or an ordinal ends none, unless a clear pause follows it (after a
    title none even then); nor does any mark after which the text goes on in lower case, if it has capitals at all.
    """
    bare = text.rstrip().rstrip(_CLOSING)
    if not bare.endswith(SENTENCE_END):
        return False
    is_lower_case = following.strip().lstrip(_OPENING)[:1].islower()
    if is_lower_case and not is_after_pause and any(letter.isupper() for letter in text):
        return False
    return not bare.endswith(_FULL_STOPS) or not _is_shortened(bare, language, is_after_pause=is_after_pause)


def _is_shortened(bare: str, language: str, *, is_after_pause: bool) -> bool:
    """Whether the full stop at the end belongs to its word, and not to the sentence."""
    token = bare.split()[-1].lstrip(_OPENING)
    word = token[:-1]
    if not word or word.endswith(SENTENCE_END) or is_unspaced(word):
        return False
    table = table_of(language)
    if word.casefold() in table.abbreviations:
        return True
    if is_after_pause:
        return False
    if word.isdecimal():
        return table.dots_ordinals and len(word) <= 2
    is_initial = len(word) == 1 and word.isalpha() and word != "I"
    return is_initial or (_INITIALS.fullmatch(word) is not None and not word.replace(".", "").isdecimal())


def ends_clause(text: str) -> bool:
    """Whether a text ends with a comma or what else parts a sentence."""
    return text.rstrip().rstrip(_CLOSING).endswith(_CLAUSE_END)


def is_between_words(text: str, following: str) -> bool:
    """Whether one may cut between two words as they were recognised: not within one that was split, as "INC" ".com"."""
    before, after = text[-1:], following[:1]
    if not before or not after or before.isspace() or after.isspace():
        return True
    if unicodedata.category(after) in _NEVER_AT_AN_END:
        return False
    if is_unspaced(before) or is_unspaced(after):
        return True
    return text.rstrip(_CLOSING).endswith(SENTENCE_END) and after.isupper()


def columns(text: str) -> int:
    """How wide a text is: the wide letters of East Asia, each of which says as much as two others, count twice."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def begins_like_a_sentence(word: str) -> bool:
    """Whether a word begins with a capital that its place gives it; the English "I" always has one."""
    bare = word.strip().lstrip(_OPENING)
    return bare[:1].isupper() and re.split(r"\W", bare, maxsplit=1)[0] != "I"
