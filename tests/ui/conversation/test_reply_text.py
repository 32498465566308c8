"""Replies in Markdown: read as blocks, painted as text, and never obeyed."""

import re
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QLabel, QPushButton, QToolTip, QWidget
from pytestqt.qtbot import QtBot

from app.core.conversation import Citation, Mark, Message, Role
from app.core.ids import CallId, UtteranceId
from app.ui.conversation import reply_blocks
from app.ui.conversation.code_block import CodeBlock
from app.ui.conversation.code_colours import coloured
from app.ui.conversation.markdown_parser import Token, parsed
from app.ui.conversation.message_widgets import ReplyWidget
from app.ui.conversation.reply_blocks import Block, Place, ReplyReader
from app.ui.conversation.reply_text import ReplyText
from app.ui.style.theme import Theme
from app.ui.widgets.rich_text import DOUBT, Chip, Piece, RichText, Run
from tests.running import ROOT

CHIPS = {n: Chip(str(n), f"Source {n}", n) for n in (1, 2)}
HOSTILE = (
    "<img src=//host/a.png> ![a](//host/b.png) [x](http://host) <script>go()</script> "
    '<http://host> &amp; "javascript:x"'
)
CODE = "for row in rows:\n    if len(row) > 1:\n\n        total += float(row[1])"


def places(text: str) -> list[Place]:
    """A chip for each ⟦n⟧, and a doubt for each ⟦?⟧."""
    found = re.finditer("⟦(.)⟧", text)
    return [Place(m.start(), m.end(), (DOUBT if m[1] == "?" else CHIPS[int(m[1])],)) for m in found]


def read(text: str) -> list[Block]:
    return ReplyReader().read(text, places(text))


def shown(text: str) -> list[str]:
    """Each block as text, with its chips as «n», its bullet, and > for a quote around it."""
    return [drawn(block) for block in read(text)]


def drawn(block: Block) -> str:
    cells = [[written(cell) for cell in row] for row in block.rows]
    around = "".join(">" if one == "quote" else "-" for one in block.around)
    start = " ".join(part for part in ("#" * block.level, around, block.bullet, block.language) if part)
    said = "\n".join("|".join(row) for row in cells) or written(block.pieces) or "―" * (block.kind == "rule")
    return f"{start} {said}" if start else said


def written(pieces: Sequence[Piece]) -> str:
    return "".join(f"«{p.label}»" if isinstance(p, Chip) else p if isinstance(p, str) else p.text for p in pieces)


def runs(text: str) -> list[Run]:
    return [piece for block in read(text) for piece in block.pieces if isinstance(piece, Run)]


@pytest.mark.parametrize(
    ("text", "blocks"),
    [
        ("# Plan ⟦1⟧\n\nMove it.\nThen **pay** ⟦2⟧.", ["# Plan «1»", "Move it.\nThen pay «2»."]),
        ("3. Move ⟦1⟧\n4. Pay\n   - `Nina`\n", ["- 3. Move «1»", "- 4. Pay", "-- • Nina"]),
        ("1) a\n\n2) b\n\n   c", ["- 1) a", "- 2) b", "- c"]),
        ("- a\n  b", ["- • a\nb"]),
        ("> said\n> > so\n>\n> - x", ["> said", ">> so", ">- • x"]),
        (f"```py\n{CODE} [?]\n```", [f"py {CODE} [?]"]),
        (f"```py\n{CODE}\n``", [f"py {CODE}\n``"]),  # half of the fence's end
        (f"So:\n\n```\n{CODE}", ["So:", CODE]),
        ("~~~\n  a[1]\n~~~\nthen", ["  a[1]", "then"]),
        ("    a[1]\n      b", ["a[1]\n  b"]),
        ("|Who|Pays|\n|-|-:|\n|Nina|5 ⟦1⟧|\n|Leo|12|", ["Who|Pays\nNina|5 «1»\nLeo|12"]),
        ("|Who|Pays|\n|-|-|\n|Nina|5| ⟦1⟧\n|Leo|12| ⟦?⟧", ["Who|Pays\nNina|5 «1»\nLeo|12 «not confirmed»"]),
        ("It is so ⟦?⟧\nand [9] so [1", ["It is so «not confirmed»\nand [9] so [1"]),
        ("so⟦1⟧, [2] and row[1]", ["so «1», [2] and row[1]"]),
        ("a_b_c 2*3 *4 \\* **half ~~so~~", ["a_b_c 2*3 *4 * **half so"]),
        ("|a|\n|-|\n|b|c|", ["|a|\n|-|\n|b|c|"]),  # the second cell would be left out
        ("a\n\n---\n\nb", ["a", "―", "b"]),
        ('See [the *page*](http://host/ü?a=b "T").', ["See the page «host ↗» (T)."]),
        ("![a](//host/b.png)", ["a (//host/b.png)"]),
        ("[1]: http://host\n\n[x][1]", ["[1]: http://host", "x «host ↗»"]),
        ("<div>\n\n# a\n</div>", ["<div>", "# a", "</div>"]),
        ("", []),
    ],
)
def test_a_reply_as_blocks(text: str, blocks: list[str]) -> None:
    assert shown(text) == blocks


