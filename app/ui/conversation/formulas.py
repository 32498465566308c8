"""Formulas in TeX as letters that a person reads: powers raised, Greek letters and signs as themselves."""

import logging
import re
import unicodedata
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pylatexenc.latex2text import LatexNodes2Text

LONGEST = 1_000
"""Characters of a formula that is made readable; a longer one stays as it is written."""
_DEEPEST = 12  # braces within each other
_MOST_SCRIPTS = 60  # each is converted by itself
_SCRIPT = re.compile(r"(\\[A-Za-z]+)?([_^])\s*(?:\{([^{}]*)\}|(\\[A-Za-z]+)|([^\s{}\\]))")
_MACRO = re.compile(r"\\([A-Za-z]+)")
_BREAK = re.compile(r"\\\\(?:\[[^\]]*\])?")
_PLAIN = {
    "left": "", "right": "", "big": "", "Big": "", "bigg": "", "Bigg": "", "displaystyle": "", "textstyle": "",
    "limits": "", "nolimits": "", "dfrac": r"\frac", "tfrac": r"\frac", "cfrac": r"\frac", "implies": "⟹ ",
    "iff": "⟺ ", "lvert": "|", "rvert": "|", "lVert": "‖", "rVert": "‖", "operatorname": r"\mathrm", "lor": "∨ ",
    "land": "∧ ", "blacksquare": "■", "quad": "  ", "qquad": "    ",
}  # fmt: skip
_STRUCTURE = {"begin", "end"}
_ATOM = re.compile(r"[\w²³¹⁰-₟′]+|\([^()]*\)|√\(?[^()]*\)?")
_SPACED = re.compile(r"(\\[A-Za-z]+)\s+(?![\s{\[_^])")  # TeX takes the space behind a name away


@lru_cache(512)  # a reply that grows is read again and again
def readable(formula: str) -> str:
    """A formula without its `$`; as it is written where something in it is not known."""
    if len(formula) > LONGEST or _depth(formula) > _DEEPEST or formula.count("{") != formula.count("}"):
        return formula
    if formula.count("^") + formula.count("_") > _MOST_SCRIPTS:
        return formula
    known = _known()
    names = _MACRO.findall(formula)
    if not all(name in known for name in names):
        return formula
    text = _MACRO.sub(lambda found: _PLAIN.get(found[1], found[0]), formula)
    text = _SPACED.sub(rf"\1{_SPACE}", text)
    try:
        text = _with_scripts(text)
        lines = [_converted(line) for line in _lines(text)]
    except (RecursionError, ValueError, IndexError, KeyError, TypeError, AttributeError):
        return formula
    found = "\n".join(filter(None, lines))
    return found or formula


def _lines(text: str) -> list[str]:
    """The rows of aligned formulas; those of a matrix stay together."""
    text = re.sub(r"\\(?:begin|end)\{(?:aligned|align|equation|gather|split|gathered)\*?\}", "", text)
    return [text] if r"\begin" in text else [line.replace("&", "") for line in _BREAK.split(text)]


def _depth(formula: str) -> int:
    depth = deepest = 0
    for character in formula:
        depth += (character == "{") - (character == "}")
        deepest = max(deepest, depth)
    return deepest


def _with_scripts(text: str) -> str:
    """What is raised or lowered as Unicode has it, the innermost first; else in brackets behind its mark."""
    for _ in range(_DEEPEST):
        changed = _SCRIPT.sub(_script, text)
        if changed == text:
            break
        text = changed
    return text


def _script(found: re.Match[str]) -> str:
    mark, before = found[2], f"{found[1]} " if found[1] else ""  # a letter would go on a macro's name
    text = _converted(next(part for part in found.groups()[2:] if part is not None))
    letters = [_scripts(mark).get(character) for character in text.replace(" ", "")]
    if letters and None not in letters:
        return before + "".join(filter(None, letters))
    return before + (f"{_WAITING[mark]}({text})" if len(text) > 1 else f"{_WAITING[mark]}{text}")


_SPACE = "\ue002"
_WAITING = {"_": "\ue000", "^": "\ue001"}  # a mark that was looked at; letters of nobody's, for the time being


@cache
def _scripts(mark: str) -> dict[str, str]:
    """The letters that Unicode has raised or lowered."""
    kind = "<super>" if mark == "^" else "<sub>"
    found = {"′": "′", "∗": "*", "∘": "°"} if mark == "^" else {}
    for code in (*range(0xAA, 0xBB), *range(0x2B0, 0x300), *range(0x1D2C, 0x1D6B), *range(0x2070, 0x209D), 0x2C7C):
        parts = unicodedata.decomposition(chr(code)).split()
        if len(parts) == 2 and parts[0] == kind:
            found.setdefault(chr(int(parts[1], 16)), chr(code))
    return found | ({"-": found["−"]} if "−" in found else {})


def _converted(text: str) -> str:
    converted: str = _converter().latex_to_text(text)
    for mark, waiting in _WAITING.items():
        converted = converted.replace(waiting, mark)
    return " ".join(converted.replace(_SPACE, " ").split())


@cache
def _converter() -> "LatexNodes2Text":
    from pylatexenc import latex2text  # late: 20 ms, and few replies have formulas

    logging.getLogger("pylatexenc").setLevel(logging.CRITICAL + 1)  # it tells what it can't parse
    context = latex2text.get_default_latex_context_db()
    own = [
        latex2text.MacroTextSpec("frac", simplify_repl=_fraction),
        latex2text.MacroTextSpec("sqrt", simplify_repl=_root),
    ]
    context.add_context_category("readable", prepend=True, macros=own)
    return latex2text.LatexNodes2Text(latex_context=context, math_mode="text", keep_comments=True)


@cache
def _known() -> frozenset[str]:
    """The names that are known: others would lose their meaning, and some words."""
    from pylatexenc import latex2text

    context = latex2text.get_default_latex_context_db()
    names = {spec.macroname for category in context.categories() for spec in context.iter_macro_specs([category])}
    return frozenset(names - {"input", "include"}) | _PLAIN.keys() | _STRUCTURE


def _fraction(node: Any, l2tobj: Any) -> str:
    above, below = (l2tobj.nodelist_to_text([part]).strip() for part in node.nodeargd.argnlist[-2:])
    return f"{_bracketed(above)}/{_bracketed(below)}"


def _root(node: Any, l2tobj: Any) -> str:
    degree, below = node.nodeargd.argnlist[-2:]
    text = l2tobj.nodelist_to_text([below]).strip()
    sign = {"3": "∛", "4": "∜"}.get(l2tobj.nodelist_to_text([degree]).strip() if degree else "", "√")
    return f"{sign}{text}" if len(text) == 1 else f"{sign}({text})"


def _bracketed(text: str) -> str:
    return text if len(text) == 1 or _ATOM.fullmatch(text) else f"({text})"
