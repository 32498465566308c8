"""A column of columns: each is as high as its texts need, whatever becomes of its width and of them."""

import pytest
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from app.ui.style.theme import Theme
from app.ui.widgets.basics import centred
from app.ui.widgets.cached_column import CachedColumn
from app.ui.widgets.rich_text import RichText
from app.ui.widgets.scroll_panes import ScrollPane
from tests.ui.stage import settle

WORDS = "It says a little more than fits into one line of a narrow window. "


class Columns:
    """Some columns of texts, one below the other."""

    def __init__(self, theme: Theme, qtbot: QtBot) -> None:
        self.window = QWidget()
        qtbot.addWidget(self.window)
        content = QWidget(self.window)
        outer = QVBoxLayout(self.window)
        outer.addWidget(ScrollPane(self.window, content, "Texts"))
        self.inner = QWidget(content)
        centre = QVBoxLayout(content)
        centre.addLayout(centred(self.inner))
        centre.addStretch(1)
        self.stack = QVBoxLayout(self.inner)
        self.theme = theme
        self.columns: list[CachedColumn] = []
        self.texts: list[list[RichText]] = []
        self.window.resize(300, 200)
        self.window.show()

    def add(self) -> None:
        """Add a column of three texts."""
        made = CachedColumn(self.inner, "Texts", 7)
        texts = []
        for _ in range(3):
            row = QWidget(made)  # as a message is, which has a layout of its own
            inner = QVBoxLayout(row)
            inner.setContentsMargins(0, 0, 0, 0)
            texts.append(RichText(self.theme, row))
            texts[-1].set_text(WORDS)
            inner.addWidget(texts[-1])
            made.column.addWidget(row)
        self.stack.insertWidget(0, made)
        self.columns.append(made)
        self.texts.append(texts)
        settle(0.1)

    def heights(self) -> list[tuple[int, int]]:
        """The height of each column, and what its texts need."""
        return [
            (column.height(), sum(text.heightForWidth(column.width()) for text in texts) + 2 * 7)
            for column, texts in zip(self.columns, self.texts, strict=True)
        ]


@pytest.fixture
def columns(theme: Theme, qtbot: QtBot) -> Columns:
    return Columns(theme, qtbot)


def test_each_is_as_high_as_its_texts_at_any_width(columns: Columns) -> None:
    columns.add()
    columns.add()
    narrow = columns.heights()
    assert all(height == needed > 100 for height, needed in narrow)
    columns.window.resize(700, 200)
    settle(0.1)
    wide = columns.heights()
    assert all(height == needed for height, needed in wide)
    assert wide[0][0] < narrow[0][0]


def test_it_grows_and_shrinks_with_what_is_in_it(columns: Columns) -> None:
    columns.add()
    before = columns.columns[0].height()
    columns.texts[0][1].set_text(WORDS * 9)
    settle(0.1)
    ((height, needed),) = columns.heights()
    assert height == needed > before
    for text in columns.texts[0]:
        text.parentWidget().hide()  # type: ignore[union-attr]
    settle(0.1)
    assert columns.columns[0].height() == 0
