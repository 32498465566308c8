"""Spanish."""

from app.core.languages.table import LanguageTable, words

SPANISH = LanguageTable(
    code="es",
    stemmer="spanish",
    has_number_words=True,
    stop_words=words(
        "a al como cómo con cual cuál cuáles cuándo cuánto cuántos de del dijeron dijo donde dónde el él ella ellas "
        "ellos en era es eso esta está este esto fue ha han hay la las le les lo los me mi muy no nos nosotros o para "
        "pero por porque qué que quién quiénes se ser si sí sobre son su sus te tu tú un una uno unos y yo "
        "llamada llamadas hola buenos buenas días tardes noches adiós gracias favor vale"
    ),
    articles=words("un una uno"),
    ordinal_endings=("º", "ª", "o", "a"),
)
