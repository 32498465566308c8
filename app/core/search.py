"""Search queries as FTS5 expressions, and hits."""

import re

import msgspec

from app.core.ids import CallId, UtteranceId
from app.core.languages.tables import language_of_question
from app.core.unspaced_scripts import comparable_terms, spaced

_TERM = re.compile(r"\w+(?:['’]\w+)*")


class Hit(msgspec.Struct, frozen=True):
    """A line that matches; `start` is in seconds from the beginning of its call."""

    id: CallId
    title: str
    line: int
    start: float
    text: str
    utterance: UtteranceId  # "" if only the title matches and nothing is transcribed


def terms(query: str) -> list[str]:
    """The words of a query."""
    return _TERM.findall(query)


def all_terms_query(query: str) -> str:
    """An FTS5 expression: every word must occur, the last one as a prefix."""
    found = terms(query)
    if not found:
        return ""
    return " ".join(_phrase(t) for t in found[:-1]) + f" {_phrase(found[-1])}*"


def any_term_query(question: str) -> str:
    """An FTS5 expression for a question: any of its content words may occur."""
    return " OR ".join(map(_phrase, content_terms(question)))


def content_terms(question: str) -> list[str]:
    """The words of a question that carry its meaning in its language; in an unspaced script, its pairs of letters."""
    found = (piece for term in terms(question) for piece in comparable_terms(term))
    stop_words = language_of_question(terms(question.casefold())).stop_words
    return list(dict.fromkeys(piece for piece in found if piece.casefold() not in stop_words))


def _phrase(term: str) -> str:
    return f'"{" ".join(spaced(term).split())}"'
