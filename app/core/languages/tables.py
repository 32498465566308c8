"""The tables by their languages' codes, and which language a question is in."""

from collections.abc import Iterable

from app.core.languages.danish import DANISH
from app.core.languages.dutch import DUTCH
from app.core.languages.english import ENGLISH
from app.core.languages.french import FRENCH
from app.core.languages.german import GERMAN
from app.core.languages.italian import ITALIAN
from app.core.languages.portuguese import PORTUGUESE
from app.core.languages.spanish import SPANISH
from app.core.languages.table import LanguageTable

# Languages of which no more is known than how to stem them.
_STEMMED = {
    "ar": "arabic", "hy": "armenian", "eu": "basque", "ca": "catalan", "cs": "czech", "et": "estonian",
    "fi": "finnish", "el": "greek", "hi": "hindi", "hu": "hungarian", "id": "indonesian", "lt": "lithuanian",
    "ne": "nepali", "no": "norwegian", "nn": "norwegian", "fa": "persian", "pl": "polish", "ro": "romanian",
    "ru": "russian", "sr": "serbian", "sv": "swedish", "ta": "tamil", "tr": "turkish", "yi": "yiddish",
}  # fmt: skip

TABLES: dict[str, LanguageTable] = {
    **{code: LanguageTable(code=code, stemmer=stemmer) for code, stemmer in _STEMMED.items()},
    "lb": LanguageTable(code="lb", capitalizes_nouns=True),
    **{t.code: t for t in (ENGLISH, GERMAN, FRENCH, SPANISH, PORTUGUESE, ITALIAN, DUTCH, DANISH)},
}


def table_of(code: str) -> LanguageTable:
    """The table of a language; English where none is named, and an empty one for a language that has none."""
    return TABLES.get(code or "en") or LanguageTable(code=code)


def language_of_question(words: Iterable[str]) -> LanguageTable:
    """The language with most stop words among these casefolded words; English where none has more."""
    asked = list(words)
    return max([ENGLISH, *TABLES.values()], key=lambda table: sum(word in table.stop_words for word in asked))
