"""The look: what can be read, and what the binding does to it."""

import sys

import pytest
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QTextLayout
from PySide6.QtWidgets import QApplication

from app.ui.style.theme import DARK, LIGHT, TEXT_PAIRS, Palette, Theme


def luminance(color: str) -> float:
    """WCAG 2.2, relative luminance."""
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), TEXT_PAIRS)
def test_each_text_can_be_read_on_its_background(palette: Palette, ink: str, ground: str) -> None:
    assert contrast(getattr(palette, ink), getattr(palette, ground)) >= 4.5


def test_the_theme_can_be_changed_back_and_forth(screen: QApplication, theme: Theme) -> None:
    told: list[bool] = []
    theme.changed.connect(lambda: told.append(theme.is_dark))
    theme.choose("dark")
    theme.choose("light")
    assert told == [True, False]
    assert theme.color("page").name() == LIGHT.page
    assert LIGHT.accent in screen.styleSheet()


def test_a_larger_text_size_scales_every_length(screen: QApplication) -> None:
    theme = Theme(scale=2.0)
    assert theme.font(14).pixelSize() == 28
    assert theme.px(236) == 472


class _Emitter(QObject):
    told = Signal(object)


def test_emitting_true_does_not_lose_references_to_it(screen: QApplication) -> None:
    emitter = _Emitter()
    emitter.told.connect(lambda _: None)
    before = sys.getrefcount(True)
    for _ in range(1_000):
        emitter.told.emit(True)
    assert abs(sys.getrefcount(True) - before) < 100


def test_what_is_written_is_painted_letter_by_letter(theme: Theme) -> None:
    def glyphs(text: str) -> list[int]:
        layout = QTextLayout(text, theme.font())
        layout.beginLayout()
        layout.createLine()
        layout.endLayout()
        return [index for run in layout.glyphRuns() for index in run.glyphIndexes()]

    assert glyphs("->") == glyphs("-") + glyphs(">")  # the font would make an arrow of it