def test_html_links_and_pictures_are_words() -> None:
    assert shown(HOSTILE) == [
        '<img src=//host/a.png> a (//host/b.png) x «host ↗» <script>go()</script> http://host «↗» & "javascript:x"'
    ]


def test_emphasis_and_code_are_weight_slant_and_letters() -> None:
    assert runs("# Plan\n**a** *b* `c` d") == [
        Run("Plan", 600),
        Run("a", 600),
        Run("b", is_italic=True),
        Run("c", is_code=True),
    ]


@pytest.mark.parametrize("language", ["python", "js", "sql", "html", "", "text", "nothing known", "c++"])
@given(text=st.text(st.sampled_from("ab1 \n#\"'`/*-<!>_if"), max_size=80))
def test_colours_change_no_letter_of_code(language: str, text: str) -> None:
    assert "".join(run.text for run in coloured(text, language)) == text


def test_code_has_colours() -> None:
    found = {run.text: run.role for run in coloured('def go(): # no\n    return f"x" + 12 + None', "python")}
    assert (found["def"], found["return"], found["None"]) == ("other", "other", "other")
    assert (found['"x"'], found["# no"], found["12"]) == ("accent", "second", "warning")
    assert {run.role for run in coloured("SELECT a from b -- x", "sql")} == {"other", None, "second"}


@given(st.text(st.sampled_from("ab1 \n#*_`>-|[]?.~:"), max_size=60), st.integers(1, 9))
def test_what_is_read_while_it_grows_is_what_is_read_at_the_end(text: str, step: int) -> None:
    reader = ReplyReader()
    found: list[Block] = []
    for end in range(step, len(text) + step, step):
        found = reader.read(text[:end])
    assert [drawn(block) for block in found] == [drawn(block) for block in ReplyReader().read(text)]


@given(
    st.lists(
        st.sampled_from(
            ["a\n", "\n", "b ⟦1⟧\n", "⟦2⟧", "⟦?⟧ ", "- c ", "|d|⟦1⟧\n|-|\n", "```\n", "> ", "[e]: f\n", "[e] "]
        ),
        max_size=24,
    ),
    st.integers(1, 5),
)
def test_what_is_read_while_it_grows_and_cites_is_what_is_read_at_the_end(parts: list[str], step: int) -> None:
    text, reader = "".join(parts), ReplyReader()
    for end in [*range(1, len(text), step), len(text)]:
        assert reader.read(text[:end], places(text[:end])) == ReplyReader().read(text[:end], places(text[:end]))


def test_a_reply_that_cites_is_read_anew_from_its_last_block_on(monkeypatch: pytest.MonkeyPatch) -> None:
    given_to_parser: list[int] = []

    def noted(said: str, known: dict[str, Any]) -> tuple[list[Token], list[tuple[int, int]], dict[str, Any]]:
        given_to_parser.append(len(said))
        return parsed(said, known)

    monkeypatch.setattr(reply_blocks, "parsed", noted)
    paragraph = "Anna moves the launch to May ⟦1⟧, and Leo agrees.\n\n"
    text, reader = paragraph * 40, ReplyReader()
    for end in range(1, len(text) + 1, 4):
        reader.read(text[:end], places(text[:end]))
    assert max(given_to_parser) <= 2 * len(paragraph)


