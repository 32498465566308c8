"""What a model is told: in the text's language where there are words for it, with the text last and whole."""

import pytest

from app.core.writing.action import TextAction
from app.core.writing.instructions import writing_prompt

WRITTEN = [one for one in TextAction if one not in (TextAction.SUMMARY, TextAction.TASKS, TextAction.ASK)]


@pytest.mark.parametrize("action", WRITTEN)
@pytest.mark.parametrize("language", ["en", "de", "fr", ""])
@pytest.mark.parametrize("is_plain", [False, True])
def test_the_text_stands_last_and_whole(action: TextAction, language: str, is_plain: bool) -> None:
    prompt = writing_prompt(action, "A {text}.\n\nOf two.", language, "nl", is_plain=is_plain)
    role, last = prompt.messages[-1]
    assert role == "user"
    assert last.endswith("\n\nA {text}.\n\nOf two.")
    assert ("Dutch" in last) == (action is TextAction.TRANSLATE)
    assert [one[0] for one in prompt.messages].count("system") == (0 if is_plain else 1)


def test_a_german_text_is_worked_on_in_german_and_one_of_another_language_is_named() -> None:
    assert "Korrigiere" in writing_prompt(TextAction.PROOFREAD, "x", "de").messages[-1][1]
    assert "Write in French." in writing_prompt(TextAction.FORMAL, "x", "fr").messages[-1][1]
    assert "Write in" not in writing_prompt(TextAction.FORMAL, "x", "").messages[-1][1]
    assert "into English" in writing_prompt(TextAction.TRANSLATE, "x", "de", "en").messages[-1][1]
