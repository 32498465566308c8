"""What a text states."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from app.core.statements import statements_of

MINUTES = """# Minutes

Tuesday, supply contract

The contract is **renewed** for two
years. Dr. Meyer pays in two parts! Is Leo there?

Decided:
- Leo sends the price list
  by Friday.
* The last delivery was late
1. Pay 3.5 percent. Then close.

> Quoted words stand.
"""


def test_sentences_are_found_without_headings_marks_and_questions() -> None:
    found = statements_of(MINUTES)
    assert [one.text for one in found] == [
        "The contract is renewed for two years.",
        "Dr. Meyer pays in two parts!",
        "Leo sends the price list by Friday.",
        "The last delivery was late",
        "Pay 3.5 percent.",
        "Then close.",
        "Quoted words stand.",
    ]


def test_their_places_are_those_of_the_text() -> None:
    for one in statements_of(MINUTES):
        assert " ".join(MINUTES[one.start : one.end].replace("**", "").split()) == one.text


def test_a_single_claim_without_a_full_stop_is_a_statement() -> None:
    assert [one.text for one in statements_of("The price is 5 euros")] == ["The price is 5 euros"]
    assert [one.text for one in statements_of("价格是五欧元。下周付款。", "zh")] == ["价格是五欧元。", "下周付款。"]
    assert statements_of(" \n## \n--- \n*** \n???\n") == []


@given(st.text(alphabet="aB .!?#-*\n:1)>", max_size=80))
def test_any_text_has_statements_in_order(text: str) -> None:
    found = statements_of(text)
    assert all(a.end <= b.start for a, b in itertools.pairwise(found))
    assert all(one.text and text[one.start : one.end].strip() for one in found)


def test_a_heading_takes_no_statement_before_it_away() -> None:
    for heading in ("# Open points", "Open points:"):
        found = statements_of(f"We ship on Monday\n{heading}\n\n- The dog sleeps.\n")
        assert [one.text for one in found] == ["We ship on Monday", "The dog sleeps."]
