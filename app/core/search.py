"""Search queries as FTS5 expressions, and hits."""

import re

import msgspec

from app.core.durations import format_time
from app.core.ids import CallId, UtteranceId
from app.core.languages.tables import language_of_question
from app.core.unspaced_scripts import comparable_terms, spaced

MOST_TERMS = 64
"""Words of one expression; a line has fewer, and SQLite's parser takes some hundred."""
_LONGEST_TERM = 64  # letters; no word has more, and a script without spaces has sentences
_LANGUAGE_WORDS = 500  # tell the language of a question
_TERM = re.compile(r"\w+(?:['’]\w+)*")


class Hit(msgspec.Struct, frozen=True):
    """A line that matches; `start` is in seconds from the beginning of its call."""

    id: CallId
    title: str
    line: int
    start: float
    text: str
    utterance: UtteranceId  # "" if only the title matches and nothing is transcribed

    @property
    def time(self) -> float | None:
        """When it is said, in seconds; None in a text without times."""
        return self.start if self.start > 0 or self.line <= 1 else None

    @property
    def place(self) -> str:
        """When it is said, or the number of its line in a text without times."""
        return f"line {self.line}" if self.time is None else format_time(self.time)


def terms(query: str) -> list[str]:
    """The words of a query; an underscore alone is none, since no index knows it."""
    return [term for term in _TERM.findall(query) if any(letter.isalnum() for letter in term)]


def all_terms_query(query: str) -> str:
    """An FTS5 expression: every word must occur, the last one as a prefix.

    Of more than `MOST_TERMS`, any of the longest may occur.
    """
    asked = terms(query)
    if not asked:
        return ""
    found = list(dict.fromkeys(asked))
    if len(found) > MOST_TERMS:  # no line has them all: rank those with some, which a pasted paragraph is looked for by
        return any_term_query(query) or all_terms_query(" ".join(found[:MOST_TERMS]))
    whole = list(dict.fromkeys(asked[:-1]))
    begun = [] if asked[-1] in whole else [f"{_phrase(asked[-1])}*"]
    return " ".join([*map(_phrase, whole), *begun])


def any_term_query(question: str) -> str:
    """An FTS5 expression for a question: any of its content words may occur."""
    return " OR ".join(map(_phrase, content_terms(question)))


def content_terms(question: str) -> list[str]:
    """The words of a question that carry its meaning in its language; in an unspaced script, its pairs of letters.

    Of more than `MOST_TERMS` the longest, which are the rarest.
    """
    found = (piece for term in terms(question) for piece in comparable_terms(term))
    stop_words = language_of_question(terms(question.casefold())[:_LANGUAGE_WORDS]).stop_words
    distinct = list(dict.fromkeys(piece for piece in found if piece.casefold() not in stop_words))
    longest = set(sorted(distinct, key=len, reverse=True)[:MOST_TERMS])
    return [piece for piece in distinct if piece in longest]


def _phrase(term: str) -> str:
    cut = term[:_LONGEST_TERM]
    return f'"{" ".join(spaced(cut).split())}"'
