"""An answer in a few words is looked up together with its question."""

import pytest

from app.core.conversation import Mark
from app.storage.vault import Vault
from tests.doubles.engines import ScriptedEngines, ScriptedLanguage
from tests.services.stage import Stage, Watching, lines_of

LINES = ["The payment page is slow.", "How long will that take?", "About three days.", "We agree to move the launch."]
QUESTION = "How long will the payment page take?"


@pytest.mark.parametrize(
    ("answer", "marks"), [("Three days.", (Mark(11, 11, (1, 2, 3)),)), ("Nine days.", (Mark(10, 10),))]
)
def test_it_leads_to_the_lines_that_answer_or_to_none(vault: Vault, answer: str, marks: tuple[Mark, ...]) -> None:
    stage = Stage(vault, ScriptedEngines(language=ScriptedLanguage(lambda _: answer)))
    chat = stage.answering.start(lines_of(stage.store, LINES))
    assert stage.answering.reply(chat.id, QUESTION, Watching()).marks == marks
