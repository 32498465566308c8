"""The title of a chat out of what a model replied when it was asked for one."""

import re

from app.core.plain_text import one_line

_AROUND = " \t\"'*#`_“”„«».:;,-–"
_LABEL = re.compile(r"^(?:chat )?(?:title|titel|titre|título)\s*:\s*", re.IGNORECASE)
_MOST_WORDS, _MOST_LETTERS = 9, 60


def title_of_reply(reply: str) -> str:
    """The title, or "" if what came is none: several sentences, or as long as a reply."""
    first = next((line for line in reply.splitlines() if line.strip(_AROUND)), "")
    title = _LABEL.sub("", one_line(first).strip(_AROUND)).strip(_AROUND)
    if not title or len(title.split()) > _MOST_WORDS or len(title) > _MOST_LETTERS or ". " in title:
        return ""
    return title[0].upper() + title[1:]
