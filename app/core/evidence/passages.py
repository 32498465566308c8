"""Where in a call a sentence is spoken of: the passages whose words cover it."""

import math
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Protocol

from app.core.evidence.particulars import Differences, differences, particulars_of
from app.core.evidence.words import content_stems, known_stems, noun_form, said_stems, spoken_words
from app.core.languages.tables import table_of
from app.core.sentence_end import QUESTION_MARKS
from app.core.unspaced_scripts import word_count

_PASSAGE_SIZE = 90  # words: what people say about one matter before they turn to another (measured on QMSum)
_MOST_PASSAGES = 3
_LEAST_NEW = 0.12  # of a sentence's weight: what a further passage must add
_PRIOR = 0.5  # of a word's weight, missing from every sentence: so that few words stand for less than many
_PARTICULAR = 1.5  # times as much a figure or a name tells as another word
_LEAST_LINE = 0.08  # of a sentence's weight: what a further line must add to be shown
_SHORT_ANSWER = 12  # words with which a person takes up what another asked or proposed
NEIGHBOURS = 2
"""Lines around others whose figures and names count as said there."""
MOST_LINES = 4
"""Lines that are shown for one sentence."""


@dataclass(frozen=True, slots=True)
class SpokenLine:
    """Who says what in one line of a call."""

    speaker: str
    text: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """How far a call speaks of a sentence; lines are named by their indices from 0.

    Attributes:
        share: Of the sentence's words, each by how rare it is in the call, those that one passage has; from 0 to 1.
        lines: The lines that have them, at most `MOST_LINES`, in order.
        passage: The lines among which they stand, in order.
        own_share: As `share`, of what the person says whom the sentence names first; None if it names nobody.
        other_share: As `own_share`, of the one among the others who says most of it.
        says_nothing: Whether the sentence has no word that tells what it is about.
        is_by_one_word: Whether one word of several is all that the passage has of it.
    """

    share: float
    lines: tuple[int, ...]
    passage: tuple[int, ...]
    own_share: float | None = None
    other_share: float = 0.0
    says_nothing: bool = False
    is_by_one_word: bool = False


@dataclass(frozen=True, slots=True)
class _Asked:
    """A sentence as it is looked up: what each stem weighs, the most that they can weigh, and who is named."""

    weights: Mapping[str, float]
    most: float
    named: Sequence[str]


class Meaning(Protocol):
    """Compares what sentences and lines mean."""

    def near(self, sentence: str, lines: Collection[int]) -> float | None:
        """How near in meaning a sentence is to the nearest passage with one of these lines (indices from 0).

        0 is how near it is to the call as a whole, 1 the same; None if they can't be compared.
        """


