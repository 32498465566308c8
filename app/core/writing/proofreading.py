"""What a model corrected in a text: whether it is spelling and grammar, and no more than that."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from app.core.evidence.words import sentences_of
from app.core.languages.table import LanguageTable
from app.core.languages.tables import table_of
from app.core.writing.difference import Change, Difference, alike, difference, with_breaks_of, words_of
from app.core.writing.reply import dates_of, figures_of

_MOST_CHANGED = 0.6  # of the words: of a short line with many mistakes more than half
_MOST_REWORDED = 0.15  # of the words: so many are others, and not the same ones corrected
_ALLOWED = 2  # words that may be changed in a text however short
_SAME_WORD = 0.5  # of their letters
_LEAST_TELLING = 4  # letters: "is" for "are" is grammar
_MARKUP = re.compile(r"[*_`#|~<>\[\]{}\\=^]")
_WORD = re.compile(r"[^\W\d_]+(?:['’\-][^\W\d_]+)*")


@dataclass(frozen=True, slots=True)
class Proofread:
    """Proofread words; `fault` is why they are not offered, as the end of a sentence, or "".

    `names` are those that the model wrote otherwise, and that were left as they are.
    """

    words: str
    fault: str = ""
    names: tuple[str, ...] = ()


def proofread(old: str, new: str, language: str, names: frozenset[str]) -> Proofread:
    """The words `old` as they are in the corrected `new`, with their own line breaks.

    `names` are those of the whole text (`names_of`), which stay as the person wrote them.
    """
    table = table_of(language)
    found = difference(old, with_breaks_of(old, new))
    changed = [_names_changed(change, names, table) for change in found.changes]
    if any(changed):
        found = difference(old, found.with_changes({n for n, one in enumerate(changed) if not one}))
    fault = _fault(found, table)
    return Proofread(old if fault else found.new, fault, tuple(dict.fromkeys(chain.from_iterable(changed))))


def names_of(text: str, language: str) -> frozenset[str]:
    """The names in a text, casefolded: words that are capitalised where they need not be.

    Where all nouns are, only those behind a title ("Frau Meier") and those that stand together ("Anna Meier").
    """
    table = table_of(language)
    found = set[str]()
    for sentence in sentences_of(text, language):
        said = _WORD.findall(sentence)
        for index, word in enumerate(said):
            if index and word[0].isupper() and _is_name(said, index, table):
                found.add(word.casefold())
    return frozenset(found - table.date_words.keys() - table.capital_words - table.name_titles)


def _is_name(said: list[str], index: int, table: LanguageTable) -> bool:
    if not table.capitalizes_nouns:
        return True
    before = said[index - 1]
    behind = said[index + 1] if index + 1 < len(said) else ""
    if before.casefold() in table.name_titles:
        return True
    return behind[:1].isupper() or (index > 1 and before[0].isupper())


def _names_changed(change: Change, names: frozenset[str], table: LanguageTable) -> list[str]:
    """The names that a change would write otherwise."""
    new = change.new.casefold()
    if new in table.date_words and alike(change.old, new) >= _SAME_WORD:
        return []  # a misspelled day of the week looks like a name
    return [word for word in _WORD.findall(change.old) if word.casefold() in names and word.casefold() not in new]


def _fault(found: Difference, table: LanguageTable) -> str:
    if found.old.count("\n") != found.new.count("\n"):
        return "changed where the lines end"
    for change in found.changes:
        if sorted(_MARKUP.findall(change.old)) != sorted(_MARKUP.findall(change.new)):
            return "changed its markup"
        if _differs(figures_of(change.old, table), figures_of(change.new, table), change):
            return "changed a figure"
        if _differs(_dates(change.old, table), _dates(change.new, table), change):
            return "changed a date"
    changed, reworded = map(sum, zip(*_counts(found), strict=True))
    count = len([word for word in words_of(found.old) if word.isalnum()])
    if changed > max(_ALLOWED, _MOST_CHANGED * count) or reworded > max(_ALLOWED, _MOST_REWORDED * count):
        return "changed more than spelling"
    return ""


def _dates(text: str, table: LanguageTable) -> list[int]:
    return list(dates_of(text, table).values())


def _differs(old: Sequence[object], new: Sequence[object], change: Change) -> bool:
    """Whether figures or dates are others; a misspelled word that becomes one is none."""
    is_spelling = not old and not any(map(str.isdigit, change.new)) and alike(change.old, change.new) >= _SAME_WORD
    return old != new and not is_spelling


def _counts(found: Difference) -> Iterator[tuple[int, int]]:
    """Of each change, how many words it changes, and how many of them are others."""
    yield 0, 0
    for change in found.changes:
        old, new = (re.findall(r"\w+", text.casefold()) for text in (change.old, change.new))
        if "".join(old) == "".join(new):
            continue
        count = max(len(old), len(new))
        is_other = alike(change.old, change.new) < _SAME_WORD
        telling = [word for word in (*old, *new) if len(word) >= _LEAST_TELLING]
        yield count, count if is_other and telling else 0
