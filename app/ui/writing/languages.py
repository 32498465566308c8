"""The languages that a text can be translated into."""

from app.core.languages.codes import language_name
from app.core.writing.text_lines import written_language

_LANGUAGES = ("en", "de", "fr", "es", "it", "pt", "nl", "pl", "tr", "uk")
_READ = 5_000  # characters of the text by which its own language is known


def target_languages(text: str) -> list[tuple[str, str]]:
    """The code and the name of each language that a text can be translated into; its own is none of them."""
    own = written_language(text[:_READ])
    return [(code, language_name(code)) for code in _LANGUAGES if code != own]
