"""Italian."""

from app.core.languages.table import LanguageTable, words

ITALIAN = LanguageTable(
    code="it",
    stemmer="italian",
    has_number_words=True,
    articles=words("un uno una"),
    ordinal_endings=("º", "ª", "o", "a"),
    elisions=words("l un d c m t s v n dell nell all dall sull dov com quest quell"),
)