class CallLines:
    """The lines of a call, read once, so that many sentences can be looked up in them."""

    def __init__(
        self,
        lines: Sequence[SpokenLine],
        language: str = "",
        names: Iterable[str] = (),
        meaning: Meaning | None = None,
    ) -> None:
        """Read the lines, which are in this language; `names` are those of people in the call who say none of them."""
        self.lines = tuple(lines)
        self.language = language
        self.meaning = meaning
        self._table = table_of(language)
        self.speakers = tuple(dict.fromkeys(name for name in (*(line.speaker for line in lines), *names) if name))
        self._stems = [self._telling(said_stems(line.text, self._table)) for line in self.lines]
        self._sizes = [word_count(line.text) for line in self.lines]
        self._counts = Counter(stem for found in self._stems for stem in found)

    @cached_property
    def content(self) -> list[set[str]]:
        """The stems of each line's content words, with its speaker's name."""
        return [content_stems(f"{line.speaker}: {line.text}", self._table) for line in self.lines]

    @cached_property
    def known_stems(self) -> set[str]:
        """All that the call says, and its speakers' names, as stems; figures as digits."""
        said = [line.text for line in self.lines]
        return known_stems([*said, *self.speakers], self._table)

    def differences(self, sentence: str, within: Iterable[int] | None = None) -> Differences:
        """The figures and names of a sentence that these lines, or else all lines of the call, don't have."""
        wanted = range(len(self.lines)) if within is None else within
        said = (self.lines[index].text for index in wanted)
        return differences(sentence, said, self.speakers, self._table, self.known_stems)

    def has_rival(self, answer: str, within: Iterable[int]) -> bool:
        """Whether these lines have another figure of what a figure of the answer counts: words don't tell which."""
        said = [one for index in within for one in particulars_of(self.lines[index].text, self._table)]
        figures = [one for one in particulars_of(answer, self._table) if one.is_figure]
        return any(other.is_figure and other.is_in_place_of(one) for one in figures for other in said)

    def coverage(self, sentence: str) -> Coverage:
        """Where the call speaks of the sentence."""
        asked = self._ask(sentence)
        firsts = (index for index, found in enumerate(self._stems) if not found.isdisjoint(asked.weights))
        passages = sorted(map(self._passage_from, firsts), key=lambda p: (-self._said(p, asked.weights), p.start))
        return self._coverage_in(passages, self._distinct(passages, asked), asked)

    def coverage_of_answer(self, answer: str, together: str) -> Coverage:
        """Where one passage speaks of an answer `together` with its question, and says each telling word of the answer.

        The names of those who speak in the passage count as said there.
        """
        asked, wanted = self._ask(together), content_stems(answer, self._table)
        passages = [self._passage_from(index) for index in range(len(self.lines))]
        passages = [one for one in passages if wanted <= set[str]().union(*(self.content[index] for index in one))]
        passages.sort(key=lambda one: (-self._said(one, asked.weights), one.start))
        return self._coverage_in(passages, tuple(passages[0]) if passages else (), asked)

    def _coverage_in(self, passages: Sequence[range], read: tuple[int, ...], asked: _Asked) -> Coverage:
        """How far the first of these passages speaks of what is asked, shown by lines among those that are `read`."""
        if not passages:
            return Coverage(0.0, (), (), 0.0 if asked.named else None, 0.0, not asked.weights)
        found = self._coverage(asked, passages[0], read, self._best_lines(read, asked))
        own, other = self._shares_of_speakers(asked, passages)
        return replace(found, own_share=own, other_share=other)

    def coverage_of(self, sentence: str, cited: Collection[int]) -> Coverage:
        """How far these lines, each with its neighbours, speak of the sentence."""
        asked = self._ask(sentence)
        read = tuple(i for i in range(len(self.lines)) if any(abs(i - line) <= 1 for line in cited))
        own = {line for line in cited if not self._stems[line].isdisjoint(asked.weights)}
        lines = sorted({line for line in cited if any(abs(line - other) <= 1 for other in own)})[:MOST_LINES]
        return self._coverage(asked, read, read, tuple(lines) or self._best_lines(read, asked))

    def _ask(self, sentence: str) -> _Asked:
        named = people_named(sentence, self.speakers)
        weights = self._weights(_without(sentence, named))
        most = math.fsum(weights.values()) * (1 + _PRIOR / len(weights)) if weights else 1.0
        return _Asked(weights, most, named)

    def _coverage(self, asked: _Asked, best: Iterable[int], read: tuple[int, ...], lines: tuple[int, ...]) -> Coverage:
        said = {stem for index in best for stem in self._stems[index] if stem in asked.weights}
        return Coverage(
            math.fsum(asked.weights[stem] for stem in said) / asked.most,
            lines,
            read,
            says_nothing=not asked.weights,
            is_by_one_word=len(said) < min(2, len(asked.weights)),
        )

    def _shares_of_speakers(self, asked: _Asked, passages: Sequence[range]) -> tuple[float | None, float]:
        """The shares of the person whom the sentence names first, and of who says most of it among the others."""
        if not asked.named:
            return None, 0.0
        shares = {name: self._said_by(name, passages, asked.weights) / asked.most for name in self.speakers}
        same = [name for name in shares if _is_begun_by(name, asked.named[0])]
        own = max(shares.pop(name) for name in same)
        return own, max(shares.values(), default=0.0)

    def has_name_apart(self, sentence: str, passage: Iterable[int]) -> bool:
        """Whether a passage has a name of the sentence only far from what the sentence says with it.

        It is asked of calls whose lines don't tell who speaks: there a name that is called in one line says nothing of
        who says the others. Nor does a name say anything that begins a sentence of no more ("Leo agrees").
        """
        if len(self.speakers) > 1:
            return False
        asked = self._ask(sentence)
        words = re.findall(r"[^\W\d_]+", sentence)
        names = self._names_among(word for word in words if word[0].isupper()) & asked.weights.keys()
        rest = {stem: weight for stem, weight in asked.weights.items() if stem not in names}
        if not names or not rest:
            return bool(names & self._names_among(words[:1])) and self.line_with(sentence) is None
        around = {
            at
            for line in self._best_lines(tuple(passage), replace(asked, weights=rest))
            for at in range(max(0, line - NEIGHBOURS), min(len(self.lines), line + NEIGHBOURS + 1))
        }
        return not names <= set[str]().union(*(self._stems[at] for at in around))

    def _names_among(self, words: Iterable[str]) -> set[str]:
        return self._telling(content_stems(" ".join(words), self._table)) & self._called

    @cached_property
    def _called(self) -> set[str]:
        """The stems of names in the lines; none in a language that writes all nouns like names."""
        if self._table.capitalizes_nouns:
            return set()
        found = (one for line in self.lines for one in particulars_of(line.text, self._table) if not one.is_figure)
        return {noun_form(one.value, self._table) for one in found}

    def line_with(self, words: str) -> int | None:
        """The first line that has these words, one after the other, or None; without any word none has them."""
        wanted = spoken_words(words)
        said = (index for index, line in enumerate(self.lines) if wanted in spoken_words(line.text))
        return next(said, None) if wanted.strip() else None

    def _telling(self, stems: set[str]) -> set[str]:
        """Those of the stems that tell what a text is about, as forms of one word share them."""
        return {noun_form(stem, self._table) for stem in stems - _reporting_stems(self.language)}

    def _weights(self, sentence: str) -> dict[str, float]:
        """The stems that tell what a sentence is about, with how much each tells: the rarer, and a figure or a name."""
        particular = {noun_form(one.value, self._table) for one in particulars_of(sentence, self._table)}
        rarity = {
            stem: math.log((len(self.lines) + 1) / (max(1, self._counts[stem]) + 0.5))
            for stem in self._telling(content_stems(sentence, self._table))
        }
        return {stem: value * (_PARTICULAR if stem in particular else 1) for stem, value in rarity.items()}

    def _passage_from(self, first: int) -> range:
        end, size = first, 0.0
        while end < len(self.lines) and size < _PASSAGE_SIZE:
            size += self._sizes[end]
            end += 1
        return range(first, end)

    def _said(self, lines: Iterable[int], weights: Mapping[str, float]) -> float:
        """The weight of the stems that some of the lines have."""
        found = {stem for index in lines for stem in self._stems[index] if stem in weights}
        return math.fsum(weights[stem] for stem in found)  # exact, whatever the order: equal passages stay equal

    def _said_by(self, name: str, passages: Sequence[range], weights: Mapping[str, float]) -> float:
        """As `_said`, of the passage in which this person says most of it, or answers shortly to who does."""
        own = ([index for index in passage if self.is_own(index, name)] for passage in passages)
        return max((self._said(lines, weights) for lines in own), default=0.0)

    def is_own(self, index: int, name: str) -> bool:
        """Whether this person says the line, or takes up what another says in it with a short answer."""
        if self.lines[index].speaker == name:
            return True
        answer = index + 1
        is_answered = answer < len(self.lines) and self.lines[answer].speaker == name
        return is_answered and self._sizes[answer] <= _SHORT_ANSWER and self._asks(index)

    def _asks(self, index: int) -> bool:
        """Whether a line asks something of the one who is spoken to."""
        words = self._table.address_words
        text = self.lines[index].text.casefold()
        return text.rstrip().endswith(QUESTION_MARKS) and (
            words is None or not words.isdisjoint(re.findall(r"[^\W_]+", text))
        )

    def _distinct(self, passages: Sequence[range], asked: _Asked) -> tuple[int, ...]:
        """The lines of the best passage, and of others that add to it."""
        read: set[int] = set()
        count, said = 0, 0.0
        for passage in passages:
            more = self._said(read.union(passage), asked.weights)
            if read and (more - said < _LEAST_NEW * asked.most or not read.isdisjoint(passage)):
                continue
            read.update(passage)
            count, said = count + 1, more
            if count == _MOST_PASSAGES:
                break
        return tuple(sorted(read))

    def _best_lines(self, read: Sequence[int], asked: _Asked) -> tuple[int, ...]:
        """The fewest lines that say nearly all that is said of it there, each adding to those before."""
        chosen: list[int] = []
        said = 0.0
        while len(chosen) < MOST_LINES:
            rest = (index for index in read if index not in chosen)
            gains = ((self._said([*chosen, index], asked.weights) - said, -index) for index in rest)
            gain, index = max(gains, default=(0.0, 0))
            if gain <= (_LEAST_LINE * asked.most if chosen else 0):
                break
            chosen.append(-index)
            said += gain
        return tuple(sorted(chosen))


