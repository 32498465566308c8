"""A model's reply: what it says around the text is taken away, and what can't stand for the text is told."""

import pytest

from app.core.languages.tables import table_of
from app.core.writing.reply import bare_reply, continued, fault_of, figures_of, invented, left_out


@pytest.mark.parametrize(
    ("reply", "words", "bare"),
    [
        ("Here is the corrected text:\n\nWe came.", "We comed.", "We came."),
        ("Sure! Here's the friendlier version:\n\nHello!", "Hi.", "Hello!"),
        ("Korrigierter Text: Wir kamen.", "Wir kahmen.", "Wir kamen."),
        ('"We came."', "We comed.", "We came."),
        ('"We came," he said. "Late."', "x", '"We came," he said. "Late."'),
        ('"We came."', '"We comed."', '"We came."'),
        ("```\nWe came.\n```", "We comed.", "We came."),
        ("We came.\n\nNote: I changed one word.", "We comed.", "We came."),
        ("We came.\n\nNote: bring it.", "We comed.\n\nNote: bring it.", "We came.\n\nNote: bring it."),
        ("Text: it is.", "Text: it are.", "Text: it is."),
    ],
)
def test_what_is_said_around_the_text_is_taken_away(reply: str, words: str, bare: str) -> None:
    assert bare_reply(reply, words) == bare


@pytest.mark.parametrize(
    ("reply", "words", "language", "fault"),
    [
        ("", "We came.", "en", "nothing"),
        ("...", "We came.", "en", "nothing"),
        ("They move it again. " * 20, "They moved it.", "en", "again and again"),
        ("Wir haben das mit ihnen besprochen, und es ist nicht so, wie sie es sagen.", "We came.", "en", "language"),
        ("See the kitchen.", "See [[Kitchen]].", "en", "link"),
        ("See [[Kitchen]].", "See [[Kitchen]].", "en", ""),
        ("We came to you.", "We came.", "en", ""),
        ("We was there. " * 30, "We were there. " * 30, "en", ""),
    ],
)
def test_what_can_not_stand_for_the_text_is_told(reply: str, words: str, language: str, fault: str) -> None:
    assert (fault in fault_of(reply, words, language)) if fault else not fault_of(reply, words, language)


def test_figures_and_names_that_were_not_there_are_found() -> None:
    old = "We need five chairs by Friday, and Leo pays 1,200 euros."
    assert invented("We need 5 chairs by Friday, and Leo pays 1200 euros.", old, "en") == []
    assert invented("We need 6 chairs by Monday, and then Nina pays.", old, "en") == ["6", "Monday", "Nina"]
    assert left_out("We need five chairs, and Leo pays.", old, "en") == ["1200"]
    german = "Wir brauchen fünf Stühle bis Freitag."
    assert invented("Wir brauchen bis Montag 6 Stühle.", german, "de") == ["6", "Montag"]
    assert invented("We need five chairs by Friday.", german, "de", "en") == []
    assert invented("We need 7 chairs by Monday.", german, "de", "en") == ["7", "Monday"]
    assert left_out("We need five chairs by Monday.", german, "de", "en") == ["Freitag"]
    assert invented("## The list\n\nPlease bring five chairs.", "the list: bring five chairs", "en") == []
    assert invented("You may march.", "On Friday, you could march.", "en") == []


def test_figures_are_told_in_digits_and_words() -> None:
    assert figures_of("twelve boxes, 3 of them", table_of("en")) == ["12", "3"]


def test_what_goes_on_does_not_begin_with_the_text_again() -> None:
    text = "Dear Leo,\n\nthe boxes came on Friday, and all were broken."
    assert continued(f"{text} We want new ones.", text) == "We want new ones."
    assert continued("the boxes came on Friday, and all were broken. Please write.", text) == "Please write."
    assert continued("Please write.", text) == "Please write."
