"""Lines are counted as they are laid out, whatever is in them and however wide they are."""

import random

import pytest
from PySide6.QtWidgets import QApplication

from app.ui.style.theme import Theme
from app.ui.widgets.text_wrapping import TextWrapping
from tests.ui.example_calls import transcript

WORDS = (
    "I a To AV WAVE we'll don’t and deliver Tuesday, Thursday; quarter. really? no! so: Grundstücksverkehrsgenehmigung "
    "Übermorgen größer café naïve Привет, Москва Ελλάδα 12 3.5 1,200 10:30 agree-upon and/or INC.com a@b.example "
    "(maybe) “quoted” 会議は三時に สวัสดีครับ שלום مرحبا 👍 e\u0301tude so\u00adft no\u00a0break x…y wait?what --- "
    "Pneumonoultramicroscopicsilicovolcanoconiosis"
).split()  # fmt: skip


@pytest.mark.parametrize("scale", [1.0, 1.25, 2.0])
def test_a_counted_line_is_a_laid_out_line(screen: QApplication, scale: float) -> None:
    theme = Theme(screen, scale)
    theme.choose("light")
    wrapping = TextWrapping(theme.font(14), theme.px(21))
    chosen = random.Random(3)
    for _ in range(1_500):
        words = WORDS[: chosen.choice((16, 16, len(WORDS)))]
        text = chosen.choice((" ", " ", "  ")).join(chosen.choices(words, k=chosen.randint(0, 30)))
        width = chosen.randint(60, 900)
        assert wrapping.line_count(text, width) == wrapping.layout(text, width).lineCount(), (text, width)


def test_lines_of_plain_words_are_counted_and_not_laid_out(theme: Theme) -> None:
    wrapping = TextWrapping(theme.font(14), theme.px(21))
    texts = [f"{line.line} {line.text}" for line in transcript(200).utterances]  # no two alike
    assert sum(wrapping.line_count(text, 330) for text in texts) > len(texts)
    assert wrapping.layout.cache_info().misses < len(texts) / 2
