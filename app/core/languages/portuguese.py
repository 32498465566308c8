"""Portuguese."""

from app.core.languages.table import LanguageTable, words

PORTUGUESE = LanguageTable(
    code="pt",
    stemmer="portuguese",
    has_number_words=True,
    articles=words("um uma"),
    ordinal_endings=("º", "ª", "o", "a"),
)
