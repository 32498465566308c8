"""Whatever a person types, the expression made of it is one that SQLite takes."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlcipher3 import dbapi2

from app.core.search import MOST_TERMS, all_terms_query, any_term_query, content_terms, terms
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
        ("lau lau", set()),  # and not where it was asked for whole before
        ("launch launch", {1}),
        ("_ launch", {1, 2}),
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
    assert all_terms_query("") == all_terms_query(" ?!… ") == all_terms_query("_ __") == ""


MANY = [f"word{n}" for n in range(60_000)]


@pytest.mark.parametrize("count", [64, 65, 300, 5000, 60_000])
def test_a_search_takes_any_number_of_words(table: Any, count: int) -> None:
    text = " ".join(["launch", *MANY[: count - 1]])
    assert found(table, any_term_query(text)) == ({1} if "launch" in content_terms(text) else set())
    assert not found(table, all_terms_query(text)) or count > MOST_TERMS
    assert len(content_terms(text)) <= MOST_TERMS


def test_a_pasted_paragraph_finds_the_lines_that_have_some_of_it(table: Any) -> None:
    paragraph = " ".join(f"w{n}" for n in range(500)) + " isn't the launching of something café-like?"
    assert found(table, all_terms_query(paragraph)) == {2}


@pytest.mark.parametrize("text", ["付" * 100_000, "x" * 1_000_000, "é" * 70, "a " * 100_000, "the of and to " * 5000])
def test_a_word_of_any_length_is_taken(table: Any, text: str) -> None:
    for expression in (all_terms_query(text), any_term_query(text)):
        assert len(expression) < 20_000
        if expression:
            found(table, expression)
