"""Sentences that deny something, and what they would say if they did not."""

import re

from app.core.languages.table import LanguageTable

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")


def denies(text: str, table: LanguageTable) -> bool:
    """Whether a text denies or refuses something."""
    return any(_is_negation(found[0], table) for found in _WORD.finditer(text))


def affirmed(sentence: str, table: LanguageTable) -> str:
    """The sentence without the words that deny; itself where it denies by a verb, such as "refuse"."""
    said, at = "", 0
    for found in _WORD.finditer(sentence):
        word = _plain(found[0])
        ending = next((e for e in table.negation_endings if word.endswith(e)), "")
        if word in table.negation_particles:
            kept = table.negation_particles[word]
        elif ending:
            kept = found[0][: -len(ending)]
        else:
            continue
        said += sentence[at : found.start()] + kept
        at = found.end()
    return re.sub(r"\s+(?=[.,;:!?])", "", " ".join((said + sentence[at:]).split()))


def _is_negation(word: str, table: LanguageTable) -> bool:
    plain = _plain(word)
    return plain in table.negations or plain in table.negation_particles or plain.endswith(table.negation_endings)


def _plain(word: str) -> str:
    return word.casefold().replace("’", "'")
