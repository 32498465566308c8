"""No line of text is cut in its height, at any size of text."""

from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPlainTextEdit, QPushButton

from app.services.application import Application
from app.ui.main_window import MainWindow
from tests.ui.doubles import SessionDouble, as_tacit
from tests.ui.example_calls import call
from tests.ui.stage import enter, everything, settle, until

Show = Callable[[Application], MainWindow]


@pytest.fixture
def session() -> SessionDouble:
    """A session with one call."""
    made = SessionDouble()
    made.library.add(call("Supply contract"))
    return made


@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_no_line_of_text_is_cut_in_its_height(session: SessionDouble, show: Show, scale: float) -> None:
    window = show(as_tacit(session))
    window.theme.scale = scale
    window.theme.choose("light")
    window.resize(1320, 860)
    desk = enter(window)
    until(lambda: desk.calls.list.rows.rows)
    desk.calls.open(desk.calls.list.rows.rows[0].call)
    until(lambda: desk.calls.call.call is not None)
    settle(0.4)
    for widget in everything(window):
        if isinstance(widget, QLabel | QPushButton | QLineEdit) and widget.text():
            assert widget.height() >= widget.fontMetrics().height() - 1, widget.accessibleName()
        if isinstance(widget, QPushButton) and widget.text() and type(widget) is QPushButton:
            assert widget.width() >= widget.fontMetrics().horizontalAdvance(widget.text()), widget.text()
        if isinstance(widget, QPlainTextEdit):
            assert widget.height() >= widget.fontMetrics().height()
    QApplication.processEvents()
