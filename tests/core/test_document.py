"""A document's text, the places of its lines, and what is told of what was not read."""

import pytest

from app.core.document import Document, DocumentError, DocumentKind, DocumentLine, Gap, Unread


def test_parts_of_a_divided_line_are_one_line_of_the_text() -> None:
    lines = (DocumentLine("one ", 1), DocumentLine("more", 1), DocumentLine("", 2), DocumentLine("last", 3))
    assert Document(DocumentKind.TEXT, lines).text == "one more\n\nlast"


def test_the_first_line_of_the_next_page_is_another() -> None:
    lines = (DocumentLine("end", 1, 1), DocumentLine("start", 1, 2))
    assert Document(DocumentKind.PDF, lines).text == "end\nstart"


def test_no_lines_are_no_text() -> None:
    assert Document(DocumentKind.TEXT).text == ""


@pytest.mark.parametrize(
    ("kind", "line", "place"),
    [
        (DocumentKind.PDF, DocumentLine("a", 4, 3), "page 3"),
        (DocumentKind.TABLE, DocumentLine("a", 5), "row 5"),
        (DocumentKind.SUBTITLES, DocumentLine("a", 7), "cue 7"),
        (DocumentKind.WORD, DocumentLine("a", 2), "paragraph 2"),
        (DocumentKind.CODE, DocumentLine("a", 12), "line 12"),
    ],
)
def test_where_a_line_stands(kind: DocumentKind, line: DocumentLine, place: str) -> None:
    assert Document(kind, (line,)).place(line) == place


@pytest.mark.parametrize("unread", Unread)
def test_what_was_not_read_is_one_sentence_for_one_and_for_more(unread: Unread) -> None:
    one, more = Gap(unread, 1).words, Gap(unread, 1234).words
    assert "1,234" in more
    assert one != more
    assert all(words.endswith("not read.") and "{" not in words for words in (one, more))


def test_each_error_says_what_to_do() -> None:
    for kind in DocumentError.__subclasses__():
        assert kind().kind == "DocumentError"
        assert kind().title.endswith(".")
        assert kind().advice.startswith("The file was left as it is")


def test_each_kind_has_words() -> None:
    assert len({kind.words for kind in DocumentKind}) == len(DocumentKind)
