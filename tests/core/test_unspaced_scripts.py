"""Text without spaces between its words can be cut so that each word is found."""

import pytest

from app.core.search import all_terms_query, any_term_query
from app.core.unspaced_scripts import comparable_terms, is_unspaced, spaced


@pytest.mark.parametrize("text", ["plain words", "Ünïcödé", "Привет, мир", "안녕 하세요", "שלום", ""])
def test_a_script_with_spaces_is_left_as_it_is(text: str) -> None:
    assert not is_unspaced(text)
    assert spaced(text) is text
    assert comparable_terms(text) == [text]


def test_letters_stand_alone_and_pairs_are_compared() -> None:
    assert spaced("下周A计划").split() == ["下", "周", "A", "计", "划"]
    assert comparable_terms("下周三计划v2好") == ["下周", "周三", "三计", "计划", "v2", "好"]
    assert comparable_terms("会議") == ["会議"]


def test_expressions_ask_for_phrases() -> None:
    assert all_terms_query("项目 预算") == '"项 目" "预 算"*'
    assert any_term_query("什么时候付款") == '"什 么" OR "么 时" OR "时 候" OR "候 付" OR "付 款"'
