"""What counts as proofreading: spelling and grammar, and no figure, name, date or other words."""

import pytest

from app.core.writing.proofreading import names_of, proofread


def read(old: str, new: str, language: str = "en") -> tuple[str, str]:
    found = proofread(old, new, language, names_of(old, language))
    return found.words, found.fault


@pytest.mark.parametrize(
    ("old", "new", "language"),
    [
        ("The last delivery were late, and three boxes is damaged.",
         "The last delivery was late, and three boxes were damaged.", "en"),
        ("Their going too the meeting on wensday.", "They're going to the meeting on Wednesday.", "en"),
        ("I send you the ofer on Wensday", "I will send you the offer on Wednesday.", "en"),
        ("Die Liferung kommt morgen an, wenn das weter gut ist.",
         "Die Lieferung kommt morgen an, wenn das Wetter gut ist.", "de"),
        ("ich habe ihnen die rechnung geschikt", "Ich habe Ihnen die Rechnung geschickt.", "de"),
        ("We need tow chairs", "We need two chairs", "en"),
        ("It costs 5 euro", "It costs 5 euros", "en"),
    ],
)  # fmt: skip
def test_spelling_and_grammar_are_offered(old: str, new: str, language: str) -> None:
    assert read(old, new, language) == (new, "")


@pytest.mark.parametrize(
    ("old", "new", "language", "why"),
    [
        ("It costs 15 euros for all of us.", "It costs 50 euros for all of us.", "en", "figure"),
        ("It costs fifteen euros.", "It costs fifty euros.", "en", "figure"),
        ("Es kostet 1.250 Euro im Jahr.", "Es kostet 1.520 Euro im Jahr.", "de", "figure"),
        ("We meet on Tuesday at noon.", "We meet on Thursday at noon.", "en", "date"),
        ("Wir kommen im Juni zu euch.", "Wir kommen im Juli zu euch.", "de", "date"),
        ("We meet at noon with them.", "We meet at noon on 3 May with them.", "en", "figure"),
        ("The price is **high** again.", "The price is high again.", "en", "markup"),
        ("See a_b for more of it.", "See ab for more of it.", "en", "markup"),
        ("The delivery was late and the boxes were broken when they came to us.",
         "Unfortunately, the shipment arrived late and several packages were damaged on arrival.", "en", "spelling"),
        ("Our offer stays open.", "This proposal remains available indefinitely.", "en", "spelling"),
    ],
)  # fmt: skip
def test_what_is_more_is_not_offered_and_told(old: str, new: str, language: str, why: str) -> None:
    words, fault = read(old, new, language)
    assert words == old
    assert why in fault


@pytest.mark.parametrize(
    ("old", "new", "language", "expected", "names"),
    [
        ("Yesterday Jon Smyth were here.", "Yesterday John Smith was here.", "en", "Yesterday Jon Smyth was here.",
         ("Jon", "Smyth")),
        ("Sehr geehrte Frau Maier, das packet ist da.", "Sehr geehrte Frau Meyer, das Paket ist da.", "de",
         "Sehr geehrte Frau Maier, das Paket ist da.", ("Maier",)),
        ("It were late when we met Jon and Smyth, and Jon come home.",
         "It was late when we met John and Smith, and John came home.", "en",
         "It was late when we met Jon and Smyth, and Jon came home.", ("Jon", "Smyth")),
        ("We has asked Smyth.", "We have asked him.", "en", "We have asked Smyth.", ("Smyth",)),
    ],
)  # fmt: skip
def test_names_stay_as_they_are_written_and_the_rest_is_corrected(
    old: str, new: str, language: str, expected: str, names: tuple[str, ...]
) -> None:
    assert read(old, new, language) == (expected, "")
    assert proofread(old, new, language, names_of(old, language)).names == names


def test_the_lines_end_where_they_ended() -> None:
    old = "The delivery were late, and we had to wait for it, which\nwas not good. It come\nagain."
    new = "The delivery was late, and we had to wait for it, which was not good. It came again."
    assert read(old, new) == (old.replace("were", "was").replace("come", "came"), "")


def test_names_are_told_by_their_capitals() -> None:
    assert names_of("Then Leo and I met Anna Weber on Friday.", "en") == {"leo", "anna", "weber"}
    assert names_of("Morgen kommt Herr Vogt mit der Lieferung und Anna Weber am Freitag.", "de") == {
        "vogt", "anna", "weber"
    }  # fmt: skip


def test_titles_are_no_names_in_their_language() -> None:
    assert names_of("Then Mr Poole and Miss Weber met.", "en") == {"poole", "weber"}
    assert names_of("Hier, Mme Roux et Monsieur Petit sont venus.", "fr") == {"roux", "petit"}
    assert names_of("Dann kam Mr Poole mit Herrn Vogt.", "de") == {"poole", "vogt"}
