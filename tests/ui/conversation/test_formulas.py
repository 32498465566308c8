"""Formulas become letters that a person reads, or stay as they are written."""

import time

import pytest

from app.ui.conversation.formulas import LONGEST, readable

READABLE = {
    r"\frac{a}{b}": "a/b",
    r"\frac{a+b}{2c}": "(a+b)/2c",
    r"\frac{(a)(b)}{(c)+(d)}": "((a)(b))/((c)+(d))",
    r"E = mc^2": "E = mc²",
    r"\sum_{i=1}^{n} x_i^2": "∑ᵢ₌₁ⁿ xᵢ²",
    r"\int_0^\infty e^{-x}\,dx": "∫₀^∞ e⁻ˣ dx",
    r"\alpha\beta \le \sqrt{2}": "αβ ≤ √2",
    r"x = \frac{-b \pm \sqrt{b^2-4ac}}{2a}": "x = (-b ± √(b²-4ac))/2a",
    r"\lim_{x \to 0} \frac{\sin x}{x} = 1": "lim_(x → 0) (sin x)/x = 1",
    r"\mathbb{R}^{n+1}": "ℝⁿ⁺¹",
    r"e^{x^{2}}": "e^(x²)",
    r"\sqrt[3]{x}": "∛x",
    r"90^\circ": "90°",
    r"O(n \log n)": "O(n log n)",
    r"\text{if } x \in A": "if x ∈ A",
    r"\begin{pmatrix}1&2\\3&4\end{pmatrix}": "[ 1 2; 3 4 ]",
    r"\begin{aligned} a &= b \\ c &= d\end{aligned}": "a = b\nc = d",
    r"2^{10} = 1024": "2¹⁰ = 1024",
}


@pytest.mark.parametrize("formula", READABLE)
def test_a_formula_is_readable(formula: str) -> None:
    assert readable(formula) == READABLE[formula]


@pytest.mark.parametrize(
    "formula",
    [r"\unknown{a}", r"\frac{1}", r"\input{/etc/passwd}", "x" * (LONGEST + 1), "{" * 40, "}" * 40, r"\begin{foo", ""],
)
def test_what_is_not_known_stays_as_it_is_written(formula: str) -> None:
    assert readable(formula) == formula


@pytest.mark.parametrize("unit", ["x^", "{x^{", "_{^{", r"\frac{", r"\sqrt{x}", "^^", r"\\", "&", r"\left(", "a_b^c "])
def test_no_formula_keeps_it_busy(unit: str) -> None:
    readable("x")  # what is loaded for the first one counts for none
    began = time.thread_time()
    readable.cache_clear()
    readable((unit * LONGEST)[:LONGEST])
    assert time.thread_time() - began < 0.3
