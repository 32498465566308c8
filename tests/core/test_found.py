"""Where the words of a search stand in a text, and whether all of them do."""

import pytest

from app.core.found import has_every_word, places_of, spans_of


def marked(text: str, query: str) -> str:
    """The text with brackets around what is marked."""
    parts, at = [], 0
    for start, end in spans_of(text, query):
        parts += [text[at:start], "[", text[start:end], "]"]
        at = end
    return "".join([*parts, text[at:]])


@pytest.mark.parametrize(
    ("text", "query", "shown"),
    [
        ("Can you send the price list by Friday?", "price list", "Can you send the [price] [list] by Friday?"),
        ("The prices, the price.", "price", "The [price]s, the [price]."),
        ("The prices, the price.", "price the", "[The] prices, [the] [price]."),
        ("Über den Café-Preis", "cafe uber", "[Über] den [Café]-Preis"),
        ("nothing here", "price", "nothing here"),
        ("nothing here", "", "nothing here"),
        ("会議は金曜日です", "金曜日", "会議は[金曜日]です"),
        ("don’t stop", "don’t", "[don’t] stop"),
    ],
)
def test_words_are_marked_as_they_are_found(text: str, query: str, shown: str) -> None:
    assert marked(text, query) == shown


@pytest.mark.parametrize(
    ("text", "query", "is_so"),
    [
        ("Send the price list", "list price", True),
        ("Send the price list", "pric list", False),  # only the last may be begun
        ("Send the price list", "list pric", True),
        ("Send the price list", "PRICE LÍST", True),
        ("会議は金曜日です", "会議 金曜日", True),
        ("anything", "", False),
        ("anything", "?!", False),
    ],
)
def test_every_word_must_be_there(text: str, query: str, is_so: bool) -> None:
    assert has_every_word(text, query) is is_so


@pytest.mark.parametrize(
    ("text", "words", "found"),
    [
        ("The Price list, the price.", "price", ["Price", "price"]),
        ("The price list", "price  list", ["price list"]),
        ("price and list", "price list", []),
        ("Ein Café in der CAFÉSTRASSE", "cafe", ["Café", "CAFÉ"]),
        ("Cafe\u0301 hier", "café", ["Cafe\u0301"]),
        ("Die Straße und die Strasse", "strasse", ["Straße", "Strasse"]),
        ("aaaa", "aa", ["aa", "aa"]),
        ("我们同意买房", "同意", ["同意"]),
        ("anything", "   ", []),
    ],
)
def test_words_are_found_as_they_stand_but_for_case_and_accents(text: str, words: str, found: list[str]) -> None:
    assert [text[first:last] for first, last in places_of(text, words)] == found
