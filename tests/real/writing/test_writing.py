"""Real models at work on texts of people: what can be checked of it by code (`README.md` has what was read)."""

from collections.abc import Iterator

import pytest

from app.core.errors import EngineError
from app.core.job import NullContext
from app.core.languages.tables import language_of_text, table_of
from app.core.writing.action import TextAction
from app.core.writing.parts import parts_of, protected_spans
from app.core.writing.reply import dates_of, figures_of
from app.services.writing.writing import Writing
from tests.real.folder import LANGUAGE_MODELS
from tests.real.writing.write import RealText, pool_with, real_texts

CASES = [
    pytest.param(one, TextAction(action), id=f"{one.name}-{action}") for one in real_texts() for action in one.actions
]


@pytest.fixture(scope="module", params=LANGUAGE_MODELS[:2])
def writing(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Writing]:
    pool = pool_with(request.param, tmp_path_factory.mktemp("home"))
    yield Writing(pool)
    pool.close()


def kept(text: str) -> list[str]:
    """What no action may change: code, tables, marks of items and headings."""
    return [part.text if part.kind == "kept" else part.lead for part in parts_of(text) if part.text.strip()]


@pytest.mark.parametrize(("one", "action"), CASES)
def test_what_code_can_tell_of_a_result(writing: Writing, one: RealText, action: TextAction) -> None:
    try:
        written = writing.run(action, one.text, NullContext(), target=one.to)
    except EngineError as error:
        if "too weak" not in error.title:
            raise
        return  # told in words, and the text is as it was
    if action.facts.is_rewriting:
        assert protected_spans(written.new) == protected_spans(one.text)
        code = [part.text for part in parts_of(one.text) if "```" in part.text]
        assert all(block in written.new for block in code)
        assert told_in(written.new, written.language) or any("Left as it was in" in note for note in written.notes)
    if action is TextAction.PROOFREAD:
        table = table_of(one.language)
        assert kept(written.new) == kept(one.text)
        assert figures_of(written.new, table) == figures_of(one.text, table)
        assert set(dates_of(written.new, table).values()) >= set(dates_of(one.text, table).values())
        assert written.difference.old == one.text
        assert written.difference.new == written.new
    if written.lines is not None and written.summary is not None:
        items = [item for section in written.summary.sections for item in (*section.sentences, *section.items)]
        known = range(1, len(one.text.splitlines()) + 1)
        assert all(number in known for item in items for number in written.lines.numbers(item))


def told_in(text: str, language: str) -> bool:
    """Whether a text is in a language, or in none that can be told."""
    return language_of_text(text) in ("", language)
