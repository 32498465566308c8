"""Spanish."""

from app.core.languages.table import ABBREVIATIONS, DueWords, LanguageTable, each_behind, left_out, words

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
    task_fillers=words(
        "el la los las un una unos unas mi mis nuestro nuestra nuestros su sus tu tus este esta estos estas por "
        "favor debe deben tiene que hay también luego yo nosotros él ella"
    ),
    due=DueWords(
        leads=("el", "este", "esta", "en", "durante", "el día"),
        limits=("para el", "para la", "para", "hasta el", "hasta", "a más tardar el", "a más tardar"),
        before=("antes del", "antes de el", "antes de"),
        day_parts=(
            "por la mañana",
            "por la tarde",
            "por la noche",
            "al mediodía",
            "a mediodía",
            "como máximo",
            "a más tardar",
        ),
        days={
            "hoy": 0,
            "esta noche": 0,
            "esta tarde": 0,
            "esta mañana": 0,
            "fin del día": 0,
            "mañana": 1,
            "pasado mañana": 2,
        },
        spans={
            "esta semana": "week",
            "semana": "week",
            "la próxima semana": "next week",
            "próxima semana": "next week",
            "la semana que viene": "next week",
            "semana que viene": "next week",
            "este mes": "month",
            "el próximo mes": "next month",
            "próximo mes": "next month",
            "el mes que viene": "next month",
            "mes que viene": "next month",
        },
        ends=each_behind(
            ("", "a ", "el ", "al "),
            {
                "fin de mes": "month",
                "final de mes": "month",
                "finales de mes": "month",
                "final del mes": "month",
                "fin del mes": "month",
                "finales de este mes": "month",
                "fin de semana": "",
                "final de la semana": "week",
                "finales de semana": "week",
                "final de la próxima semana": "next week",
                "finales del próximo mes": "next month",
                "final del próximo mes": "next month",
            },
        ),
        replaced={"dentro de": "en"},
        day_of_month=r"(?:el )?(?:día )?(\d{1,2})",
        clock=r"(?:a las |a la )\d{1,2}(?::\d\d)?(?: h| horas)?",
    ),
)
