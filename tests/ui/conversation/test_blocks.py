"""The widgets of a reply's blocks: tasks, wide tables, alignment, saved code, and a reply that comes word by word."""

from pathlib import Path

import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QPushButton, QScrollArea, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from app.ui.conversation import code_block
from app.ui.conversation.block_widgets import BlockWidget
from app.ui.conversation.code_block import CodeBlock
from app.ui.conversation.reply_text import ReplyText
from app.ui.conversation.table_block import TablePane
from app.ui.style.theme import Theme
from tests.ui.stage import settle

WHOLE = """# A plan

Some *words* with `code`, **weight**, ~~less~~ and a [link](https://example.org/a).

1. First
   - [x] done
   - [ ] not done

     more of it
2. Second

> A quote
> > in a quote

```python
def f(x):
    return x

```

| Left | Middle | Right |
|:-----|:------:|------:|
| a    | `b`    | 1.00  |
| c    | $x^2$  | 22.00 |

$$
\\frac{a}{b}
$$

---

The end, see https://example.org/b.
"""


@pytest.fixture
def parent(qtbot: QtBot) -> QWidget:
    """A window for the text."""
    made = QWidget()
    qtbot.addWidget(made)
    made.resize(500, 900)
    QVBoxLayout(made).addStretch(1)
    made.show()
    return made


def shown(theme: Theme, parent: QWidget, said: str, width: int = 480) -> ReplyText:
    made = ReplyText(theme, parent)
    made.show_reply(said, (), "")
    made.setFixedWidth(width)
    column = parent.layout()
    assert isinstance(column, QVBoxLayout)
    column.insertWidget(0, made)
    made.show()
    settle(0.1)
    return made


def kinds(text: ReplyText) -> list[str]:
    return [f"{block.block.kind}{block.block.level or ''}{'/'.join(block.block.around)}" for block in text.blocks]


def test_finished_blocks_stay_the_same_objects_of_the_same_structure(theme: Theme, parent: QWidget) -> None:
    """Token by token: what stands above the last block at the top neither changes nor is made anew."""
    text = ReplyText(theme, parent)
    text.show()
    finished: list[BlockWidget] = []
    for end in range(1, len(WHOLE) + 1):
        text.show_reply(WHOLE[:end], (), "")
        assert text.blocks[: len(finished)] == finished
        assert [block.block for block in finished] == [block.block for block in text.blocks[: len(finished)]]
        if WHOLE[:end].endswith("\n\n") and not WHOLE[end:].startswith((" ", "\t")):
            begun = WHOLE[end : end + 1]
            if not begun.isdigit():
                finished = list(text.blocks[:-1])
    assert len(finished) >= 12
    whole = ReplyText(theme, parent)
    whole.show_reply(WHOLE, (), "")
    assert kinds(text) == kinds(whole)
    assert [block.block for block in text.blocks] == [block.block for block in whole.blocks]


def test_an_address_that_comes_later_changes_the_words_and_not_the_widgets(theme: Theme, parent: QWidget) -> None:
    text = ReplyText(theme, parent)
    said = "See [the page][1].\n\nMore.\n\n- a\n- b\n\n"
    text.show_reply(said, (), "")
    before = list(text.blocks)
    assert text.chips() == []
    text.show_reply(f"{said}[1]: https://example.org/\n", (), "")
    assert text.blocks[: len(before)] == before
    assert [chip.text() for chip in text.chips()] == ["example.org ↗"]


def test_tasks_are_boxes_that_say_whether_they_are_done(theme: Theme, parent: QWidget) -> None:
    text = shown(theme, parent, "- [x] buy\n- [ ] sell\n- keep")
    assert [block.accessibleName() for block in text.blocks] == ["Task, done", "Task, not done", "Part of the answer"]
    assert [block.plain_text() for block in text.blocks] == ["buy", "sell", "keep"]

    def drawn(block: BlockWidget) -> QImage:
        image = QImage(block.content.x() or 1, block.height(), QImage.Format.Format_RGB32)
        image.fill(0xFFFFFF)
        block.render(image)
        return image

    done, undone, plain = map(drawn, text.blocks)
    assert done != undone
    assert undone != plain


def test_a_wide_table_scrolls_sideways_and_a_narrow_one_fits(theme: Theme, parent: QWidget) -> None:
    def pane(said: str) -> QScrollArea:
        (block,) = shown(theme, parent, said).blocks
        assert isinstance(block.content, TablePane)
        found: QScrollArea | None = block.content.findChild(QScrollArea)
        assert found is not None
        return found

    wide = pane("|" + "a long heading of it|" * 9 + "\n" + "|-" * 9 + "|\n" + "|some words that stand here" * 9 + "|")
    assert wide.horizontalScrollBar().maximum() > 0
    assert wide.verticalScrollBar().maximum() == 0
    narrow = pane("|a|b|\n|-|-|\n|c|d|")
    assert narrow.horizontalScrollBar().maximum() == 0


def test_cells_stand_where_the_table_says(theme: Theme, parent: QWidget) -> None:
    (block,) = shown(theme, parent, "|Left|Middle|Right|\n|:-|:-:|-:|\n|a|b|c|").blocks
    assert isinstance(block.content, TablePane)
    assert block.block.aligns == ("left", "center", "right")
    cells = block.content.table._rows[1]
    lines = [cell._layout.lineAt(0) for cell in cells if cell._layout is not None]
    left, middle, right = (
        (line.naturalTextRect().left(), line.width() - line.naturalTextRect().right()) for line in lines
    )
    assert left[0] == 0
    assert abs(middle[0] - middle[1]) < 2
    assert right[1] < 2 < right[0]