def people_named(sentence: str, names: Iterable[str]) -> list[str]:
    """Those of the names that stand in a sentence, in its order; of names in one place the longest."""
    found: dict[int, str] = {}
    taken = sentence
    for name in sorted(names, key=len, reverse=True):
        for match in _place_of(name).finditer(taken):
            found.setdefault(match.start(), name)
        taken = _without(taken, [name])
    return list(dict.fromkeys(name for _, name in sorted(found.items())))


def _is_begun_by(name: str, beginning: str) -> bool:
    """Whether a name is another one, or that and more: "The Chair (Anna Weber)" and "The Chair" can be one person."""
    return name.startswith(beginning) and not name[len(beginning) :][:1].isalnum()


def _without(sentence: str, names: Iterable[str]) -> str:
    """The sentence with as many blanks as these names have letters."""
    for name in names:
        sentence = _place_of(name).sub(" " * len(name), sentence)
    return sentence


@lru_cache
def _place_of(name: str) -> re.Pattern[str]:
    """Where a name stands in a text; one of several words, such as that of a role, in small letters too."""
    return re.compile(rf"(?<!\w){re.escape(name)}(?!\w)", re.IGNORECASE if " " in name else 0)


@lru_cache
def _reporting_stems(language: str) -> frozenset[str]:
    table = table_of(language)
    return frozenset(content_stems(" ".join(table.reporting_words | table.stop_words), table))