def test_a_place_that_appears_in_what_was_read_is_shown() -> None:
    text, reader = "Anna ⟦1⟧ begins.\n\nThen Leo\n\nand so on ⟦2⟧.", ReplyReader()
    found = places(text)
    for some in ([], found[1:], found, found[:1], []):
        assert reader.read(text, some) == ReplyReader().read(text, some)


@given(st.text(st.sampled_from("ab1 \n#*_`>-|[]?.~"), max_size=60))
def test_no_word_is_lost(text: str) -> None:
    found = "".join(shown(text))
    assert (found.count("a"), found.count("b")) == (text.count("a"), text.count("b"))


@pytest.mark.alone
@pytest.mark.parametrize(
    "text",
    [
        ">" * 20_000,
        "\n".join("  " * depth + "- a" for depth in range(140)),
        "|" + "a|" * 1_600 + "\n|" + "-|" * 1_600 + "\n" + "|b|\n" * 1_500,
        "|a|b|\n|-|-|\n" + "|c|d|\n" * 3_300,
        "*a **b " * 2_800,
        "[" * 20_000,
        "`" * 10_000 + " " + "`" * 9_000,
        "|" + "a|" * 2_000 + "\n|" + "-|" * 2_000 + "\n" + ("|" + "b|" * 2_000 + "\n") * 100,
    ],
    ids=["quotes", "lists", "wide table", "long table", "stars", "brackets", "backticks", "huge table"],
)
def test_what_is_meant_to_be_slow_is_bounded(text: str) -> None:
    began = time.process_time()
    found = shown(text)
    assert time.process_time() - began < 2
    assert sum(map(len, found)) < 5 * len(text) + 100


@pytest.fixture
def parent(qtbot: QtBot) -> QWidget:
    """A window for the text."""
    made = QWidget()
    qtbot.addWidget(made)
    made.resize(400, 600)
    return made


def test_what_is_hostile_is_painted_as_text(theme: Theme, parent: QWidget) -> None:
    text = ReplyText(theme, parent)
    text.show_reply(HOSTILE, (), "")
    assert text.plain_text() == shown(HOSTILE)[0].replace("«host ↗»", "(http://host)").replace(" «↗»", "")
    assert not text.findChildren(QLabel)
    assert all(isinstance(block.content, RichText) for block in text.blocks)


def test_only_the_open_block_is_laid_out_again(theme: Theme, parent: QWidget, monkeypatch: pytest.MonkeyPatch) -> None:
    text = ReplyText(theme, parent)
    text.show_reply("First.\n\nSec", (), "")
    first, second = text.blocks
    again: list[QWidget] = []
    set_pieces = RichText.set_pieces

    def noted(block: RichText, pieces: Sequence[Piece]) -> None:
        again.append(block)
        set_pieces(block, pieces)

    monkeypatch.setattr(RichText, "set_pieces", noted)
    text.show_reply("First.\n\nSecond", (), "")
    assert (text.blocks, again) == ([first, second], [second.content])
    text.show_reply("", (), "Nothing")
    assert (text.plain_text(), text.blocks) == ("Nothing", [first])


def test_streaming_and_finished_are_the_same_widgets(theme: Theme, parent: QWidget) -> None:
    whole = f"# Plan\n\nSo:\n\n```python\n{CODE}\n```\n\n|a|b|\n|-|-|\n|c|d|\n\n- x\n  - y"
    grown, finished = ReplyText(theme, parent), ReplyText(theme, parent)
    seen: list[QWidget] = []
    for end in range(1, len(whole) + 1):
        grown.show_reply(whole[:end], (), "")
        seen += [block for block in grown.blocks[:3] if block not in seen]
    finished.show_reply(whole, (), "")
    assert [block.block for block in grown.blocks] == [block.block for block in finished.blocks]
    assert [block.block.kind for block in finished.blocks] == ["text", "text", "code", "table", "text", "text"]
    before = list(grown.blocks)
    grown.show_reply(whole, (), "")
    assert grown.blocks == before
    assert len(seen) < 9, "a widget is made anew only where one kind of block becomes another"


