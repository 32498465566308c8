"""What a line of a note is, and which stretches of it are shown in which way."""

import time

import pytest

from app.core.note_markup import line_of, lines_of


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("# Supplier review", "heading", "Supplier review"),
        ("###### Sixth", "heading", "Sixth"),
        ("####### Seventh", "text", "####### Seventh"),
        ("#work", "text", "#work"),
        ("- a point", "bullet", "a point"),
        ("  * deeper", "bullet", "deeper"),
        ("12. twelfth", "number", "twelfth"),
        ("- [ ] open", "task", "open"),
        ("- [x] done", "task", "done"),
        ("- [ ]", "task", ""),
        ("- [link]", "bullet", "[link]"),
        ("> said", "quote", "said"),
        ("---", "rule", ""),
        ("- - -", "rule", ""),
        ("```python", "fence", ""),
        ("a `b` c", "text", "a b c"),
        ("", "text", ""),
    ],
)
def test_a_line_is_what_markdown_says(text: str, kind: str, words: str) -> None:
    line = line_of(text)
    assert (line.kind, line.words) == (kind, words)


@pytest.mark.parametrize(
    ("text", "words", "kinds"),
    [
        ("They offer a **5 percent discount** now", "They offer a 5 percent discount now", ["strong"]),
        ("*soft* and _soft_ and __loud__", "soft and soft and loud", ["emphasis", "emphasis", "strong"]),
        ("~~gone~~", "gone", ["strike"]),
        ("***both***", "both", ["strong", "emphasis"]),
        ("**bold with `code` and [[A link|its words]]**", "bold with code and its words", ["strong", "code", "link"]),
        ("snake_case_name and 2*3*4", "snake_case_name and 234", ["emphasis"]),
        ("`**not bold**` [[**A**]]", "**not bold** **A**", ["code", "link"]),
        ("** no ** and * no *", "** no ** and * no *", []),
        ("``a ` b``", "a ` b", ["code"]),
        ("see [[Kitchen: colours]], #family #Ärzte/Zahn", "see Kitchen: colours, #family #Ärzte/Zahn",
         ["link", "tag", "tag"]),
        ("no tag: a#b, https://x.example/#top, ##x, #1", "no tag: a#b, https://x.example/#top, ##x, #1", []),
        ("[[open [[A]] and [[]]", "[[open A and [[]]", ["link"]),
    ],
)  # fmt: skip
def test_marks_are_told_from_words(text: str, words: str, kinds: list[str]) -> None:
    line = line_of(text)
    assert [span.kind for span in line.spans] == kinds
    assert line.words == words


def test_nothing_within_code_is_marked() -> None:
    lines = list(lines_of("```\n# no heading\n- [ ] no task #no\n~~~\n````\nafter **it**\n~~~~\n[[a]]"))
    assert [line.kind for line in lines] == ["fence", "code", "code", "code", "fence", "text", "fence", "code"]
    assert [len(line.spans) for line in lines] == [0, 0, 0, 0, 0, 1, 0, 0]


def test_an_inline_fence_of_backticks_opens_no_code() -> None:
    assert [line.kind for line in lines_of("```a``` b\n# c")] == ["text", "heading"]


@pytest.mark.parametrize(
    "text", ["**a " * 50_000, "*a _b ~~c [[d `" * 20_000, "`" * 100_000, "#a" * 100_000, "[" * 90_000]
)
def test_a_line_made_to_cost_time_is_read_quickly(text: str) -> None:
    begun = time.perf_counter()
    line = line_of(text)
    assert time.perf_counter() - begun < 0.25
    assert line.text == text
