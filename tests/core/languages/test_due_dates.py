"""Until when something is to be done, told in words on Thursday 19 November 2026."""

import subprocess
import sys
from datetime import date

import pytest

from app.core.languages.due_dates import due_date

THURSDAY = date(2026, 11, 19)

SAID = {
    "en": """
        by Friday: 11-20 | tomorrow: 11-20 | By tomorrow.: 11-20 | today: 11-19 | tonight: 11-19 | end of day: 11-19
        by the end of the day: 11-19 | this Friday: 11-20 | Friday: 11-20 | on Monday: 11-23 | Friday morning: 11-20
        by Tuesday at the latest: 11-24 | tomorrow at 10: 11-20 | Friday, 3 pm: 11-20 | the day after tomorrow: 11-21
        next week: 11-27 | this week: 11-20 | end of the week: 11-20 | by the end of next week: 11-27
        end of the month: 11-30 | by the end of the month: 11-30 | next month: 12-31 | end of next month: 12-31
        on the 14th: 12-14 | by the 24th: 11-24 | the 19th: 11-19 | in two weeks: 12-03 | within two weeks: 12-03
        in 2 weeks: 12-03 | in a week: 11-26 | in three days: 11-22 | within the next two days: 11-21
        in a month: 12-19
        November 24: 11-24 | 24 Nov: 11-24 | Nov 24th: 11-24 | 24/11: 11-24 | 2026-12-01: 12-01 | in December: 12-31
        January 5: 2027-01-05 | the 5th of January: 2027-01-05 | Monday the 23rd: 11-23 | before Friday: 11-19
        as soon as possible: - | asap: - | soon: - | next Friday: - | by next Tuesday: - | Thursday: -
        3/4: - | 10: -
        by December: - | by next week: - | 18 November: - | by 5 pm: - | after the meeting: - | in a few days: -
        Friday or Monday: - | every Friday: - | Monday the 24th: - | weekend: - | before the launch: - | yesterday: -
        one: - | second: - | immediately: - | not specified: - | N/A: - | Q4: - | early next week: - | two: -
        mid-May: -""",
    "de": """
        bis Freitag: 11-20 | morgen: 11-20 | bis morgen: 11-20 | übermorgen: 11-21 | heute: 11-19 | heute Abend: 11-19
        morgen früh: 11-20 | am Montag: 11-23 | bis spätestens Montag: 11-23 | diesen Freitag: 11-20
        nächste Woche: 11-27 | bis Ende der Woche: 11-20 | Ende nächster Woche: 11-27 | Ende des Monats: 11-30
        bis Ende des Monats: 11-30 | bis zum Monatsende: 11-30 | am 14.: 12-14 | bis zum 24.: 11-24
        in zwei Wochen: 12-03 | innerhalb von zwei Wochen: 12-03 | in drei Tagen: 11-22 | in einem Monat: 12-19
        am 24. November: 11-24 | bis zum 1. Dezember: 12-01 | 24.11.: 11-24 | 24.11.2026: 11-24 | im Dezember: 12-31
        Montag um 10 Uhr: 11-23 | by Friday: 11-20 | vor Freitag: 11-19
        so bald wie möglich: - | nächsten Freitag: - | Donnerstag: - | sofort: - | Anfang Dezember: - | bald: -
        bis nächste Woche: - | Freitag oder Montag: - | am Wochenende: - | nach dem Termin: -""",
    "fr": """
        demain: 11-20 | aujourd'hui: 11-19 | ce soir: 11-19 | après-demain: 11-21 | vendredi: 11-20 | pour lundi: 11-23
        d'ici vendredi: 11-20 | d’ici demain: 11-20 | au plus tard lundi: 11-23 | demain matin: 11-20
        la semaine prochaine: 11-27 | fin du mois: 11-30 | à la fin du mois: 11-30 | d'ici la fin du mois: 11-30
        le 14: 12-14 | pour le 24: 11-24 | dans deux semaines: 12-03 | d'ici deux semaines: 12-03
        dans trois jours: 11-22
        le 24 novembre: 11-24 | d'ici le 1er décembre: 12-01 | 24/11: 11-24 | en décembre: 12-31 | avant vendredi: 11-19
        dès que possible: - | vendredi prochain: - | jeudi: - | bientôt: - | fin de semaine: - | début décembre: -""",
    "es": """
        mañana: 11-20 | hoy: 11-19 | esta noche: 11-19 | pasado mañana: 11-21 | el viernes: 11-20 | este viernes: 11-20
        para el viernes: 11-20 | hasta el lunes: 11-23 | mañana por la mañana: 11-20 | la próxima semana: 11-27
        la semana que viene: 11-27 | fin de mes: 11-30 | a finales de mes: 11-30 | el 14: 12-14 | para el 24: 11-24
        en dos semanas: 12-03 | dentro de dos semanas: 12-03 | en tres días: 11-22 | el 24 de noviembre: 11-24
        para el 1 de diciembre: 12-01 | en diciembre: 12-31 | antes del viernes: 11-19
        lo antes posible: - | el próximo viernes: - | jueves: - | pronto: - | fin de semana: - | cuanto antes: -""",
}  # fmt: skip
CASES = [
    (language, *(part.strip() for part in case.rsplit(":", 1)))
    for language, table in SAID.items()
    for line in table.strip().splitlines()
    for case in line.split("|")
]


@pytest.mark.parametrize(("language", "words", "expected"), CASES)
def test_words_name_the_day_that_was_meant_or_none(language: str, words: str, expected: str) -> None:
    found = due_date(words, THURSDAY, language)
    said = "-" if found is None else f"{found:%m-%d}" if found.year == 2026 else found.isoformat()
    assert said == expected


def test_there_are_enough_words() -> None:
    assert len(CASES) >= 150
    assert sum(expected == "-" for *_, expected in CASES) >= 40


@pytest.mark.parametrize("words", ["", "  ", "x" * 500, "in 99999999999 years", "9" * 50, "\x00", "00/00", "the 99th"])
def test_what_names_no_day_is_no_error(words: str) -> None:
    assert due_date(words, THURSDAY, "en") is None


@pytest.mark.parametrize("language", ["", "xx", "ja"])
def test_a_language_without_known_words_is_read_as_english(language: str) -> None:
    assert due_date("tomorrow", THURSDAY, language) == date(2026, 11, 20)
    assert due_date("明日", THURSDAY, language) is None


def test_weeks_end_on_friday_and_months_on_their_last_day() -> None:
    assert due_date("this week", date(2026, 11, 21), "en") is None  # on a Saturday it is over, or is it
    assert due_date("end of the month", date(2028, 2, 3), "en") == date(2028, 2, 29)
    assert due_date("next month", date(2026, 12, 31), "en") == date(2027, 1, 31)
    assert due_date("on the 31st", date(2027, 2, 3), "en") is None


def test_reading_a_date_opens_no_connection_and_starts_nothing() -> None:
    code = (
        "import sys; seen = []; watched = ('socket.', 'urllib.', 'subprocess.', 'os.system')\n"
        "sys.addaudithook(lambda event, _: seen.append(event) if event.startswith(watched) else None)\n"
        "from datetime import date; from app.core.languages.due_dates import due_date; said = date(2026, 11, 19)\n"
        "print(due_date('by Friday', said, 'en'), due_date('le 24 novembre', said, 'fr'), seen)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "2026-11-20 2026-11-24 []\n"
