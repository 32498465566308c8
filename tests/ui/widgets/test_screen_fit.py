"""Where a window is put: wholly on one screen, also after a screen has gone or become smaller."""

import pytest
from PySide6.QtCore import QRect
from PySide6.QtWidgets import QApplication, QWidget

from app.ui.shell.window_geometry import geometry_of, restore_geometry
from app.ui.widgets.screen_fit import ScreenFit, fitted, screens

LAPTOP, BESIDE = QRect(0, 0, 1366, 740), QRect(1366, 0, 2560, 1440)


@pytest.mark.parametrize(
    ("frame", "known", "expected"),
    [
        (QRect(10, 20, 800, 600), [LAPTOP], QRect(10, 20, 800, 600)),
        (QRect(0, 0, 1920, 1080), [LAPTOP], LAPTOP),
        (QRect(1300, 700, 800, 600), [LAPTOP], QRect(566, 140, 800, 600)),
        (QRect(-300, -40, 800, 600), [LAPTOP], QRect(0, 0, 800, 600)),
        (QRect(1500, 100, 1320, 860), [LAPTOP, BESIDE], QRect(1500, 100, 1320, 860)),
        (QRect(1500, 100, 1320, 860), [LAPTOP], QRect(23, 0, 1320, 740)),
        (QRect(1000, 0, 1000, 700), [LAPTOP, BESIDE], QRect(1366, 0, 1000, 700)),
    ],
    ids=["fits", "too large", "over an edge", "before the corner", "second screen", "screen gone", "over two"],
)
def test_a_frame_is_fitted_on_one_screen(frame: QRect, known: list[QRect], expected: QRect) -> None:
    assert fitted(frame, known) == expected


def test_a_place_is_restored_only_where_it_still_fits(screen: QApplication) -> None:
    room = screens()[0]
    window = QWidget()
    window.resize(200, 150)
    for left, top, width, height in (
        (room.right() + 500, 0, 300, 200), (0, 0, room.width() + 1, 100), (room.right() - 40, 0, 300, 200),
    ):  # fmt: skip
        restore_geometry(window, (left, top, width, height, 0))
        assert window.size().width() == 200, "the screen it was on has gone, or has become smaller"
    restore_geometry(window, (30, 40, 300, 200, 0))
    assert geometry_of(window)[2:] == (300, 200, 0)


def test_a_window_larger_than_its_screen_is_made_smaller(screen: QApplication) -> None:
    room = screens()[0]
    window = QWidget()
    fit = ScreenFit(window, room.size() * 2)
    window.resize(room.size() * 2)
    window.show()
    fit.fit()
    screen.processEvents()
    assert room.contains(window.frameGeometry())
    window.hide()
