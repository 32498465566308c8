"""A difference by keys: Tab and arrows go on, Enter takes, Backspace leaves, and the text is what was chosen."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.core.writing.difference import difference
from app.ui.style.theme import Theme
from app.ui.widgets.basics import button
from app.ui.writing.difference_view import DifferenceView
from tests.ui.stage import settle

OLD = "The last delivery were late, and three boxes is damaged  again."
NEW = "The last delivery was late, and three boxes were damaged again."
KEYS = Qt.Key


@pytest.fixture
def view(theme: Theme, screen: object) -> DifferenceView:
    around = QWidget()
    column = QVBoxLayout(around)
    made = DifferenceView(theme, around)
    column.addWidget(made)
    column.addWidget(button("After", around))
    made.show_difference(difference(OLD, NEW))
    around.resize(500, 200)
    around.show()
    around.activateWindow()
    settle(0.1)
    made.around = around  # type: ignore[attr-defined]
    made.begin()
    return made


def test_old_words_are_struck_on_red_and_new_ones_stand_beside_them(view: DifferenceView) -> None:
    runs = [(run.text, run.role, run.ground, run.is_struck) for _, _, run in view._runs if run.ground]
    assert runs == [
        ("were", "on_accent", "accent", True),  # the current one
        ("was", "on_accent", "accent", False),
        ("is", "on_contradicted", "contradicted", True),
        ("were", "accent", "soft", False),
        ("  ", "on_contradicted", "contradicted", True),
        ("␣", "accent", "soft", False),
    ]


def test_enter_takes_and_backspace_leaves_and_each_goes_on(view: DifferenceView) -> None:
    QTest.keyClick(view, KEYS.Key_Return)
    assert (view.choices, view.current) == (["taken", "open", "open"], 1)
    QTest.keyClick(view, KEYS.Key_Backspace)
    assert view.current == 2
    QTest.keyClick(view, KEYS.Key_Return)
    assert (view.choices, view.current) == (["taken", "left", "taken"], -1)
    assert view.text == OLD.replace("were", "was").replace("  ", " ")


def test_tab_and_arrows_lead_from_change_to_change_and_tab_out_at_the_end(view: DifferenceView) -> None:
    QTest.keyClick(view, KEYS.Key_Tab)
    QTest.keyClick(view, KEYS.Key_Right)
    assert view.current == 2
    QTest.keyClick(view, KEYS.Key_Backtab)
    QTest.keyClick(view, KEYS.Key_Left)
    QTest.keyClick(view, KEYS.Key_Left)
    assert view.current == 0
    QTest.keyClick(view, KEYS.Key_Return)
    QTest.keyClick(view, KEYS.Key_Up)
    QTest.keyClick(view, KEYS.Key_Backspace)
    assert view.choices[0] == "left", "what was taken can be left after all"
    view.go_to(2)
    assert view.hasFocus()
    QTest.keyClick(view, KEYS.Key_Tab)
    assert not view.hasFocus()


def test_the_current_change_is_said(view: DifferenceView) -> None:
    assert view.accessibleName() == (
        "Change 1 of 3: “was” in the place of “were”. Enter takes it, Backspace leaves it."
    )


def test_the_rest_is_taken_at_once(view: DifferenceView) -> None:
    QTest.keyClick(view, KEYS.Key_Backspace)
    view.take_rest()
    assert view.text == NEW.replace("was", "were", 1)


def test_of_a_long_text_what_lies_around_the_changes_is_shown(theme: Theme, view: DifferenceView) -> None:
    old = f"It were so. {'Nothing is to be changed here. ' * 60}And it were so."
    view.show_difference(difference(old, old.replace("were", "was")))
    assert len(view.plain_text()) < 500
    assert view.text == old
