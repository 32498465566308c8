"""The Markdown of replies as tokens: CommonMark, GitHub's tables and strikethrough, and formulas; no HTML."""

import re
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token
else:
    Token = Any

__all__ = ["Token", "has_cell_too_many", "parsed", "unescaped"]

_PAIRS = (("$$", "$$"), ("\\[", "\\]"), ("\\(", "\\)"), ("$", "$"))
_LONGEST = 1_000  # characters in which a formula must end
_WORD = re.compile(r"\w")


def parsed(text: str, references: dict[str, Any]) -> "tuple[list[Token], list[tuple[int, int]], dict[str, Any]]":
    """The tokens of a text, the first and last lines of what defines addresses in it, and all that is defined then.

    `references` were defined before.
    """
    environment: dict[str, Any] = {"references": dict(references)}
    tokens = _parser().parse(text, environment)
    known = environment["references"]
    new = [one for label, one in known.items() if label not in references] + environment.get("duplicate_refs", [])
    places = sorted((one["map"][0], one["map"][1]) for one in new if one.get("map"))
    return tokens, places, known


def unescaped(text: str) -> str:
    """The text with its entities and escapes as what they mean."""
    from markdown_it.common.utils import unescapeAll

    return unescapeAll(text)


def has_cell_too_many(lines: list[str], columns: int) -> bool:
    """Whether a row of a table has more cells than its head, of which the rules leave some out."""
    from markdown_it.rules_block.table import escapedSplit

    for line in lines:
        row = line.strip().removeprefix("|").strip()
        if row.endswith("|") and not row.endswith("\\|"):
            row = row[:-1]
        if row and len(escapedSplit(row)) > columns:
            return True
    return False


@cache
def _parser() -> "MarkdownIt":
    from markdown_it import MarkdownIt  # late: 60 ms, and the lock screen needs none of it

    made = MarkdownIt("commonmark").disable(["html_block", "html_inline"]).enable(["table", "strikethrough"])
    made.normalizeLink = lambda url: url  # type: ignore[method-assign]
    made.normalizeLinkText = lambda link: link  # type: ignore[method-assign]
    made.validateLink = lambda url: True  # type: ignore[method-assign]
    made.inline.ruler.before("escape", "formula", _inline_formula)
    made.block.ruler.before("fence", "formula", _formula_block, {"alt": ["paragraph", "blockquote", "list"]})
    return made


def _inline_formula(state: "StateInline", silent: bool) -> bool:
    if state.src[state.pos] not in "$\\":
        return False
    for opening, closing in _PAIRS:
        if not state.src.startswith(opening, state.pos):
            continue
        start = state.pos + len(opening)
        end = state.src.find(closing, start, min(state.posMax, start + _LONGEST))
        if end < 0 or not _is_formula(state.src, start, end, opening):
            return False
        if not silent:
            state.push("formula", "", 0).content = state.src[start:end]
        state.pos = end + len(closing)
        return True
    return False


def _is_formula(source: str, start: int, end: int, opening: str) -> bool:
    """Whether it is one, and no sum of money: a lone `$` stands close to what it encloses, and before no digit."""
    inside = source[start:end]
    if not _WORD.search(inside):
        return False
    if opening != "$":
        return True
    is_close = not inside[0].isspace() and not inside[-1].isspace() and "\n" not in inside
    return is_close and not source[end + 1 : end + 2].isalnum() and not source[start - 2 : start - 1].isalnum()


def _formula_block(state: "StateBlock", first: int, last: int, silent: bool) -> bool:
    """A formula that begins a line, and ends before a blank one at the end of a line."""
    if state.is_code_block(first):
        return False
    start = state.bMarks[first] + state.tShift[first]
    opening = state.src[start : start + 2]
    if opening not in ("$$", "\\["):
        return False
    closing = "$$" if opening == "$$" else "\\]"
    lines: list[str] = []
    for number in range(first, last):
        if number > first and (state.isEmpty(number) or state.sCount[number] < state.blkIndent):
            return False
        at = state.bMarks[number] + state.tShift[number] + (2 if number == first else 0)
        line = state.src[at : state.eMarks[number]]
        end = line.find(closing)
        if end < 0:
            lines.append(line)
            continue
        if line[end + 2 :].strip():
            return False
        lines.append(line[:end])
        formula = "\n".join(lines).strip()
        if not _WORD.search(formula):
            return False
        if not silent:
            token = state.push("formula_block", "", 0)
            token.content, token.map = formula, [first, number + 1]
        state.line = number + 1
        return True
    return False
