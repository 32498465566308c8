"""The title of a chat out of what a model replied when it was asked for one."""

import re

from app.core.evidence.words import content_stems
from app.core.languages.tables import language_of_question
from app.core.plain_text import one_line
from app.core.search import terms

_AROUND = " \t\"'*#`_“”„«».:;,-–"
_LABEL = re.compile(r"^(?:chat )?(?:title|titel|titre|título)\s*:\s*", re.IGNORECASE)
_MOST_WORDS, _MOST_LETTERS = 9, 60
_SHARE = 1 / 2  # of a title's content words that the question has


def title_of_reply(reply: str, question: str) -> str:
    """The title, or "" if what came is none: several sentences, as long as a reply, or of something else.

    A small model that can't tell what a question is about makes a matter up.
    """
    first = next((line for line in reply.splitlines() if line.strip(_AROUND)), "")
    title = _LABEL.sub("", one_line(first).strip(_AROUND)).strip(_AROUND)
    if not title or len(title.split()) > _MOST_WORDS or len(title) > _MOST_LETTERS or ". " in title:
        return ""
    table = language_of_question(terms(question.casefold()))
    named, asked = content_stems(title, table), content_stems(question, table)
    if len(named & asked) < len(named) * _SHARE:
        return ""
    return title[0].upper() + title[1:]
