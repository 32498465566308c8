"""The table of one language: what the checks and the search need to know of it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageTable:
    """What is known of a language; a field that is left out is not known, and costs nothing.

    Words are written casefolded, with their accents.

    Attributes:
        code: Whisper's code of the language.
        stemmer: Snowball's name of its algorithm; "" where there is none.
        has_number_words: Whether text2num reads its numbers.
        stop_words: Words that a question does not ask about.
        address_words: Words by which a line speaks to somebody, so that it can give them a task; None where verb
            forms do that too, and no word is needed.
        articles: Number words for one that are articles first: as digits they may match, but claim no figure.
        pronouns: Number words for one that are also pronouns.
        pronoun_after: Words after which they are ("no one").
        pronoun_before: Words before which they are ("one of").
        ordinal_endings: What follows the digits of an ordinal ("3rd"), without its full stop.
        elisions: What may stand before an apostrophe and is a word of its own ("l'été").
        capital_words: Words that are capitalised everywhere and name nobody.
        capitalizes_nouns: Whether each noun is capitalised, so that a capital is no sign of a name.
        folds_accents_first: Whether accents come from foreign words alone and are dropped before stemming.
    """

    code: str
    stemmer: str = ""
    has_number_words: bool = False
    stop_words: frozenset[str] = frozenset()
    address_words: frozenset[str] | None = None
    articles: frozenset[str] = frozenset()
    pronouns: frozenset[str] = frozenset()
    pronoun_after: frozenset[str] = frozenset()
    pronoun_before: frozenset[str] = frozenset()
    ordinal_endings: tuple[str, ...] = ()
    elisions: frozenset[str] = frozenset()
    capital_words: frozenset[str] = frozenset()
    capitalizes_nouns: bool = False
    folds_accents_first: bool = False


def words(text: str) -> frozenset[str]:
    """The words of a text, for writing a table."""
    return frozenset(text.split())
