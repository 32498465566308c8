"""A chat is named by what was asked, and keeps its question as a name where a model says something else."""

import pytest

from app.core.chat_title import title_of_reply

LETTER = "Could you write a letter to my landlord about the broken heating?"


@pytest.mark.parametrize(
    ("reply", "question", "title"),
    [
        ("Letter to the landlord", LETTER, "Letter to the landlord"),
        ('"broken heating"', LETTER, "Broken heating"),
        ("**Title:** Letter about heating\n\nDear Sir,", LETTER, "Letter about heating"),
        ("Brief an die Krankenkasse.", "Schreib einen Brief an die Krankenkasse", "Brief an die Krankenkasse"),
        ("Chat about the weather", "What do they talk about?", ""),  # made up
        ("", LETTER, ""),
        ("Dear landlord, the heating is broken. Please come soon.", LETTER, ""),  # the letter itself
        ("Write a letter to my landlord about the broken heating in my flat", LETTER, ""),  # as long as the question
    ],
)
def test_a_title_is_short_and_of_what_was_asked(reply: str, question: str, title: str) -> None:
    assert title_of_reply(reply, question) == title
