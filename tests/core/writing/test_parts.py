"""The parts of a text: together they are the text, and what is no prose is not given away."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.note_markup import line_of
from app.core.writing.parts import paragraphs_of, parts_of, protected_spans, sentences_apart

LINES = st.sampled_from(
    ["", "# Head", "- [ ] task one", "- item", "1. first", "> said", "```", "~~~", "| a | b |", "---", "Words here.",
     "A line that is long enough to have been broken by a mail program, as", "    indented", "  ", "<br>", "$$",
     "[[L]]", "Second. And third!"]
)  # fmt: skip
TEXTS = st.one_of(st.text(), st.lists(LINES).map("\n".join), st.lists(LINES).map("\r\n".join))

NOTE = """---
tags: work
---
# Supplier review

Renew for two years, or look for another one. Decision with Leo on
Friday.

- They know the factory; see [[Kitchen: colours]]
- [ ] Send the price list
- [x] Ask Hannah
1. first

```python
if late:
    pay(12)
```

| a | b |
|---|---|

> They said so.

Kind regards
Anna
"""


@given(TEXTS, st.booleans())
def test_the_parts_are_the_text(text: str, joins_prose: bool) -> None:
    assert "".join(part.text for part in parts_of(text, joins_prose=joins_prose)) == text


@given(TEXTS)
def test_paragraphs_and_sentences_are_their_text(text: str) -> None:
    prose = text.replace("\r", "").replace("\x0b", "")
    assert "".join(paragraphs_of(prose)) == prose
    assert "".join(sentences_apart(prose, "en")) == prose


def test_marks_code_tables_and_front_matter_are_not_given_away() -> None:
    given_away = [(part.kind, part.words) for part in parts_of(NOTE) if part.kind != "kept"]
    assert given_away == [
        ("heading", "Supplier review"),
        ("prose", "Renew for two years, or look for another one. Decision with Leo on\nFriday."),
        ("item", "They know the factory; see [[Kitchen: colours]]"),
        ("item", "Send the price list"),
        ("item", "Ask Hannah"),
        ("item", "first"),
        ("item", "They said so."),
        ("prose", "Kind regards"),
        ("prose", "Anna"),
    ]


def test_a_letter_is_one_part_and_a_list_or_code_ends_it() -> None:
    letter = "Dear Leo,\n\nthe boxes came.\nAll of them.\n\n- one\n\nBye\n\nAnna\n"
    prose = [part.words for part in parts_of(letter, joins_prose=True) if part.kind == "prose"]
    assert prose == ["Dear Leo,\n\nthe boxes came.\nAll of them.", "Bye\n\nAnna"]


def test_a_part_without_a_letter_is_kept() -> None:
    assert {part.kind for part in parts_of("12,5\n\n- 3\n\n[[Kitchen]]\n\n`code`\n")} == {"kept"}


def test_code_that_never_ends_is_code() -> None:
    assert [part.kind for part in parts_of("```\nx = 1\n\nNo words.\n")] == ["kept"]


def test_links_addresses_tags_and_code_are_protected() -> None:
    text = "See [[Kitchen: colours]], [here](https://a.example/b), `x  = 1`, ada@example.org, https://b.example, #work."
    assert protected_spans(text) == sorted(
        ["[[Kitchen: colours]]", "[here](https://a.example/b)", "`x  = 1`", "ada@example.org", "https://b.example",
         "#work"]
    )  # fmt: skip


@pytest.mark.parametrize("text", ["#work- and #a/b", "a/#b", "#_x", "&#x27;s", "``a ` b`` and `c`", "[[A|b]] #ü"])
def test_the_marks_of_notes_are_protected_as_notes_have_them(text: str) -> None:
    shown = [text[span.start : span.end] for span in line_of(text).spans if span.kind in ("code", "link", "tag")]
    assert protected_spans(text) == sorted(shown)
