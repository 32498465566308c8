"""Whether a cited line can support a sentence, and what its markers say."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.evidence.passages import CallLines, SpokenLine
from app.core.evidence.verdict import judge
from app.core.evidence.words import (
    content_stems,
    distinct_indices,
    invents,
    is_same_point,
    sentences_of,
    without_markers,
    without_repetition,
)
from app.core.languages.tables import table_of


def is_supported(sentence: str, cited: list[str], names: Sequence[str] = (), language: str = "") -> bool:
    return judge(sentence, CallLines([SpokenLine("", line) for line in cited], language, names)).verdict == "confirmed"


LAUNCH = "Then we agree to move the launch."
DAYS = "It should take about three days."
NINA = "I asked Nina to review the final design tomorrow morning."


@pytest.mark.parametrize(
    ("sentence", "cited"),
    [
        ("Move the launch.", [LAUNCH]),
        ("They agreed on moving the launch.", [LAUNCH]),
        ("It takes 3 days.", [DAYS]),
        ("It takes three days.", ["It takes 3 days"]),
        ("Nina reviews the design.", [NINA]),
        ("Nina's review is tomorrow.", [NINA]),
        ("The launch is moved by 3 days.", [LAUNCH, DAYS]),
        ("Costs are 1500 a month.", ["the costs would be 1500 every month"]),
        ("RÉSUMÉ sent", ["the resume was sent"]),
        ("It costs 1,500 a month.", ["the costs would be 1500 every month"]),
        ("It costs 1500.", ["it costs fifteen hundred"]),
        ("The fee is 25 euros.", ["that would be twenty-five euros as a fee"]),
        ("The loan is 2,540 euros.", ["a loan of two thousand five hundred and forty euros"]),
        ("They meet in 2027.", ["we meet again in twenty twenty-seven"]),
        ("项目预算是五万", ["我们项目的预算大概是五万"]),
        ("下周3点付款", ["好的,下周3点付款"]),
    ],
)
def test_a_sentence_that_its_line_bears(sentence: str, cited: list[str]) -> None:
    assert is_supported(sentence, cited)


@pytest.mark.parametrize(
    ("sentence", "cited"),
    [
        ("It takes 5 days.", [DAYS]),
        ("It takes five days.", [DAYS]),
        ("They move Nina's launch.", [LAUNCH]),
        ("The design is reviewed by Oscar tomorrow.", [NINA]),
        ("The payment page is slow.", [LAUNCH]),
        ("The launch is moved to 2027.", [LAUNCH]),
        ("The launch is moved by 3 days.", [LAUNCH]),
        ("Move the launch.", []),
        ("Move the launch at 10:30.", [LAUNCH]),
        ("It costs 1,500.", ["it costs 15 and later 500"]),
        ("It takes five days.", ["It takes twenty-five days"]),
        ("天气很好", ["项目预算是五万"]),
        ("下周5点付款", ["好的,下周3点付款"]),
    ],
)
def test_a_sentence_that_its_line_does_not_bear(sentence: str, cited: list[str]) -> None:
    assert not is_supported(sentence, cited)


def test_a_german_noun_in_another_form_is_no_invented_name() -> None:
    line = "Ich schicke dir die Rechnung für die Lieferung."
    assert is_supported("Er schickt die Rechnungen zum Liefertermin.", [line], language="de")
    assert not is_supported("Er schickt die Rechnung an Annegret.", [line], language="de")
    assert not is_supported("Er schickt die Rechnung in 14 Tagen.", [line], language="de")


def test_the_names_of_the_speakers_are_known() -> None:
    assert not is_supported("The launch is moved with Leo.", [LAUNCH])
    assert is_supported("The launch is moved with Leo.", [LAUNCH], ["Elena", "Leo"])


def test_a_sentence_cited_in_its_own_words_is_always_borne() -> None:
    for line in (LAUNCH, DAYS, NINA, "Yes.", "Okay, thank you.", "今日は良い日です", ". 0", "! a"):
        assert is_supported(line, [line])


@given(st.text(max_size=80).filter(lambda text: any(letter.isalnum() for letter in text)))
def test_any_text_bears_itself(text: str) -> None:
    assert is_supported(text, [text])


@given(st.text(max_size=60), st.lists(st.text(max_size=40), max_size=3), st.text(max_size=40))
def test_another_line_never_takes_support_away(sentence: str, cited: list[str], more: str) -> None:
    if is_supported(sentence, cited):
        assert is_supported(sentence, [*cited, more])


def test_markers_are_taken_out_with_the_space_before_them() -> None:
    assert without_markers("Moved [7], by Leo [12, 3].\n- Again [1]") == "Moved, by Leo.\n- Again"
    assert without_markers("A [note] stays") == "A [note] stays"


@given(st.text(alphabet="ab [],0123456789.\n", max_size=60))
def test_a_text_without_markers_has_none(text: str) -> None:
    assert without_markers(without_markers(text)) == without_markers(text) or "[" in without_markers(text)


def test_points_are_the_same_if_most_words_are() -> None:
    assert is_same_point("Move the launch.", "Moved the launch")
    assert is_same_point("Send the test results by Friday", "Send the test results by Friday.")
    assert not is_same_point("Send the test results by Friday", "Send the test results by Monday or so")
    assert not is_same_point("", "")


def test_a_text_is_told_once() -> None:
    assert sentences_of(" A call. They move it!  Why? ") == ["A call.", "They move it!", "Why?"]
    assert sentences_of("") == []
    assert sentences_of("Dr. Meyer pays 3.5 million. He agrees, e.g. on Friday.") == [
        "Dr. Meyer pays 3.5 million.",
        "He agrees, e.g. on Friday.",
    ]
    assert sentences_of("Das ist z. B. am 3. Mai. Gut.", "de") == ["Das ist z. B. am 3. Mai.", "Gut."]
    assert sentences_of("我们同意。下周付款。") == ["我们同意。", "下周付款。"]
    assert without_repetition("A call. They move it. A call. Yes.") == "A call. They move it. Yes."


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The budget for the new website launch is 5000 euros", "The budget for the new website launch is 6000 euros"),
        ("Nina reviews the final design of the page tomorrow", "Oscar reviews the final design of the page tomorrow"),
        ("They agreed to move the launch by three days", "They agreed to move the launch by two days"),
    ],
)
def test_points_that_differ_in_a_figure_or_a_name_are_two(one: str, other: str) -> None:
    assert not is_same_point(one, other)


def test_what_was_said_before_is_left_out() -> None:
    assert distinct_indices(["Move the launch.", "The page is slow.", "Moved the launch", "Pay Nina"]) == [0, 1, 3]


@given(st.lists(st.sampled_from(["move the launch", "the page is slow", "Moves the launch.", "pay 5", "pay 6", ""])))
def test_what_is_left_out_was_said(texts: list[str]) -> None:
    kept = distinct_indices(texts)
    assert kept == sorted(set(kept))
    for place, text in enumerate(texts):
        assert place in kept or any(is_same_point(text, texts[k]) for k in kept if k < place)
    assert not any(is_same_point(texts[a], texts[b]) for a in kept for b in kept if a != b)


@pytest.mark.parametrize(
    ("code", "sentence", "line"),
    [
        ("de", "Das Haus kostet 2500 Euro.", "Die Häuser kosten zweitausendfünfhundert Euro."),
        ("de", "Er bezahlte am 3. Mai.", "Ich habe am dritten Mai bezahlt."),
        ("fr", "Ils ont acheté 21 chaises.", "On a acheté vingt et une chaises, non, vingt et un."),
        ("fr", "L'assurance paie.", "C'est l’assurance qui paiera, les assurances paient."),
        ("en", "They decided on 5 million.", "we decide: five million"),
        ("en", "It starts on the 3rd of May.", "the third of May is the start"),
        ("sw", "Mkutano ni kesho.", "mkutano utakuwa kesho"),
    ],
)
def test_inflected_and_spelled_out_in_its_language(code: str, sentence: str, line: str) -> None:
    assert is_supported(sentence, [line], language=code)


@pytest.mark.parametrize(
    ("code", "sentence", "line"),
    [
        ("de", "Das Haus kostet 2600 Euro.", "Die Häuser kosten zweitausendfünfhundert Euro."),
        ("fr", "Ils ont acheté 22 chaises.", "On a acheté vingt et une chaises."),
        ("es", "Cuesta 2400 al mes.", "El costo es de dos mil quinientos cada mes."),
        ("en", "It takes one day.", "It takes three days."),
    ],
)
def test_another_figure_in_its_language(code: str, sentence: str, line: str) -> None:
    assert not is_supported(sentence, [line], language=code)


def test_numbers_in_neighbouring_sentences_are_not_read_as_one() -> None:
    text = "We were twenty. Five left."
    assert is_supported(text, [text])


# --- Each side of each threshold -----------------------------------------------------------------


def test_points_with_three_quarters_of_their_words_in_common_are_the_same() -> None:
    assert is_same_point("apple banana cherry", "apple banana cherry damson")
    ten = "apple banana cherry damson elder fennel garlic hazel"
    assert not is_same_point(ten, f"{ten} iris juniper kale")  # 8 of 11: 0.73
    assert is_same_point(ten, f"{ten} iris juniper")  # 8 of 10


def test_a_word_of_content_has_four_letters() -> None:
    assert content_stems("A dog barks at cats.", table_of("en")) == {"bark", "cat"}
    assert is_supported("He has cats", ["cats"])
    assert not is_supported("He has cats", ["has"])


def test_forms_of_a_german_noun_share_five_letters() -> None:
    assert not invents("Er sieht den Abteilungsplan.", ["die Abtei plant"], "de")
    assert invents("Er sieht die Rechnung.", ["die Rechte plant"], "de")  # four


def test_a_pronoun_is_no_figure_and_a_figure_is_the_same_in_words() -> None:
    assert not invents("No one objected to the plan.", ["the plan was fine with everybody"])
    assert not invents("Cuesta 2500 al mes.", ["El costo es de dos mil quinientos cada mes."], "es")
