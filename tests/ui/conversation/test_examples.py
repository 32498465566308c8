"""The examples of CommonMark and of GitHub's Markdown: each is read, and nearly all in the structure that they say."""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

import pytest
from markdown_it import MarkdownIt

from app.ui.conversation.reply_blocks import ReplyReader
from tests.running import ROOT
from tests.ui.conversation.example_structure import structure_of_blocks, structure_of_html

DATA = ROOT / "tests" / "data"
COMMONMARK: list[dict[str, Any]] = json.loads((DATA / "commonmark-0.31.json").read_text("utf-8"))
GFM: list[dict[str, Any]] = json.loads((DATA / "gfm-0.29.json").read_text("utf-8"))
LEAST = 0.95


@cache
def _with_html() -> MarkdownIt:
    return MarkdownIt("commonmark")


def has_raw_html(example: Mapping[str, Any]) -> bool:
    """Whether it is about HTML, which a reply shows as the text that it is."""
    tokens = _with_html().parse(example["markdown"])
    return any(
        token.type == "html_block" or any(child.type == "html_inline" for child in token.children or ())
        for token in tokens
    )


def is_right(example: Mapping[str, Any]) -> bool:
    found = structure_of_blocks(ReplyReader().read(example["markdown"]))
    return found == structure_of_html(example["html"])


def wrong_ones(examples: list[dict[str, Any]]) -> tuple[list[int], int]:
    compared = [example for example in examples if not has_raw_html(example)]
    return [example["number"] for example in compared if not is_right(example)], len(compared)


def test_there_are_as_many_as_there_should_be() -> None:
    assert (len(COMMONMARK), len(GFM)) == (652, 24)


def test_the_structure_is_right() -> None:
    """By decision other than they say: a table that would lose cells, schemes that are never opened, GitHub's links."""
    all_wrong = all_compared = 0
    for name, examples in (("CommonMark", COMMONMARK), ("GFM", GFM)):
        wrong, compared = wrong_ones(examples)
        all_wrong, all_compared = all_wrong + len(wrong), all_compared + compared
        told = f"{len(examples) - compared} apart for their HTML; not as it says: {wrong}"
        print(f"{name}: {1 - len(wrong) / compared:.1%} of {compared} examples, {told}")
        if name == "CommonMark":
            assert 1 - len(wrong) / compared >= LEAST
    print(f"Together: {1 - all_wrong / all_compared:.1%} of {all_compared}")
    assert 1 - all_wrong / all_compared >= LEAST


@pytest.mark.parametrize("html", ["<div>\n\n# a\n</div>", "a <b>c</b> <!-- d --> <?e?> <script>f()</script>"])
def test_html_is_shown_as_it_is_written(html: str) -> None:
    shown = " ".join(line.split("|")[-1] for line in structure_of_blocks(ReplyReader().read(html)))
    assert shown == " ".join(html.replace("# a", "**a**").split())


def test_no_example_is_read_otherwise_while_it_grows() -> None:
    for example in (*COMMONMARK, *GFM):
        text, reader = example["markdown"], ReplyReader()
        for end in range(0, len(text), 3):
            reader.read(text[:end])
        assert reader.read(text) == ReplyReader().read(text), example["number"]
