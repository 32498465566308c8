"""The tables by their languages' codes, and which language a question is in."""

import re
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

_WORD = re.compile(r"[^\W\d_]+")
_FEWEST = 10  # words that can tell a language
_SHARE = 0.3  # of stop words, in a language that has them

# Languages of which no more is known than how to stem them.
_STEMMED = {
    "ar": "arabic", "hy": "armenian", "eu": "basque", "ca": "catalan", "cs": "czech", "et": "estonian",
    "fi": "finnish", "el": "greek", "hi": "hindi", "hu": "hungarian", "id": "indonesian", "lt": "lithuanian",
    "ne": "nepali", "no": "norwegian", "nn": "norwegian", "fa": "persian", "pl": "polish", "ro": "romanian",
    "ru": "russian", "sr": "serbian", "sv": "swedish", "ta": "tamil", "tr": "turkish", "yi": "yiddish",
}  # fmt: skip

# Languages that write an ordinal as a number with a full stop, beside those that have a file.
_DOTS_ORDINALS = frozenset("bs cs et eu fi fo hr hu is lb lv mk no nn pl sk sl sr tr".split())

TABLES: dict[str, LanguageTable] = {
    **{
        code: LanguageTable(code=code, stemmer=stemmer, dots_ordinals=code in _DOTS_ORDINALS)
        for code, stemmer in {**dict.fromkeys(_DOTS_ORDINALS, ""), **_STEMMED}.items()
    },
    "lb": LanguageTable(code="lb", capitalizes_nouns=True, dots_ordinals=True),
    **{t.code: t for t in (ENGLISH, GERMAN, FRENCH, SPANISH, PORTUGUESE, ITALIAN, DUTCH, DANISH)},
}


def table_of(code: str) -> LanguageTable:
    """The table of a language; English where none is named, and an empty one for a language that has none."""
    return TABLES.get(code or "en") or LanguageTable(code=code)


def language_of_question(words: Iterable[str]) -> LanguageTable:
    """The language with most stop words among these casefolded words; English where none has more."""
    asked = list(words)
    return max([ENGLISH, *TABLES.values()], key=lambda table: sum(word in table.stop_words for word in asked))


def language_of_text(text: str) -> str:
    """The code of the language that a text is surely written in, by its stop words; "" where they do not tell.

    Of languages with known stop words three to six words in ten are such; of their relatives fewer, and not twice as
    many as of the next.
    """
    found = _WORD.findall(text.casefold())
    shares = sorted(
        ((sum(word in table.stop_words for word in found), code) for code, table in TABLES.items() if table.stop_words),
        reverse=True,
    )
    (most, code), (second, _) = shares[:2]
    is_sure = len(found) >= _FEWEST and most >= _SHARE * len(found) and most >= 2 * second
    return code if is_sure else ""
