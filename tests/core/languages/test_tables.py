"""Each table is one file, and names what its libraries know."""

import pytest
from snowballstemmer import algorithms
from text_to_num import alpha2digit

from app.core.languages.codes import LANGUAGE_CODES
from app.core.languages.stemming import stem
from app.core.languages.tables import TABLES, language_of_question, table_of


@pytest.mark.parametrize("code", sorted(TABLES))
def test_a_table_names_what_its_libraries_know(code: str) -> None:
    table = TABLES[code]
    assert table.code == code
    assert code in LANGUAGE_CODES
    assert table.stemmer in {*algorithms(), ""}
    if table.has_number_words:
        alpha2digit("", code)
    for field in (table.stop_words, table.address_words or (), table.articles, table.capital_words):
        assert all(word == word.casefold() for word in field)


@pytest.mark.parametrize(
    ("code", "one", "other"),
    [
        ("en", "decided", "deciding"),
        ("en", "résumé", "resume"),
        ("de", "häuser", "haus"),
        ("fr", "l'acheté", "achetées"),
        ("it", "l'assicurazione", "assicurazioni"),
        ("es", "compró", "compraron"),
        ("ru", "договора", "договор"),
        ("sw", "miles", "mile"),
    ],
)
def test_forms_of_a_word_have_one_stem(code: str, one: str, other: str) -> None:
    assert stem(one, table_of(code)) == stem(other, table_of(code))


@pytest.mark.parametrize(
    ("question", "code"),
    [
        ("when did the server die", "en"),
        ("was haben sie über das budget gesagt", "de"),
        ("qu'est ce que nina a dit sur le budget", "fr"),
        ("qué dijeron sobre el presupuesto", "es"),
        ("budget", "en"),
        ("", "en"),
    ],
)
def test_a_question_is_in_the_language_of_its_stop_words(question: str, code: str) -> None:
    assert language_of_question(question.split()).code == code


def test_a_language_without_a_table_has_an_empty_one() -> None:
    assert table_of("").code == "en"
    assert (table_of("sw").code, table_of("sw").stemmer, table_of("sw").has_number_words) == ("sw", "", False)
