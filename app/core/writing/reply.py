"""What a model wrote for a text: without what it says around it, and whether it can be used."""

import re
from collections.abc import Iterable

from app.core.evidence.particulars import particulars_of
from app.core.evidence.words import known_stems
from app.core.languages.table import LanguageTable
from app.core.languages.tables import language_of_text, table_of
from app.core.repetition import RepetitionGuard
from app.core.writing.parts import protected_spans

# Such as a model says before it comes to the text: that this is it, or that it gladly does it.
_PREAMBLE = re.compile(
    r"\A\s*(?:\*\*)?(?:(?:sure|certainly|of course|gerne?|natürlich|klar)[^\n]{0,120}[!:.]\s*\n+|"
    r"(?:here(?:'s| is| are)|hier (?:ist|sind|kommt)|the (?:corrected|rewritten|revised|translated|shortened)|"
    r"(?:der |die |das )?(?:korrigiert|umgeschrieben|überarbeitet|übersetzt|gekürzt)\w*|corrected|rewritten|revised|"
    r"translation|übersetzung|text|continuation|fortsetzung)[^\n:]{0,80}:(?:\*\*)?[ \t]*\n*)",
    re.IGNORECASE,
)
_EXPLANATION = re.compile(
    r"\n+(?:\*\*)?(?:note|explanation|changes(?: made)?|hinweis|erklärung|änderungen|anmerkung)s?\b[^\n]{0,40}:.*\Z",
    re.IGNORECASE | re.DOTALL,
)
_QUOTES = (('"', '"'), ("“", "”"), ("„", "“"), ("«", "»"), ("'", "'"))
_FENCED = re.compile(r"\A```[\w-]*\n(.*?)\n?```\Z", re.DOTALL)
_LEAST_TOLD = 24  # letters of a reply whose language can be told


def bare_reply(reply: str, words: str) -> str:
    """A reply without a sentence in front, quotation marks or a fence around it, or explanations behind it.

    What the person's own words have too is left.
    """
    said = reply.strip()
    for pattern in (_PREAMBLE, _EXPLANATION):
        if not pattern.search(words):
            said = pattern.sub("", said).strip()
    fenced = _FENCED.match(said)
    if fenced and "```" not in words:
        said = fenced[1].strip()
    for opening, closing in _QUOTES:
        is_around = len(said) > 1 and said.startswith(opening) and said.endswith(closing)
        if is_around and not words.strip().startswith(opening) and opening not in said[1:-1]:
            said = said[1:-1].strip()
    return said


def fault_of(reply: str, words: str, language: str) -> str:
    """Why a bare reply can't stand for these words, as the end of a sentence; "" where it can.

    It has to be in `language`, if that is known, and have each link, address and piece of code of the words.
    """
    if not any(map(str.isalpha, reply)):
        return "wrote nothing"
    if goes_in_circles(reply) and not goes_in_circles(words):
        return "wrote the same again and again"
    told = language_of_text(reply) if len(reply) >= _LEAST_TOLD else ""
    if language and told and told != language:
        return "wrote in another language"
    if protected_spans(reply) != protected_spans(words):
        return "changed a link, an address or code"
    return ""


def goes_in_circles(text: str) -> bool:
    """Whether a text says the same again and again, as weak models do, and some people."""
    guard = RepetitionGuard()
    guard.add(text)
    return guard.is_repeating


def figures_of(text: str, table: LanguageTable) -> list[str]:
    """The figures of a text, as digits, in order; also those that are told in words."""
    return [one.value for one in particulars_of(text, table) if one.is_figure]


def dates_of(text: str, table: LanguageTable) -> dict[str, int]:
    """The months and days of the week that a text names, as written, with their numbers.

    They are told by their capitals: "may" and "march" are words too.
    """
    said = (word for word in re.findall(r"[^\W\d_]+", text) if word[0].isupper())
    return {word: table.date_words[word.casefold()] for word in said if word.casefold() in table.date_words}


def invented(new: str, old: str, language: str, other: str = "") -> list[str]:
    """The figures and names of a new text, as written, that the old one has not.

    Names can be told from other words only where nouns are not capitalised; and in a text in the language `other`, if
    that is another one, they may be written otherwise.
    """
    table = table_of(other or language)
    known = known_stems([old], table_of(language)) | known_stems([old], table)
    tells_names = not other and not table.capitalizes_nouns
    found = [
        one.written
        for line in new.splitlines()  # one by one: the first word of each is capitalised anyway
        for one in particulars_of(line, table)
        if (one.is_figure or tells_names) and one.value not in known and one.written.casefold() not in old.casefold()
    ]
    return _each_once([*found, *_dates_apart(new, table, old, table_of(language))])


def _dates_apart(text: str, table: LanguageTable, other: str, its_table: LanguageTable) -> list[str]:
    """The dates of a text that another one, which may be in another language, names others for."""
    known = set(dates_of(other, its_table).values())
    return [word for word, number in dates_of(text, table).items() if known and number not in known]


def left_out(new: str, old: str, language: str, other: str = "") -> list[str]:
    """The figures and dates of an old text, as written, that the new one has not, or has others for."""
    own, table = table_of(language), table_of(other or language)
    known = known_stems([new], own) | known_stems([new], table)
    found = [one.written for one in particulars_of(old, own) if one.is_figure and one.value not in known]
    return _each_once([*found, *_dates_apart(old, own, new, table)])


def _each_once(found: Iterable[str]) -> list[str]:
    first: dict[str, str] = {}
    for word in found:
        first.setdefault(word.casefold(), word)
    return list(first.values())


def continued(reply: str, text: str) -> str:
    """What a reply adds to a text, if it begins with the end of that again."""
    said, end = reply.strip(), text.rstrip()
    if said.startswith(end):
        return said[len(end) :].strip()
    last = end.splitlines()[-1].strip() if end else ""
    if len(last) >= _LEAST_TOLD and said.startswith(last):
        return said[len(last) :].strip()
    return said
