"""Danish."""

from app.core.languages.table import LanguageTable, words

DANISH = LanguageTable(code="da", stemmer="danish", has_number_words=True, articles=words("en et"))