def test_code_is_copied_whole_as_it_was_written(theme: Theme, parent: QWidget) -> None:
    text = ReplyText(theme, parent)
    text.show_reply(f"```python\n    {CODE}\n```", (), "")
    (block,) = text.blocks
    assert isinstance(block.content, CodeBlock)
    (copy,) = [one for one in block.findChildren(QPushButton) if one.accessibleName() == "Copy this code"]
    copy.click()
    assert QGuiApplication.clipboard().text() == f"    {CODE}"


def test_a_chip_of_any_block_hands_on_what_it_stands_for(theme: Theme, parent: QWidget, qtbot: QtBot) -> None:
    text = ReplyText(theme, parent)
    said = "- Move ⟦1⟧\n\n|a|\n|-|\n|b ⟦2⟧|"
    text.show_reply(said, places(said), "")
    with qtbot.waitSignal(text.activated) as told:
        text.chips()[1].click()
    assert told.args == [2]


@pytest.mark.qt_log_ignore("does not support raise")
def test_what_is_not_confirmed_explains_itself_where_it_stands(theme: Theme, parent: QWidget, qtbot: QtBot) -> None:
    text = ReplyText(theme, parent)
    told: list[object] = []
    text.activated.connect(told.append)
    parent.show()
    text.show_reply("It is so ⟦?⟧", places("It is so ⟦?⟧"), "")
    (doubt,) = text.chips()
    assert doubt.text() == "not confirmed"
    assert "no line of the call" in doubt.accessibleName()
    assert doubt.toolTip() == doubt.accessibleName()
    doubt.click()
    assert told == []
    assert QToolTip.text() == doubt.toolTip()
    QToolTip.hideText()


def test_only_claims_about_a_call_are_called_not_confirmed(theme: Theme, parent: QWidget) -> None:
    reply = ReplyWidget(theme, parent, shows_times=True)
    for text in ("Hello! How can I help?", f"```\n{CODE}\n```"):
        reply.show_message(Message(Role.ASSISTANT, text))
        assert (reply.words.chips(), reply.note.isHidden()) == ([], True)
    cited = Citation(CallId("c"), UtteranceId("u"), 17.0, 18.0, 4)
    marks = (Mark(6, 9, (4,)), Mark(16, 19))
    reply.show_message(Message(Role.ASSISTANT, "Moved [3]. Paid [9].", (cited,), marks=marks))
    assert [chip.text() for chip in reply.words.chips()] == ["0:17", "not confirmed"]
    reply.copy()
    assert QGuiApplication.clipboard().text() == "Moved. Paid (not confirmed)."


def test_the_painter_draws_code_and_slant(theme: Theme, parent: QWidget) -> None:
    def drawn(piece: Piece) -> QImage:
        block = RichText(theme, parent)
        block.resize(200, 40)
        block.set_pieces([piece])
        image = QImage(200, 40, QImage.Format.Format_RGB32)
        image.fill(Qt.GlobalColor.white)
        block.render(image)
        return image

    plain = drawn("milliwatt")
    assert drawn("milliwatt") == plain
    assert drawn(Run("milliwatt", is_code=True)) != plain
    assert drawn(Run("milliwatt", is_italic=True)) != plain


def test_the_lock_screen_loads_none_of_the_libraries_of_language() -> None:
    code = "import app.ui.main_window, app.services.session, sys; print(*sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    assert "app.core.evidence" in found.split()
    assert {"snowballstemmer", "text_to_num", "markdown_it"} & set(found.split()) == set()


def test_the_items_of_a_numbered_list_stand_below_each_other(theme: Theme, qtbot: QtBot) -> None:
    shown = ReplyText(theme, None)  # type: ignore[arg-type]
    qtbot.addWidget(shown)
    shown.resize(400, 600)
    shown.show_reply("\n".join(f"{n}. Item" for n in range(1, 13)), (), "")
    shown.show()
    assert len({block.content.x() for block in shown.blocks}) == 1, "also the tenth"
