"""Whether a title tells one call from others: generic ones don't, in whatever language a model writes them."""

import pytest

from app.core.evidence.passages import CallLines, SpokenLine
from app.core.evidence.title import is_telling_title

ENGLISH = CallLines(
    [
        SpokenLine(
            "Priya", "Hello, this call is about the supply contract; here is a short summary of the last meeting."
        ),
        SpokenLine("Leo", "The last delivery was late, three boxes were damaged."),
    ],
    "en",
)
GERMAN = CallLines(
    [
        SpokenLine("Ute", "Guten Tag, ich rufe wegen der Heizung an, das Gespräch dauert nicht lange."),
        SpokenLine("Jonas", "Das neue Angebot kommt bis Freitag."),
    ],
    "de",
)


@pytest.mark.parametrize(
    ("title", "call"),
    [
        ("Call Summary", ENGLISH),
        ("Summary of the Meeting", ENGLISH),
        ("Short summary of this call between two speakers", ENGLISH),
        ("Key Points and Decisions", ENGLISH),
        ("Untitled", ENGLISH),
        ("Holiday in Greece", ENGLISH),
        ("Transcript 1", ENGLISH),
        ("", ENGLISH),
        ("…", ENGLISH),
        ("Zusammenfassung des Gesprächs", GERMAN),
        ("Das Telefonat", GERMAN),
        ("Call Summary", GERMAN),
        ("Résumé de l'appel", GERMAN),
        ("Gespräch über Urlaub in Griechenland", GERMAN),
    ],
)
def test_a_title_that_could_stand_over_any_call_tells_nothing(title: str, call: CallLines) -> None:
    assert not is_telling_title(title, call, "Call Overview Decisions")


@pytest.mark.parametrize(
    ("title", "call"),
    [
        ("Supply Contract", ENGLISH),
        ("Meeting about the late delivery", ENGLISH),
        ("Summary of the supply contracts", ENGLISH),
        ("Damaged boxes and discounts", ENGLISH),
        ("Heizung", GERMAN),
        ("Telefonat über das neue Angebot", GERMAN),
        ("Gespräch mit Jonas", GERMAN),
    ],
)
def test_a_title_with_what_this_call_says_tells_it(title: str, call: CallLines) -> None:
    assert is_telling_title(title, call, "Call Overview Decisions")


def test_a_heading_of_the_template_is_no_title() -> None:
    call = CallLines([SpokenLine("Ana", "My diagnosis was a swollen knee.")], "en")
    assert is_telling_title("Diagnosis", call)
    assert not is_telling_title("Diagnosis", call, "Visit Diagnosis")
    assert is_telling_title("Diagnosis of a knee", call, "Visit Diagnosis")
