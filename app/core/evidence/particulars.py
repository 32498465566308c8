"""The figures and names of a text, each with the words beside it, and which of them a call has otherwise."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from app.core.evidence.words import content_stems, has_inflection, known_stems, sentences_of, stems_of, tokens
from app.core.languages.table import LanguageTable

_LEAST_LETTERS = 3  # of a word beside a figure or name that tells what it is of


@dataclass(frozen=True, slots=True)
class Particular:
    """A figure or a name in a text.

    Attributes:
        value: Its stem, or its digits.
        written: The word as it is written; a spelled-out figure whole.
        phrase: The same with the word behind it, if that is of a figure.
        before: The stem of the word in front; "" if it tells nothing.
        after: The stem of the word behind, as of what a figure counts; "" if it tells nothing.
        is_joined: Whether a hyphen joins it to the word in front ("COVID-19").
    """

    value: str
    written: str
    phrase: str
    before: str
    after: str
    is_joined: bool

    @property
    def is_figure(self) -> bool:
        """Whether it has a digit."""
        return any(c.isdigit() for c in self.value)

    def is_in_place_of(self, other: "Particular") -> bool:
        """Whether it stands where a text about the same has the other: a figure for a figure, beside the same word."""
        if self.is_figure != other.is_figure or self.value == other.value:
            return False
        if other.is_joined:
            return self.before == other.before
        return (bool(other.after) and self.after == other.after) or (bool(other.before) and self.before == other.before)


@dataclass(frozen=True, slots=True)
class Differences:
    """Figures and names of a sentence that a passage has not, and what the passage has in their place, as written."""

    missing: tuple[str, ...] = ()
    instead: tuple[str, ...] = ()


def particulars_of(text: str, table: LanguageTable) -> list[Particular]:
    """The figures of a text, and its names: the words that are capitalised inside a sentence."""
    found = []
    for part in sentences_of(text):
        joined = {name.casefold() for name in re.findall(r"(?<=[^\W\d_][-–])\d+", part)}
        read = tokens(part, table)
        stems = [_telling_stem(plain, table) for _, plain in read]
        for index, (word, plain) in enumerate(read):
            is_name = word[:1].isupper() and index > 0 and plain not in table.capital_words
            if not is_name and not any(c.isdigit() for c in plain):
                continue
            before = stems[index - 1] if index else ""
            after = stems[index + 1] if index + 1 < len(read) else ""
            phrase = f"{word} {read[index + 1][0]}" if after and not is_name and plain not in joined else word
            found += [Particular(v, word, phrase, before, after, plain in joined) for v in stems_of(plain, table)]
    return found


def differences(
    sentence: str,
    passage: Iterable[str],
    known_names: Iterable[str],
    table: LanguageTable,
    known_elsewhere: Collection[str] = (),
) -> Differences:
    """What of a sentence's figures and names a passage and the names of the people in the call don't have.

    A figure with a unit that the passage gives another figure counts as one that it has not, although it has the
    same figure with another unit, or without one in a line that says no more of the matter. What stands in the place
    of one that is `known_elsewhere`, as a stem, is left out.
    """
    lines = [*passage]
    known = known_stems([*lines, *known_names], table)
    read = [particulars_of(line, table) for line in lines]
    said = [one for found in read for one in found]
    wanted = particulars_of(sentence, table)
    own = {one.value for one in wanted}
    missing, instead = [], []
    for one in wanted:
        rivals = [other for other in said if other.is_in_place_of(one) and other.value not in own]
        if _is_said(one, said, known, bool(rivals), table):
            continue
        bare = (line for line, found in zip(lines, read, strict=True) if _has_bare(found, one))
        if any(_share_a_word(sentence, line, table) for line in bare):
            continue
        missing.append(one.written)
        if one.value in known or one.value not in known_elsewhere:
            instead += [other.phrase for other in rivals[:1]]
    return Differences(tuple(dict.fromkeys(missing)), tuple(dict.fromkeys(instead)))


def _is_said(
    one: Particular, said: Sequence[Particular], known: Collection[str], has_rivals: bool, table: LanguageTable
) -> bool:
    if one.value not in known:
        return not one.is_figure and table.capitalizes_nouns and has_inflection(one.value, known)
    if not one.is_figure:
        return True
    same = [other for other in said if other.value == one.value]
    if one.is_joined:
        return any(other.before == one.before for other in same)
    has_unit = any(other.after == one.after for other in same)
    return has_unit or not has_rivals or not same


def _has_bare(said: Iterable[Particular], figure: Particular) -> bool:
    """Whether a figure that counts something is among these without a unit."""
    counts = figure.is_figure and not figure.is_joined
    return counts and any(one.value == figure.value and not one.after for one in said)


def _share_a_word(one: str, other: str, table: LanguageTable) -> bool:
    return any(map(str.isalpha, content_stems(one, table) & content_stems(other, table)))


def _telling_stem(plain: str, table: LanguageTable) -> str:
    if len(plain) < _LEAST_LETTERS or plain in table.stop_words or plain in table.reporting_words:
        return ""
    return stems_of(plain, table)[0]
