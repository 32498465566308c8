"""Replies in Markdown: read as blocks, painted as text, and never obeyed."""

import subprocess
import sys
import time
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from app.ui.conversation.reply_blocks import reply_blocks
from app.ui.conversation.reply_text import ReplyText
from app.ui.style.theme import Theme
from app.ui.widgets.rich_text import Chip, Piece, RichText, Run
from tests.running import ROOT

CHIPS = {n: Chip(str(n), f"Source {n}", n) for n in (1, 2)}
HOSTILE = (
    "<img src=//host/a.png> ![a](//host/b.png) [x](http://host) <script>go()</script> "
    '<http://host> &amp; "javascript:x"'
)


def shown(text: str) -> list[str]:
    """Each block as text, with its chips as «n»."""
    return ["".join(map(written, block)) for block in reply_blocks(text, CHIPS)]


def written(piece: Piece) -> str:
    if isinstance(piece, Chip):
        return f"«{piece.label}»"
    return piece.text if isinstance(piece, Run) else piece


def runs(text: str) -> list[Run]:
    return [piece for block in reply_blocks(text, {}) for piece in block if isinstance(piece, Run)]


@pytest.mark.parametrize(
    ("text", "blocks"),
    [
        ("# Plan [1]\n\nMove it.\nThen **pay** [2].", ["Plan «1»", "Move it.\nThen pay «2»."]),
        ("3. Move [1]\n4. Pay\n   - `Nina`\n", ["3. Move «1»\n4. Pay\n    •  Nina"]),
        ("- a\n\n- b", ["•  a\n•  b"]),
        ("- a\n  b", ["•  a\n    b"]),
        ("> said\n> so", ["│ said\n│ so"]),
        ("```py\nif a:\n    b[1] = c[7] [?]\n```", ["if a:\n    b «1» = c[7]  not confirmed"]),
        ("|Who|Pays|\n|-|-:|\n|Nina|5 [1]|\n|Leo|12|", ["Who   Pays\nNina  5 «1»\nLeo   12"]),
        ("|Who|Pays|\n|-|-|\n|Nina|5| [1]\n|Leo|12| [?]", ["Who   Pays\nNina  5 «1»\nLeo   12 not confirmed"]),
        ("It is so [?]\nand [9] so [1", ["It is so  not confirmed\nand so"]),
        ("a_b_c 2*3*4 \\* **half", ["a_b_c 234 \\* **half"]),
        ("|a|\n|-|\n|b|c|", ["|a|\n|-|\n|b|c|"]),  # the second cell would be left out
        (HOSTILE, [HOSTILE]),
        ("", []),
    ],
)
def test_a_reply_as_blocks(text: str, blocks: list[str]) -> None:
    assert shown(text) == blocks


def test_emphasis_and_code_are_weight_slant_and_letters() -> None:
    assert runs("# Plan\n**a** *b* `c` d") == [
        Run("Plan", 600),
        Run("a", 600),
        Run("b", is_italic=True),
        Run("c", is_code=True),
    ]


@given(st.text(st.sampled_from("ab1 \n#*_`>-|[]?.~:"), max_size=60))
def test_no_word_is_lost(text: str) -> None:
    found = "".join(shown(text)).replace("not confirmed", "")
    assert (found.count("a"), found.count("b")) == (text.count("a"), text.count("b"))


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
    text.show_reply(HOSTILE, {}, "")
    assert text.plain_text() == HOSTILE
    assert not text.findChildren(QLabel)
    assert all(type(block) is RichText for block in text.blocks)


def test_only_the_open_block_is_laid_out_again(theme: Theme, parent: QWidget, monkeypatch: pytest.MonkeyPatch) -> None:
    text = ReplyText(theme, parent)
    text.show_reply("First [1].\n\nSec", CHIPS, "")
    first, second = text.blocks
    again: list[RichText] = []
    set_pieces = RichText.set_pieces

    def noted(block: RichText, pieces: Sequence[Piece]) -> None:
        again.append(block)
        set_pieces(block, pieces)

    monkeypatch.setattr(RichText, "set_pieces", noted)
    text.show_reply("First [1].\n\nSecond", CHIPS, "")
    assert (text.blocks, again) == ([first, second], [second])
    text.show_reply("", {}, "Nothing")
    assert (text.plain_text(), text.blocks) == ("Nothing", [first])


def test_a_chip_of_any_block_hands_on_what_it_stands_for(theme: Theme, parent: QWidget, qtbot: QtBot) -> None:
    text = ReplyText(theme, parent)
    text.show_reply("- Move [1]\n\n|a|\n|-|\n|b [2]|", CHIPS, "")
    with qtbot.waitSignal(text.activated) as told:
        text.chips()[1].click()
    assert told.args == [2]


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
