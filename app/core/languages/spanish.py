"""Spanish."""

from app.core.languages.table import ABBREVIATIONS, LanguageTable, left_out, words

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
    abbreviations=ABBREVIATIONS | words("sr sra srta dra ud uds lic ing"),
    reporting_words=words(
        "dice dicen contó cuenta pregunta preguntó piensa pensó cree creía propone propuso propuesta sugiere sugirió "
        "discute discutió discusión menciona mencionó explica explicó señala señaló afirma afirmó añade añadió acepta "
        "aceptó acuerdo espera quiere quería concluye concluyó decide decidió decisión recomienda recomendó habla "
        "habló hablaron anuncia anunció informa informó responde respondió indica indicó expresa grupo equipo reunión "
        "participantes participante persona personas alguien también embargo tanto aunque mientras primero luego "
        "después finalmente debe debería puede podría otro otra otros más mucho muchos algunos solo hacer hecho tomar "
        "dar necesita necesitan cosa cosas sobre antes estos estas sido"
    ),
    title_words=words(
        "llamada llamadas telefónica teléfono conversación conversaciones diálogo entrevista charla discusión "
        "reunión reuniones sesión intercambio resumen síntesis notas nota acta minuta transcripción grabación "
        "informe contenido puntos tema temas breve título texto hablante audio"
    ),
    negations=words(
        "nada nadie ningún ninguno ninguna ni sin tampoco rechaza rechazó niega negó duda dudó contra imposible"
    ),
    negation_particles=left_out("no nunca jamás"),
)
