"""Numbers said in words are read as one number each."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.languages.number_words import numbers_in, without_ordinal_ending
from app.core.languages.tables import TABLES, table_of


def read(text: str, code: str = "en") -> str:
    """The text with its numbers as digits, whether they claim a figure or not."""
    words, found, at = text.split(), list[str](), 0
    for number in numbers_in(words, table_of(code)):
        found += [*words[at : number.start], ".".join(number.digits)]
        at = number.end
    return " ".join([*found, *words[at:]])


def claimed(text: str, code: str) -> list[str]:
    """The figures that a text claims."""
    return [".".join(n.digits) for n in numbers_in(text.split(), table_of(code)) if n.is_figure]


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("about twenty five days", "about 25 days"),
        ("two three days", "2 3 days"),
        ("a hundred and ten", "a 110"),
        ("two thousand and twenty", "2020"),
        ("three hundred thousand euros", "300000 euros"),
        ("one million two hundred thousand and five", "1200005"),
        ("thousand thanks and five", "1000 thanks and 5"),
        ("twenty and thirty", "20 and 30"),
        ("five hundred and more", "500 and more"),
        ("twenty zero", "20 0"),
        ("and and and", "and and and"),
        ("", ""),
    ],
)
def test_a_number_in_words(said: str, meant: str) -> None:
    assert read(said) == meant


@given(
    st.lists(st.sampled_from("zero one nine ten twenty ninety hundred thousand million and day".split()), max_size=12)
)
def test_any_words_are_read_and_none_that_is_no_number_is_lost(words: list[str]) -> None:
    found = read(" ".join(words)).split()
    assert found.count("day") == words.count("day")


@pytest.mark.parametrize(
    ("code", "said", "meant"),
    [
        ("de", "zweitausendfünfhundert euro", "2500 euro"),
        ("de", "zweitausend fünfhundert", "2500"),
        ("de", "einundzwanzig oder dreißig", "21 oder 30"),
        ("de", "neunzehnhundertvierundachtzig", "1984"),
        ("de", "fünf komma drei", "5.3"),
        ("fr", "deux mille cinq cents", "2500"),
        ("fr", "quatre vingt dix neuf et septante", "99 et 70"),
        ("es", "dos mil quinientos", "2500"),
        ("es", "treinta y cinco días", "35 días"),
        ("it", "duemilacinquecento", "2500"),
        ("nl", "vijfentwintig", "25"),
        ("da", "femogtyve", "25"),
        ("pt", "dois mil e quinhentos", "2500"),
        ("pl", "ten dom", "ten dom"),  # no table reads its numbers, and English words are not tried
    ],
)
def test_a_number_in_words_of_its_language(code: str, said: str, meant: str) -> None:
    assert read(said, code) == meant


@pytest.mark.parametrize(
    ("code", "text", "figures"),
    [
        ("en", "it takes one day", ["1"]),
        ("en", "no one knows", []),
        ("en", "one of them", []),
        ("en", "twenty one of them", ["21"]),
        ("en", "the second meeting", []),
        ("en", "5 million", ["5000000"]),
        ("en", "2 5 million", ["1000000"]),
        ("de", "ein haus", []),
        ("de", "um eins", ["1"]),
        ("fr", "un homme et une femme", []),
        ("es", "un hombre", []),
        ("es", "veintiuno", ["21"]),
    ],
)
def test_an_article_a_pronoun_and_an_ordinal_claim_no_figure(code: str, text: str, figures: list[str]) -> None:
    assert claimed(text, code) == figures


def test_the_digits_of_an_ordinal_stand_without_its_ending() -> None:
    assert [without_ordinal_ending(word, table_of("en")) for word in ("3rd", "3", "word", "th")] == [
        "3",
        "3",
        "word",
        "th",
    ]


@given(st.text(st.characters(), max_size=30), st.sampled_from(sorted(TABLES)))
def test_any_text_can_be_read(text: str, code: str) -> None:
    for number in numbers_in((text + " \ud83d").split(), table_of(code)):
        assert number.start < number.end


@given(st.lists(st.from_regex(r"[0-9]{1,4}(st|nd|th|er|e|º|ª|k)?", fullmatch=True)), st.sampled_from(sorted(TABLES)))
def test_what_is_written_in_digits_is_no_number_in_words(words: list[str], code: str) -> None:
    assert numbers_in(words, table_of(code)) == []
