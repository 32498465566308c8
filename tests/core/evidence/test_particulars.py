"""The figures and names of a text, and which of them a passage has otherwise."""

import pytest

from app.core.evidence.particulars import Differences, differences
from app.core.languages.tables import table_of

OFFER = "They offered a five percent discount if we renew for two years, and Priya sends it."
RATES = "We pay about twelve percent more than in March."


@pytest.mark.parametrize(
    ("sentence", "missing", "instead"),
    [
        ("The discount is 5 percent for 2 years.", (), ()),
        ("The discount is 15 percent.", ("15",), ("five percent",)),
        ("They renew for three years.", ("three",), ("two years",)),
        ("The discount is 2 percent.", ("2",), ("five percent",)),  # two is said, but of years
        ("The price list comes on day 15.", ("15",), ()),
        ("Then Oscar sends it.", ("Oscar",), ("Priya",)),
        ("Then Oscar visits the factory.", ("Oscar",), ()),
        ("Later Priya sends it.", (), ()),
        ("They met Leo.", (), ()),
        ("The discount of five percent.", (), ()),
        ("", (), ()),
    ],
)
def test_what_a_passage_has_otherwise(sentence: str, missing: tuple[str, ...], instead: tuple[str, ...]) -> None:
    assert differences(sentence, [OFFER], ["Leo"], table_of("en")) == Differences(missing, instead)


def test_a_figure_that_a_hyphen_joins_to_a_word_belongs_to_that_word() -> None:
    said = ["COVID-19 hit 26 towns."]
    assert differences("It was COVID-26.", said, [], table_of("en")) == Differences(("26",), ("19",))
    assert differences("It was COVID-19.", said, [], table_of("en")) == Differences()
    assert differences("It was COVID-26.", ["The towns with COVID-19 were 26."], [], table_of("en")).missing == ("26",)


def test_a_figure_without_a_unit_stands_for_none_that_has_another_there() -> None:
    said = ["We have a selling price of twenty-five euros.", "In pounds?", "Seventeen."]
    assert differences("The price is 17 euros.", said, [], table_of("en")) == Differences(
        ("17",), ("twenty five euros",)
    )


def test_a_figure_without_a_unit_in_a_line_about_the_matter_may_have_that_of_the_sentence() -> None:
    said = ["Zero at twenty hertz?", "The left edge of the first filter is at sixty-four.", "Mm-hmm."]
    assert differences("The first filter starts at sixty-four hertz.", said, [], table_of("en")) == Differences()
    assert differences("The first filter starts at seventy hertz.", said, [], table_of("en")).missing == ("seventy",)


def test_a_figure_that_is_said_elsewhere_in_the_call_is_not_contradicted() -> None:
    found = differences("They renew for three years.", [OFFER], [], table_of("en"), {"3"})
    assert found == Differences(("three",), ())


@pytest.mark.parametrize(
    ("language", "sentence", "said", "missing"),
    [
        ("de", "Sie zahlen zwölf Prozent mehr.", "Wir zahlen 12 Prozent mehr.", ()),
        ("de", "Sie zahlen dreizehn Prozent mehr.", "Wir zahlen 12 Prozent mehr.", ("dreizehn",)),
        ("de", "Sie sprachen über die Rechnungen.", "Die Rechnung kommt morgen.", ()),
        ("fr", "Le devis est de vingt euros.", "le devis est de 20 euros", ()),
        ("es", "El precio son treinta euros.", "el precio son 20 euros", ("treinta",)),
        ("zh", "下周5点付款", "好的,下周3点付款", ("下周5点付款",)),
    ],
)
def test_figures_in_other_languages(language: str, sentence: str, said: str, missing: tuple[str, ...]) -> None:
    assert differences(sentence, [said], [], table_of(language)).missing == missing


def test_initials_are_one_word_however_they_are_written() -> None:
    for said in ("the L.C.D. screen", "the L_C_D_ screen", "the LCD screen"):
        assert differences("It has an LCD screen.", [said], [], table_of("en")) == Differences()
