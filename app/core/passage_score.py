"""How near a passage of a call is to a question, by its words and by its meaning."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_SATURATION, _LENGTH = 1.2, 0.75
"""k1 and b of BM25, as SQLite's FTS5 has them."""
_WORDS, _CONFIDENCE = 0.5, 1.5
"""How much all words of a question count beside its meaning, and how much less a few of them (`bench.meaning`)."""


@dataclass(frozen=True, slots=True)
class AskedWord:
    """A word of a question: its stems in a call's language, and how rare it is."""

    stems: frozenset[str]
    rarity: float


def rarity(holders: int, count: int) -> float:
    """What a word tells that so many of `count` texts have: BM25's inverse document frequency, above 0."""
    return math.log(1 + (max(count, holders) - holders + 0.5) / (holders + 0.5))


def word_share(asked: Sequence[AskedWord], said: Mapping[str, int], length: float) -> float:
    """BM25 as a share of what the words can weigh: 0 for none, 1 if each stands once in a passage of usual length.

    `said` counts the passage's stems; `length` is its number of words in relation to that of the usual one.
    """
    most = sum(word.rarity for word in asked)
    found = 0.0
    for word in asked:
        count = sum(said.get(stem, 0) for stem in word.stems)
        found += word.rarity * count * (_SATURATION + 1) / (count + _SATURATION * (1 - _LENGTH + _LENGTH * length))
    return found / most if most else 0.0


def fused_score(near: float, share: float) -> float:
    """Both together. Ranks are not fused: where no word is found, the order of words is chance."""
    return near + _WORDS * float(share**_CONFIDENCE)
