"""Words without their accents and endings, so that forms of one word compare equal."""

import unicodedata
from functools import lru_cache

from app.core.languages.table import LanguageTable

_REMEMBERED = 20_000  # stems: a word costs some 35 microseconds, and a check reads each line of a call again


def fold_accents(word: str) -> str:
    """The word casefolded, without accents and other marks."""
    folded = unicodedata.normalize("NFKD", word.casefold())
    return "".join(c for c in folded if not unicodedata.combining(c))


def stem(word: str, table: LanguageTable) -> str:
    """The stem of a casefolded word, without accents; by a few endings alone where the language has no stemmer."""
    head, apostrophe, tail = word.partition("'")
    if apostrophe and tail and head in table.elisions:
        word = tail
    word = word.removesuffix("'s")
    if not table.stemmer:
        return _without_ending(fold_accents(word))
    return _stem(fold_accents(word) if table.folds_accents_first else word, table.stemmer)


@lru_cache(_REMEMBERED)
def _stem(word: str, algorithm: str) -> str:
    import snowballstemmer  # late: a tenth of a second, and nothing before the first check needs it

    # A stemmer holds the word that it works on, so each call has its own: threads may ask at the same time.
    return fold_accents(snowballstemmer.stemmer(algorithm).stemWord(word))


def _without_ending(word: str) -> str:
    for ending in ("ing", "ed", "es", "s", "e"):
        if len(word) > len(ending) + 2 and word.endswith(ending):
            return word[: -len(ending)]
    return word
