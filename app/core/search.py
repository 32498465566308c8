"""Queries and hits."""

import re

import msgspec

from app.core.ids import RecordingId
from app.core.unspaced_scripts import pieces, spaced

_TERM = re.compile(r"\w+(?:['’]\w+)*")
_QUESTION_WORDS = frozenset(
    "a about an and any are at be call calls can could did do does for from had has have how i in is it its "
    "me my of on or say said she he that the their them there they this to up us was we were what when "
    "where which who whom whose why will with would you your "
    # What people say to be polite finds every call and no answer.
    "hello hi hey good morning afternoon evening night bye goodbye please thank thanks okay ok yes no".split()
)


class Hit(msgspec.Struct, frozen=True):
    """A line that matches; `start` in seconds of its recording."""

    id: RecordingId
    title: str
    line: int
    start: float
    text: str


def terms(query: str) -> list[str]:
    """The words of a query."""
    return _TERM.findall(query)


def all_terms(query: str) -> str:
    """An FTS5 expression: every word must occur, the last one may be only begun."""
    found = terms(query)
    if not found:
        return ""
    return " ".join(_phrase(t) for t in found[:-1]) + f" {_phrase(found[-1])}*"


def any_term(question: str) -> str:
    """An FTS5 expression for a question: any of its words of content may occur."""
    return " OR ".join(map(_phrase, content_terms(question)))


def content_terms(question: str) -> list[str]:
    """The words of a question that say what it is about; of an unspaced script, every two letters."""
    found = (piece for term in terms(question) for piece in pieces(term))
    return list(dict.fromkeys(piece for piece in found if piece.casefold() not in _QUESTION_WORDS))


def _phrase(term: str) -> str:
    return f'"{" ".join(spaced(term).split())}"'
