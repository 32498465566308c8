"""Whether a title tells the call that it stands over from others."""

from app.core.evidence.passages import CallLines
from app.core.evidence.words import content_stems
from app.core.languages.tables import TABLES, table_of

_SAID = 0.5  # of the telling words of a title, at least: "Late delivery" of a call that says "it came late"


def is_telling_title(title: str, call: CallLines, headings: str = "") -> bool:
    """Whether a title has a word that this call says and few others would have in theirs, and half of all such.

    Few have it if it is no stop word, no word by which a text tells what was said, none for a call and a text about
    it ("Summary of the call"), in whatever language, and none of these `headings`.
    """
    table = table_of(call.language)
    common = content_stems(headings, table) | content_stems(" ".join(_words_of_any_call(call.language)), table)
    telling = content_stems(title, table) - common
    said = telling & call.known_stems
    return bool(said) and len(said) >= _SAID * len(telling)


def _words_of_any_call(language: str) -> set[str]:
    """The words of the call's language and of English, in which models fall; and of all languages those for a call."""
    tables = (table_of(language), table_of("en"))
    found = {word for table in tables for word in table.stop_words | table.reporting_words}
    return found.union(*(table.title_words for table in TABLES.values()))
