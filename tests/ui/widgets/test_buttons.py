"""What a button does with keys."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from app.ui.style.theme import Theme
from app.ui.widgets.basics import button


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space])
def test_the_focused_button_is_pressed_by_keys(theme: Theme, key: Qt.Key) -> None:
    pressed: list[bool] = []
    parent = QWidget()
    QTest.keyClick(button("Go", parent, "plain", lambda: pressed.append(True)), key)
    assert pressed == [True]
