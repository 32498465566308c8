"""Dutch."""

from app.core.languages.table import LanguageTable, words

DUTCH = LanguageTable(
    code="nl", stemmer="dutch", has_number_words=True, articles=words("een"), ordinal_endings=("e", "de", "ste")
)
