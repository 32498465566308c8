"""The table of one language: what the checks and the search need to know of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


def left_out(text: str) -> dict[str, str]:
    """The words of a text, each with nothing in its place."""
    return dict.fromkeys(text.split(), "")


def words(text: str) -> frozenset[str]:
    """The words of a text, for writing a table."""
    return frozenset(text.split())


def numbered(text: str) -> dict[str, int]:
    """The words of a text, each with its number from 1; words joined by a slash have the same."""
    return {word: number for number, forms in enumerate(text.split(), 1) for word in forms.split("/")}


def each_behind(beginnings: Iterable[str], ends: Mapping[str, str]) -> dict[str, str]:
    """Each of the ends behind each of the beginnings, with what it means."""
    return {f"{beginning}{end}": meaning for beginning in beginnings for end, meaning in ends.items()}


ABBREVIATIONS = words("dr prof mr mrs ms st vs ca nr tel")
"""Those that are written in many languages, and are a word of none."""
NAME_TITLES = words("dr prof mr mrs ms")
"""What stands before a name in texts of many languages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DueWords:
    """How a language says until when something is to be done; everything is casefolded.

    Attributes:
        leads: What may stand before a day and changes nothing ("on").
        limits: The same, but with a week or a month it leaves open which end is meant ("by next week").
        before: What means the day before the one that follows.
        day_parts: What may stand behind a day and changes nothing ("morning").
        days: What names a day, by how many days away it is.
        spans: What names a week (`week`, `next week`) or a month (`month`, `next month`).
        ends: The end of a week or a month, as `spans`.
        replaced: Words for which dateparser knows others.
        day_of_month: A pattern that finds the number of a day without its month.
        clock: A pattern of a time of day.
    """

    leads: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    day_parts: tuple[str, ...] = ()
    days: Mapping[str, int] = field(default_factory=dict)
    spans: Mapping[str, str] = field(default_factory=dict)
    ends: Mapping[str, str] = field(default_factory=dict)
    replaced: Mapping[str, str] = field(default_factory=dict)
    day_of_month: str = ""
    clock: str = ""


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
        date_words: The names of the months (1 to 12) and of the days of the week (13, Monday, to 19), in all forms.
        capitalizes_nouns: Whether each noun is capitalised, so that a capital is no sign of a name.
        reporting_words: Words by which a text tells what was said, in all forms; they don't tell what it was about.
        title_words: Words for a call, for a text about it, and for a part of one, which could stand over any call.
        negations: Words, verbs above all, by which a sentence denies or refuses something.
        negation_particles: Words by which it only denies, each with what stands in its place in one that does not.
        negation_endings: Endings of words that do.
        folds_accents_first: Whether accents come from foreign words alone and are dropped before stemming.
        abbreviations: Words whose full stop ends no sentence, written without it; those of all languages are the
            default.
        name_titles: Words before a name that are none of it ("Mrs"); those of many languages are the default.
        dots_ordinals: Whether a full stop makes a number an ordinal ("am 3. Mai").
        task_fillers: Words that change nothing of what is to be done: articles, possessives, politeness.
        due: How it says until when something is to be done; None where that is not known.
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
    date_words: Mapping[str, int] = field(default_factory=dict)
    capitalizes_nouns: bool = False
    reporting_words: frozenset[str] = frozenset()
    title_words: frozenset[str] = frozenset()
    negations: frozenset[str] = frozenset()
    negation_particles: Mapping[str, str] = field(default_factory=dict)
    negation_endings: tuple[str, ...] = ()
    folds_accents_first: bool = False
    abbreviations: frozenset[str] = ABBREVIATIONS
    name_titles: frozenset[str] = NAME_TITLES
    dots_ordinals: bool = False
    task_fillers: frozenset[str] = frozenset()
    due: DueWords | None = None
