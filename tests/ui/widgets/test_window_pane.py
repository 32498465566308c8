"""A window that is smaller than its page scrolls, and keeps room for every notice."""

import pytest
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from app.ui.style.theme import Theme
from app.ui.widgets.notice_bar import NoticeBar, NoticeText
from app.ui.widgets.scroll_panes import WindowPane
from tests.ui.stage import settle

LEAST = QSize(300, 200)
WORDS = "There is a word that is said at some length to someone who reads it in a narrow window. " * 3


@pytest.mark.parametrize("kind", ["bar", "text"])
def test_a_notice_and_the_page_below_it_are_never_cut_off(theme: Theme, qtbot: QtBot, kind: str) -> None:
    frame = QWidget()
    outer = QWidget()
    window = WindowPane(outer, frame, LEAST)
    qtbot.addWidget(outer)
    column = QVBoxLayout(frame)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    notice = NoticeBar(theme, frame) if kind == "bar" else NoticeText(theme, frame, size=13, line=19)
    notice.hide()
    page = QFrame(frame)
    page.setMinimumSize(LEAST)
    column.addWidget(notice)
    column.addWidget(page, 1)
    window.setGeometry(0, 0, LEAST.width(), LEAST.height())
    outer.resize(LEAST)
    outer.show()
    settle()
    assert frame.height() == LEAST.height(), "nothing scrolls while there is no notice"
    if isinstance(notice, NoticeBar):
        notice.show_failure("It failed.", WORDS)
    else:
        notice.set_text(WORDS)
        notice.show()
    settle()
    needed = notice.heightForWidth(notice.width())
    assert needed > 60
    assert notice.height() >= needed
    assert page.height() >= LEAST.height()
    assert page.geometry().bottom() < frame.height()
