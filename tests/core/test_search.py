"""Whatever a person types, the expression made of it is one that SQLite takes."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlcipher3 import dbapi2

from app.core.search import all_terms_query, any_term_query, terms
from app.core.unspaced_scripts import spaced


@pytest.fixture(scope="module")
def table() -> Iterator[Any]:
    db = dbapi2.connect(":memory:")
    db.execute("CREATE VIRTUAL TABLE t USING fts5 (text, tokenize='unicode61 remove_diacritics 2')")
    lines = [
        "We agree to move the launch.",
        "The launching of C++ isn't café-like",
        "R2-D2 costs 1,500",
        "ÖL und MÜLL",
        "下周三开始付款",
        "会議は来週です",
    ]
    db.executemany("INSERT INTO t VALUES (?)", [(spaced(line),) for line in lines])
    yield db
    db.close()


def found(table: Any, expression: str) -> set[int]:
    return {row[0] for row in table.execute("SELECT rowid FROM t WHERE t MATCH ?", [expression])}


@given(st.text(max_size=60))
@example('"')
@example("NEAR(a b)")
@example("a AND NOT b OR text:c ^d*")
@example("_ __ a_b")
@example("l’été qu'il's '")
@example("ª \u0300 \ud83d")
@example("\0")
def test_any_text_is_an_expression(table: Any, text: str) -> None:
    for expression in (all_terms_query(text), any_term_query(text)):
        if expression:
            found(table, expression)
    assert bool(all_terms_query(text)) == bool(terms(text))


@pytest.mark.parametrize(
    ("query", "lines"),
    [
        ("launch", {1, 2}),
        ("LAUNCH move", {1}),
        ("move the lau", {1}),
        ("lau move", set()),  # only the last word may be begun
        ("cafe", {2}),
        ("öl", {4}),
        ("mull", {4}),
        ("isn't", {2}),
        ("isn’t", {2}),
        ("1,500", {3}),
        ("R2-D2", {3}),
        ("OR", set()),
        ("launch NOT agree", set()),
        ("付款", {5}),
        ("来週", {6}),
        ("款", {5}),
        ("款付", set()),
    ],
)
def test_every_word_must_occur_and_the_last_may_be_begun(table: Any, query: str, lines: set[int]) -> None:
    assert found(table, all_terms_query(query)) == lines


def test_a_question_finds_lines_with_any_of_its_words_of_content(table: Any) -> None:
    assert any_term_query("When will they move the launch?") == '"move" OR "launch"'
    assert found(table, any_term_query("Who said what it costs?")) == {3}
    assert any_term_query("What did they say about it?") == ""


def test_nothing_typed_is_no_expression() -> None:
    assert all_terms_query("") == all_terms_query(" ?!… ") == ""
