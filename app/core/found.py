"""What a search over everything found: groups of places, with the words that were looked for marked in their text."""

import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from app.core.ids import UtteranceId
from app.core.search import MOST_TERMS, terms
from app.core.unspaced_scripts import is_unspaced

Spans = tuple[tuple[int, int], ...]
"""Where the words looked for stand in a text: offsets of their beginnings and ends, in order."""

_WORD = re.compile(r"\w+(?:['’]\w+)*")


class Place(msgspec.Struct, frozen=True):
    """One place: a line of a call with its `start` in seconds, or a message of a chat or a line of a note, from 0."""

    text: str
    spans: Spans
    utterance: UtteranceId | None = None
    start: float | None = None
    message: int | None = None
    line: int | None = None


class FoundGroup(msgspec.Struct, frozen=True):
    """A call, a chat, a note or a task (`kind`) with the best of its places; `more` counts those that are left out.

    `call` is the id of the call that a chat is about; empty for one over all calls, and for a call itself.
    """

    kind: str
    id: str
    title: str
    date: datetime
    title_spans: Spans = ()
    places: tuple[Place, ...] = ()
    more: int = 0
    call: str = ""


class FindsGroups(Protocol):
    """One kind of thing that can be searched; another kind is one more of these."""

    def grouped(self, query: str) -> list[FoundGroup]:
        """The groups with every word of the query, best first. Touches the disk."""


def spans_of(text: str, query: str) -> Spans:
    """Where the words of a query stand in a text: whole words, and the beginnings of words for its last one.

    Case and accents don't matter. Of a script without spaces any place counts.
    """
    asked = [folded(term) for term in terms(query)[:MOST_TERMS]]
    if not asked:
        return ()
    whole, last = set(asked), asked[-1]
    found: list[tuple[int, int]] = []
    for word in _WORD.finditer(text):
        known = folded(word[0])
        if known in whole:
            found.append(word.span())
        elif known.startswith(last) and len(known) >= len(last):
            found.append((word.start(), word.start() + min(len(last), len(word[0]))))
    for term in {term for term in terms(query) if is_unspaced(term)}:
        found += [match.span() for match in re.finditer(re.escape(term), text)]
    return _merged(found)


def places_of(text: str, words: str) -> Spans:
    """Where some words stand in a text one behind the other, as they are but for case and accents."""
    asked = folded(" ".join(words.split()))
    if not asked or asked not in folded(text):
        return ()
    parts = [folded(letter) for letter in text]
    plain = "".join(parts)
    letters = [number for number, part in enumerate(parts) for _ in part]  # of each place in `plain`
    found, at = [], plain.find(asked)
    while at >= 0:
        behind = at + len(asked)
        last = letters[behind - 1] + 1
        found.append((letters[at], max(last, letters[behind]) if behind < len(letters) else len(text)))
        at = plain.find(asked, behind)
    return tuple(found)


def has_every_word(text: str, query: str) -> bool:
    """Whether each word of the query is a word of the text, and its last one at least the beginning of one."""
    asked = [folded(term) for term in terms(query)[:MOST_TERMS]]
    if not asked:
        return False
    known = {folded(word) for word in _WORD.findall(text)}
    plain = folded(text)

    def is_there(term: str, is_last: bool) -> bool:
        if is_unspaced(term):
            return term in plain
        return term in known or (is_last and any(word.startswith(term) for word in known))

    return all(is_there(term, position == len(asked) - 1) for position, term in enumerate(asked))


def folded(text: str) -> str:
    """The text without case and accents, as the search index compares it."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(part for part in parts if not unicodedata.combining(part))


def _merged(spans: Sequence[tuple[int, int]]) -> Spans:
    """The spans in order; those that touch or overlap are one."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)
