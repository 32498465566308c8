"""Numbers said in words are read as one number each."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.numerals import with_digits


def read(text: str) -> str:
    return " ".join(plain for _, plain in with_digits([(word, word) for word in text.split()]))


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
