"""The field of a note: it keeps the text letter by letter, goes on with lists, sets marks, and has chips to click."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QToolTip, QWidget

from app.core.ids import CallId
from app.core.note_links import NoteLink, call_link, link_key
from app.services.notes.linking import Targets
from app.ui.notes.note_editor import MOST_CHARACTERS, NoteEditor
from app.ui.style.theme import Theme
from tests.ui.stage import settle

CALL = CallId("06fp3fzb2aaa")
Key = Qt.Key
CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture(scope="module")
def around(screen: object) -> Iterator[QWidget]:
    made = QWidget()
    made.resize(600, 500)
    yield made
    made.deleteLater()


@pytest.fixture
def editor(around: QWidget, theme: Theme) -> Iterator[NoteEditor]:
    made = NoteEditor(theme, around)
    made.resize(580, 480)
    around.show()
    made.show()
    made.setFocus()
    yield made
    made.hide()
    made.setParent(None)
    made.deleteLater()


def put_caret(editor: NoteEditor, at: int, to: int | None = None) -> None:
    cursor = editor.textCursor()
    cursor.setPosition(at)
    if to is not None:
        cursor.setPosition(to, QTextCursor.MoveMode.KeepAnchor)
    editor.setTextCursor(cursor)


def write(editor: NoteEditor, text: str) -> None:
    """Show a text with the caret at its end."""
    editor.show_text(text)
    editor.moveCursor(QTextCursor.MoveOperation.End)


@given(text=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r\u2029\ufdd0\ufdd1"), max_size=60))
def test_every_letter_stays_as_it_is(theme: Theme, around: QWidget, text: str) -> None:
    editor = NoteEditor(theme, around)
    editor.show_text(text)
    assert editor.text() == text
    editor.deleteLater()


def test_what_qt_would_turn_into_other_letters_stays(editor: NoteEditor) -> None:
    text = "a\u00a0b\u2028c\td \U0001f600\u202ee\ufffc\n\n \n"
    editor.show_text(text)
    assert editor.text() == text


def test_a_long_text_is_shown_from_its_beginning_and_not_written(editor: NoteEditor) -> None:
    editor.show_text("word " * MOST_CHARACTERS)
    assert editor.isReadOnly()
    assert len(editor.text()) <= MOST_CHARACTERS
    editor.show_text("short\n" + "x" * 50_000)
    assert editor.isReadOnly(), "a line that would hold the window with each key"
    editor.show_text("short")
    assert not editor.isReadOnly()


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("- one", "- one\n- "),
        ("  * one", "  * one\n  * "),
        ("9. nine", "9. nine\n10. "),
        ("- [x] done", "- [x] done\n- [ ] "),
        ("> said", "> said\n> "),
        ("- one\n- ", "- one\n"),
        ("- [ ] ", ""),
        ("words", "words\n"),
        ("```\n- code", "```\n- code\n"),
    ],
)
def test_enter_goes_on_with_a_list_and_ends_it(editor: NoteEditor, text: str, after: str) -> None:
    write(editor, text)
    QTest.keyClick(editor, Key.Key_Return)
    assert editor.text() == after
    editor.undo()
    assert editor.text() == text, "in one step"


def test_enter_within_an_item_parts_it(editor: NoteEditor) -> None:
    editor.show_text("- one two")
    put_caret(editor, 5)
    QTest.keyClick(editor, Key.Key_Return)
    assert editor.text() == "- one\n-  two"


def test_tab_moves_items_and_elsewhere_the_focus(editor: NoteEditor, around: QWidget) -> None:
    write(editor, "- one\n- two")
    put_caret(editor, 2, 8)
    QTest.keyClick(editor, Key.Key_Tab)
    assert editor.text() == "  - one\n  - two"
    QTest.keyClick(editor, Key.Key_Backtab, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(editor, Key.Key_Backtab, Qt.KeyboardModifier.ShiftModifier)
    assert editor.text() == "- one\n- two"
    write(editor, "words")
    QTest.keyClick(editor, Key.Key_Tab)
    assert editor.text() == "words"
    other = QLineEdit(around)
    other.show()
    editor.setFocus()
    QTest.keyClick(editor, Key.Key_Tab)
    assert other.hasFocus()
    other.setParent(None)


def test_marks_are_set_around_words_and_taken_away(editor: NoteEditor) -> None:
    editor.show_text("a \U0001f600 word here")
    put_caret(editor, 5, 9)  # Qt counts the sign twice
    QTest.keyClick(editor, Key.Key_B, CTRL)
    assert editor.text() == "a \U0001f600 **word** here"
    QTest.keyClick(editor, Key.Key_I, CTRL)
    assert editor.text() == "a \U0001f600 ***word*** here"
    QTest.keyClick(editor, Key.Key_I, CTRL)
    assert editor.text() == "a \U0001f600 **word** here"
    QTest.keyClick(editor, Key.Key_I, CTRL)
    QTest.keyClick(editor, Key.Key_I, CTRL)
    QTest.keyClick(editor, Key.Key_B, CTRL)
    assert editor.text() == "a \U0001f600 word here"
    assert editor.textCursor().selectedText() == "word"


def click(editor: NoteEditor, at: QPoint) -> None:
    QTest.mouseClick(editor.viewport(), Qt.MouseButton.LeftButton, pos=at)


def test_a_click_ticks_a_box_and_ctrl_enter_does_too(editor: NoteEditor) -> None:
    editor.show_text("title\n- [ ] one\n- [x] two")
    blocks = list(editor.marks.blocks())
    boxes = [editor.marks.box(block, line) for block, line in blocks]
    assert boxes[0] is None
    assert boxes[1] is not None
    click(editor, boxes[1].center().toPoint())
    assert editor.text() == "title\n- [x] one\n- [x] two"
    assert editor.textCursor().blockNumber() == 0, "the caret stays"
    put_caret(editor, len("title\n- [x] one\n- [x] t"))
    QTest.keyClick(editor, Key.Key_Return, CTRL)
    assert editor.text() == "title\n- [x] one\n- [ ] two"
    editor.undo()
    editor.undo()
    assert editor.text() == "title\n- [ ] one\n- [x] two"
    editor.show_text("- [ ] fixed", is_fixed=True)
    (block, line), *_ = editor.marks.blocks()
    box = editor.marks.box(block, line)
    assert box is not None
    click(editor, box.center().toPoint())
    assert editor.text() == "- [ ] fixed"


def test_a_chip_is_clicked_and_its_words_are_edited_where_the_caret_is(editor: NoteEditor) -> None:
    opened: list[object] = []
    editor.link_wanted.connect(opened.append)
    editor.tag_wanted.connect(opened.append)
    text = f"title\nsee {call_link(CALL, 'Supply contract', 151)} and [[Kitchen]] #work"
    editor.show_text(text)
    (_, _), (block, line) = editor.marks.blocks()
    for span in line.spans:
        (chip,) = editor.marks.chips(block, line, span)
        click(editor, chip.center().toPoint())
    moment, note, tag = opened
    assert isinstance(moment, NoteLink)
    assert isinstance(note, NoteLink)
    assert (moment.call, moment.seconds) == (CALL, 151.0)
    assert (note.target, tag) == ("Kitchen", "work")
    assert editor.text() == text
    put_caret(editor, text.index("Kitchen"))
    chip = editor.marks.chips(block, line, line.spans[1])[0]
    click(editor, chip.center().toPoint())
    assert len(opened) == 3, "what is written is not opened by a click"
    QTest.keyClick(editor, Key.Key_Return, CTRL)
    assert len(opened) == 4


def test_hidden_marks_take_no_room_and_show_beside_the_caret(editor: NoteEditor) -> None:
    editor.show_text("title\n[[call:06fp3fzb2aaa@151|Supply contract 2:31]] **bold**")
    (_, _), (block, line) = editor.marks.blocks()
    hidden = editor.marks.chips(block, line, line.spans[0])[0].width()
    plain = editor.fontMetrics().horizontalAdvance("Supply contract 2:31")
    assert hidden < plain + 30, "neither the id nor the brackets are seen"
    put_caret(editor, len("title\n[["))
    settle(0.05)
    assert sum(rect.width() for rect in editor.marks.chips(block, line, line.spans[0])) > hidden + 100
    editor.clearFocus()
    settle(0.05)
    assert editor.marks.chips(block, line, line.spans[0])[0].width() == pytest.approx(hidden, abs=2)


def test_which_links_lead_nowhere_is_known(editor: NoteEditor) -> None:
    editor.show_targets(Targets(frozenset({link_key("Kitchen")}), frozenset({CALL})))
    editor.show_text(f"[[Kitchen]] [[Bath]] {call_link(CALL, 'x')} [[call:06fp3fzb2aab|y]] [[kitchen 2:31]]")
    ((_, line),) = editor.marks.blocks()
    assert [editor._leads(line, span) for span in line.spans] == [True, False, True, False, True]


def test_a_link_is_offered_while_it_is_typed_and_completed(editor: NoteEditor) -> None:
    begun: list[str] = []
    left: list[bool] = []
    editor.link_begun.connect(begun.append)
    editor.link_left.connect(lambda: left.append(True))
    write(editor, "an old [[link\n")
    put_caret(editor, len("an old [[li"))
    assert begun == [], "the caret only passes"
    editor.moveCursor(QTextCursor.MoveOperation.End)
    QTest.keyClicks(editor, "see [[Ki")
    assert begun[-1] == "Ki"
    editor.complete_link("[[Kitchen]]")
    assert editor.text() == "an old [[link\nsee [[Kitchen]]"
    assert left
    editor.undo()
    assert editor.text().endswith("see [[Ki")
    write(editor, "[[]]")
    put_caret(editor, 2)
    editor.insertPlainText("\U0001f600b")  # QTest types ASCII only
    editor.complete_link("[[B]]")
    assert editor.text() == "[[B]]", "the brackets that stood behind go too"


def test_what_is_pasted_is_plain_and_files_are_passed_on(editor: NoteEditor) -> None:
    pasted: list[object] = []
    editor.files_pasted.connect(pasted.append)
    data = QMimeData()
    data.setHtml("<h1>not this</h1>")
    data.setText("**this**")
    editor.show_text("")
    editor.insertFromMimeData(data)
    assert editor.text() == "**this**"
    files = QMimeData()
    files.setUrls([QUrl.fromLocalFile("/nowhere/a.md")])
    editor.insertFromMimeData(files)
    assert editor.text() == "**this**"
    assert [str(path) for path in pasted[0]] == ["/nowhere/a.md"]  # type: ignore[attr-defined]
    long = QMimeData()
    long.setText("word " * 5_000)
    editor.insertFromMimeData(long)
    assert len(editor.text()) < 20_100, "a line that can still be laid out with each key"


def test_what_is_selected_in_a_full_note_makes_room_and_else_nothing_is_taken(editor: NoteEditor) -> None:
    lines = ["x" * 99] * (MOST_CHARACTERS // 100)
    full = "\n".join(lines) + "y"
    assert len(full) == MOST_CHARACTERS
    data = QMimeData()
    data.setText("other words")
    write(editor, full)
    editor.insertFromMimeData(data)
    assert editor.text() == full
    assert QToolTip.text().startswith("Nothing was pasted: ")
    put_caret(editor, 0, 11)
    editor.insertFromMimeData(data)
    assert editor.text() == "other words" + full[11:]
    put_caret(editor, 0, 5)
    editor.insertFromMimeData(data)
    assert editor.text() == "other words" + full[11:], "five letters were selected and five fit"
    assert QToolTip.text().startswith("Only the first 5 characters were taken: ")


def test_the_caret_leaves_the_title(editor: NoteEditor) -> None:
    left: list[bool] = []
    editor.title_left.connect(lambda: left.append(True))
    write(editor, "title")
    assert left == []
    QTest.keyClick(editor, Key.Key_Return)
    assert left == [True]
    QTest.keyClicks(editor, "words")
    assert left == [True]


def test_all_kinds_of_lines_are_painted(editor: NoteEditor, theme: Theme) -> None:
    editor.show_targets(Targets(frozenset({link_key("A")})))
    editor.show_text("# h\n- b\n- [x] t\n1. n\n> q\n---\n```\ncode\n```\n[[A]] [[B]] #t ~~s~~ `c`")
    picture = editor.grab().toImage()
    colours = {picture.pixelColor(x, y).name() for x in range(0, 580, 2) for y in range(0, 300, 2)}
    assert theme.color("accent").name() in colours, "the box that is ticked"
    assert theme.color("soft").name() in colours, "the ground of a chip"
    assert theme.color("column").name() in colours, "the ground of code"
    for choice in ("dark", "light"):
        theme.choose(choice)
        settle(0.05)
    assert editor.text().startswith("# h"), "another theme changes no letter"
