"""What follows from the text of a note: title, excerpt, tags, tasks, and which of its texts are kept."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from app.core.ids import new_note_id
from app.core.json_shapes import note_json
from app.core.note import (
    MOST_VERSIONS,
    UNTITLED,
    Note,
    NoteEntry,
    excerpt_of,
    is_worth_keeping,
    shown_title,
    superfluous,
    tags_of,
    tasks_of,
    ticked,
    title_of,
)
from app.core.note_markup import line_of

TEXT = """# Supplier **review**

Renew for two years, or look for another one. #work

## Tasks
- [x] Ask Hannah #Work #insurance
- [ ] Send the price list
"""
NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)


def test_the_first_line_is_the_title() -> None:
    assert title_of(TEXT) == "Supplier review"
    assert title_of("\n\n  just words  \nmore") == "just words"
    assert title_of("---\n- [ ] Call") == "Call"
    assert title_of("  \n") == title_of("") == ""
    assert len(title_of("x" * 5_000)) == 200
    note = Note(new_note_id(), TEXT, NOW, NOW)
    assert (note.title, shown_title(note.title), shown_title("")) == ("Supplier review", "Supplier review", UNTITLED)


def test_the_excerpt_is_what_stands_below_without_marks() -> None:
    assert excerpt_of(TEXT).startswith("Renew for two years, or look for another one. #work Tasks Ask Hannah")
    assert excerpt_of("Title alone") == ""
    assert excerpt_of("T\n" + "word " * 100).endswith("word…")


def test_tags_are_named_once() -> None:
    assert tags_of(TEXT) == ("work", "insurance")
    assert tags_of("# heading\n`#code`") == ()


def test_tasks_know_their_lines() -> None:
    assert [(task.line, task.words, task.is_done) for task in tasks_of(TEXT)] == [
        (5, "Ask Hannah #Work #insurance", True), (6, "Send the price list", False),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("- [ ] a", "- [x] a"), ("  * [X] a [ ]", "  * [ ] a [ ]"), ("- [x]", "- [ ]"), ("- a [ ]", "- a [ ]"),
    ],
)  # fmt: skip
def test_a_box_is_ticked_and_nothing_else_changes(text: str, after: str) -> None:
    assert ticked(line_of(text)) == after
    if after != text:
        assert ticked(line_of(after)).casefold() == text.casefold()


def test_a_text_is_kept_each_ten_minutes_and_before_much_goes() -> None:
    text = "word " * 100
    assert not is_worth_keeping(text, text + "more", NOW - timedelta(minutes=9), NOW)
    assert is_worth_keeping(text, text + "more", NOW - timedelta(minutes=10), NOW)
    assert not is_worth_keeping(text, text, NOW - timedelta(days=9), NOW)
    assert not is_worth_keeping(" \n", "new", NOW - timedelta(days=9), NOW)
    assert is_worth_keeping(text, "", NOW, NOW)
    assert is_worth_keeping(text, text[:100] + text[300:], NOW, NOW), "200 characters in the middle"
    assert not is_worth_keeping(text, text[:100] + text[299:], NOW, NOW)
    assert is_worth_keeping("short text", "short", NOW, NOW), "half of a short one"
    assert not is_worth_keeping("short text", "short tex", NOW, NOW)
    assert not is_worth_keeping(text, text[:50] + "put in between" + text[50:], NOW, NOW)


def test_a_note_is_told_to_other_programs() -> None:
    entry = NoteEntry(new_note_id(), "Plan", "words", ("work",), NOW, NOW + timedelta(days=1), True)
    assert note_json(entry) == {
        "id": entry.id, "title": "Plan", "tags": ["work"], "created": "2026-11-28T12:00:00+00:00",
        "edited": "2026-11-29T12:00:00+00:00", "pinned": True, "deleted": None,
    }  # fmt: skip
    gone = msgspec.structs.replace(entry, deleted=NOW)
    assert note_json(gone)["deleted"] == "2026-11-28T12:00:00+00:00"


def test_the_versions_that_go_lie_close_to_others() -> None:
    hours = [NOW + timedelta(hours=n) for n in range(MOST_VERSIONS)]
    assert superfluous(hours) == []
    close = sorted([*hours, NOW + timedelta(hours=3, minutes=20)])
    assert superfluous(close) == [4]
    many = [NOW + timedelta(minutes=n) for n in range(200)]
    gone = superfluous(many)
    assert len(gone) == 200 - MOST_VERSIONS
    assert 0 not in gone
    assert not {*range(190, 200)} & {*gone}, "the newest stay"