def test_a_table_that_grows_stays_the_same_and_gets_rows(theme: Theme, parent: QWidget) -> None:
    said = "|Left|Right|\n|:-|-:|\n|a|b|\n|some words|[d](https://example.org/)|\n|" + "e " * 200 + "|f|\n"
    text = shown(theme, parent, said[:24])
    pane = text.blocks[0].content
    assert isinstance(pane, TablePane)
    first = pane.table._rows[0][0]
    for end in range(25, len(said) + 1):
        text.show_reply(said[:end], (), "")
        assert text.blocks[0].content is pane
    settle(0.1)
    assert pane.table._rows[0][0] is first
    whole = shown(theme, parent, said)
    other = whole.blocks[0].content
    assert isinstance(other, TablePane)
    assert text.blocks[0].plain_text() == whole.blocks[0].plain_text()
    assert [chip.text() for chip in text.chips()] == ["example.org ↗"]
    assert [[cell.geometry() for cell in row] for row in pane.table._rows] == [
        [cell.geometry() for cell in row] for row in other.table._rows
    ]
    assert all(cell.isVisible() for row in pane.table._rows for cell in row)
    assert pane.height() == other.height()


def test_a_table_with_fewer_rows_or_other_columns_is_another_one(theme: Theme, parent: QWidget) -> None:
    text = shown(theme, parent, "|a|b|\n|-|-|\n|c|d|\n|e|f|\n")
    for said in ("|a|b|\n|-|-|\n|c|d|\n", "|a|b|\n|-|-:|\n|c|d|\n", "|a|\n|-|\n|c|\n|d|\n"):
        text.show_reply(said, (), "")
        whole = shown(theme, parent, said)
        pane, other = text.blocks[0].content, whole.blocks[0].content
        assert isinstance(pane, TablePane)
        assert isinstance(other, TablePane)
        assert text.blocks[0].plain_text() == whole.blocks[0].plain_text()
        assert [[cell._align for cell in row] for row in pane.table._rows] == [
            [cell._align for cell in row] for row in other.table._rows
        ]


def test_code_is_saved_as_it_was_written(theme: Theme, parent: QWidget, tmp_path: Path) -> None:
    (block,) = shown(theme, parent, "```python\n\tif x:\n        y()  \n```").blocks
    code = block.content
    assert isinstance(code, CodeBlock)
    assert [one.accessibleName() for one in code.findChildren(QPushButton)] == [
        "Save this code as a file", "Copy this code",
    ]  # fmt: skip
    code.save_to(tmp_path / "code.txt")
    assert (tmp_path / "code.txt").read_bytes() == b"\tif x:\n        y()  \n"
    assert code._told.text() == "Saved, not encrypted."
    code.save_to(tmp_path / "nowhere" / "code.txt")
    assert code._told.text() != "Saved, not encrypted."
    assert code._told.toolTip().startswith(code._told.text().rstrip("…")[:10])


@pytest.mark.parametrize(
    ("language", "ending"),
    [
        ("json", "json"),
        ("CSV", "csv"),
        ("markdown", "md"),
        ("python", "txt"),
        ("sh", "txt"),
        ("html", "txt"),
        ("", "txt"),
    ],
)
def test_nothing_is_saved_as_what_a_program_would_run(
    theme: Theme, parent: QWidget, monkeypatch: pytest.MonkeyPatch, language: str, ending: str
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(code_block, "ask_where_to_save", lambda *said: asked.append(said[2]))
    (block,) = shown(theme, parent, f"```{language}\n<script>go()</script>\n```").blocks
    button = next(one for one in block.findChildren(QPushButton) if one.text() == "Save as…")
    button.click()
    assert asked == [ending]


def test_an_item_in_an_item_has_both_bullets(theme: Theme, parent: QWidget) -> None:
    text = shown(theme, parent, "- - a\n- > b\n\n3. x\n3. y")
    assert [block.block.bullets for block in text.blocks] == [
        ((0, "•"), (1, "•")), ((0, "•"),), ((0, "3."),), ((0, "4."),),
    ]  # fmt: skip


def test_formulas_are_letters_and_money_is_money(theme: Theme, parent: QWidget) -> None:
    text = shown(theme, parent, "With $E = mc^2$ it costs $5 or $6, \\(a_1\\).\n\n\\[\n\\frac{a}{b}\n\\]\n\n$\\foo{x}$")
    assert text.plain_text() == "With E = mc² it costs $5 or $6, a₁.\n\na/b\n\n\\foo{x}"
    assert text.blocks[2].block.pieces[0].is_code  # type: ignore[union-attr]


def test_many_blocks_are_made_in_turns(theme: Theme, parent: QWidget) -> None:
    text = ReplyText(theme, parent)
    text.show_reply("```\ncode\n```\n" * 26, (), "")
    assert 0 < len(text.blocks) < 26
    assert text.more_button.isHidden()
    for _ in range(100):
        settle(0.01)
    assert len(text.blocks) == 26
