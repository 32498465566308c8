"""What is wrong with a window as it lies on its screen: cut off, overlapping, clipped, pale, or without a name."""

from collections.abc import Iterator
from itertools import combinations

import numpy as np
from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QAccessible, QColor, QImage
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QCheckBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QListView,
    QMenu,
    QScrollBar,
    QSizeGrip,
    QStyleOptionViewItem,
    QWidget,
)

from app.ui.shell.palette import Palette
from app.ui.shell.side_bar import NavRow
from app.ui.widgets.basics import ElidedLabel
from app.ui.widgets.drop_target import DropOverlay
from app.ui.widgets.rich_text import RichText

SLACK = 1  # pixels: what rounding may take
LEAST_CONTRAST = 4.5
_ROOM = 2  # pixels on either side of a button's text
_DOTS = {"•••", "...", "…", "‹", "›"}


def faults(window: QWidget) -> list[str]:
    """Each fault of a window, menu or dialog that is shown, as a sentence."""
    parts = [part for part in window.findChildren(QWidget) if part.isVisible() and part.window() is window]
    return [
        *too_large(window),
        *(fault for part in parts for fault in (*cut_off(part), *clipped(part), *unnamed(part))),
        *(fault for part in [window, *parts] for fault in overlaps(part)),
        *(fault for part in parts if isinstance(part, QListView) for fault in uneven_rows(part)),
    ]


def what(part: QWidget) -> str:
    """A widget as a person finds it: its kind, its name, and the kind it lies in."""
    name = part.accessibleName() or getattr(part, "text", str)() or part.objectName()
    parent = part.parentWidget()
    inside = f" in {type(parent).__name__} {parent.accessibleName()[:30]!r}" if parent is not None else ""
    return f"{type(part).__name__} {str(name)[:60]!r}{inside}"


def too_large(window: QWidget) -> Iterator[str]:
    """A window that is not wholly on its screen."""
    screen = window.screen().availableGeometry()
    frame = window.frameGeometry()
    if not screen.contains(frame):
        yield f"{what(window)} lies at {_said(frame)} on a screen of {_said(screen)}"


def is_control(part: QWidget) -> bool:
    """Whether a person reads it or acts on it: all of it must be reachable."""
    if isinstance(part, QAbstractScrollArea | QScrollBar):
        return False
    if isinstance(part, QLabel):
        return bool(part.text())
    if isinstance(part, RichText):
        return bool(part.plain_text() or part.chips())
    return isinstance(part, QAbstractButton | QComboBox) or part.focusPolicy() is not Qt.FocusPolicy.NoFocus


def cut_off(part: QWidget) -> Iterator[str]:
    """A control that its parents cut off, other than where they scroll to it."""
    if not is_control(part) or _is_inner(part):
        return
    rect, inside = QRect(QPoint(0, 0), part.size()), part
    while not inside.isWindow() and (parent := inside.parentWidget()) is not None:
        rect = rect.translated(inside.pos())
        area = parent.parentWidget()
        if isinstance(area, QAbstractScrollArea) and parent is area.viewport():
            off = Qt.ScrollBarPolicy.ScrollBarAlwaysOff
            view = parent.rect()
            if area.horizontalScrollBarPolicy() is off:
                yield from _outside(part, rect, view, parent, is_across=True)
            if area.verticalScrollBarPolicy() is off:
                yield from _outside(part, rect, view, parent, is_across=False)
            rect, inside = area.rect(), area
            continue
        yield from _outside(part, rect, parent.rect(), parent, is_across=True)
        yield from _outside(part, rect, parent.rect(), parent, is_across=False)
        inside = parent


def _outside(part: QWidget, rect: QRect, view: QRect, parent: QWidget, *, is_across: bool) -> Iterator[str]:
    low, high = (rect.left(), rect.right()) if is_across else (rect.top(), rect.bottom())
    first, last = (view.left(), view.right()) if is_across else (view.top(), view.bottom())
    if low < first - SLACK or high > last + SLACK:
        way = "across" if is_across else "down"
        yield f"{what(part)} is cut off {way}: {low}..{high} of {first}..{last} of {what(parent)}"


def clipped(part: QWidget) -> Iterator[str]:
    """Text that its own widget has no room for, unless it is elided by design."""
    metrics = part.fontMetrics()
    if isinstance(part, ElidedLabel | NavRow):
        if part.height() < metrics.height() - SLACK:
            yield f"{what(part)} is too low for its letters: {part.height()} of {metrics.height()}"
    elif isinstance(part, QLabel) and part.text() and not part.wordWrap():
        need = part.sizeHint()
        if part.width() < need.width() - SLACK or part.height() < need.height() - 2 * SLACK:
            yield f"{what(part)} is clipped: {_size(part.size())} of {_size(need)}"
    elif isinstance(part, RichText) and part.plain_text():
        need_height = part.heightForWidth(part.width())
        if part.height() < need_height - SLACK:
            yield f"{what(part)} is clipped: {part.height()} of {need_height} high at {part.width()}"
        if part.width() < 4 * metrics.averageCharWidth() and len(part.plain_text()) > 4:
            yield f"{what(part)} is a column of letters, {part.width()} wide"
    elif isinstance(part, QCheckBox):
        if part.width() < part.sizeHint().width() - SLACK:
            yield f"{what(part)} is clipped: {part.width()} of {part.sizeHint().width()}"
    elif isinstance(part, QAbstractButton) and part.text():
        need_width = metrics.horizontalAdvance(part.text()) + 2 * _ROOM
        if part.width() < need_width or part.height() < metrics.height() - SLACK:
            yield f"{what(part)} is clipped: {_size(part.size())} of {need_width}x{metrics.height()}"
    elif isinstance(part, QLineEdit):
        words = part.placeholderText() if not part.text() else ""
        if words and metrics.horizontalAdvance(words) > part.width():
            yield f"{what(part)}: its placeholder {words!r} is clipped"
        if part.height() < metrics.height():
            yield f"{what(part)} is too low for its letters: {part.height()} of {metrics.height()}"


def unnamed(part: QWidget) -> Iterator[str]:
    """A control that a screen reader has no words for."""
    if part.focusPolicy() is Qt.FocusPolicy.NoFocus and not isinstance(part, QAbstractButton):
        return
    if _is_inner(part) or (isinstance(part, RichText) and not part.plain_text()):
        return
    read = QAccessible.queryAccessibleInterface(part)
    name = read.text(QAccessible.Text.Name).strip()
    if not name or name in _DOTS:
        yield f"{what(part)} has no name: {name!r}"


def overlaps(parent: QWidget) -> Iterator[str]:
    """Two children that lie on each other."""
    shown = [
        child for child in parent.children()
        if isinstance(child, QWidget) and child.isVisible() and not child.isWindow() and not _is_inner(child)
        and not isinstance(child, Palette | DropOverlay)  # they cover the window while they are open
    ]  # fmt: skip
    for one, other in combinations(shown, 2):
        both = one.geometry().intersected(other.geometry())
        if both.width() > SLACK and both.height() > SLACK:
            yield f"{what(one)} and {what(other)} overlap by {_size(both.size())}"


def uneven_rows(view: QListView) -> Iterator[str]:
    """Rows of a list that lie on each other, or are not as high as they must be."""
    model, root, end = view.model(), view.rootIndex(), None
    option = QStyleOptionViewItem()
    view.initViewItemOption(option)
    for row in range(model.rowCount(root)):
        if view.isRowHidden(row):
            continue
        index = model.index(row, 0, root)
        rect = view.visualRect(index)
        need = view.itemDelegateForIndex(index).sizeHint(option, index)
        if end is not None and rect.top() < end:
            yield f"row {row} of {what(view)} begins at {rect.top()}, above the end of the row before at {end}"
        if rect.height() < need.height() - SLACK:
            yield f"row {row} of {what(view)} is {rect.height()} high and needs {need.height()}"
        end = rect.bottom()


def _is_inner(part: QWidget) -> bool:
    """A part that Qt makes inside its own widgets."""
    if part.objectName().startswith("qt_") or isinstance(part, QScrollBar | QSizeGrip):
        return True
    parent = part.parentWidget()
    return isinstance(parent, QAbstractScrollArea | QComboBox | QLineEdit) and not isinstance(part, QAbstractItemView)


# Contrast


def pale(window: QWidget) -> list[str]:
    """Text whose contrast with its ground, as painted, is under 4.5 to 1."""
    picture = window.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    found = []
    covers = [cover for cover in window.findChildren(Palette) if cover.isVisible()]
    for part in window.findChildren(QWidget):
        if covers and not any(cover.isAncestorOf(part) for cover in covers):
            continue
        if not part.isVisible() or part.window() is not window or not _is_text(part) or not part.isEnabled():
            continue
        seen = part.visibleRegion().boundingRect().translated(part.mapTo(window, QPoint(0, 0)))
        is_half_hidden = seen.height() < part.height() / 2 or seen.width() < part.width() / 2
        if min(seen.width(), seen.height()) < 8 or is_half_hidden:
            continue  # what can be seen of it may have no text
        ratio = picture.devicePixelRatio()
        where = QRect(seen.topLeft() * ratio, seen.size() * ratio).intersected(picture.rect())
        contrast = painted_contrast(picture.copy(where))
        if contrast < LEAST_CONTRAST:
            found.append(f"{what(part)} is pale: {contrast:.1f} to 1")
    return found


def _is_text(part: QWidget) -> bool:
    if isinstance(part, RichText):
        return bool(part.plain_text())
    if isinstance(part, QLabel | QAbstractButton):
        return bool(part.text())
    return isinstance(part, QLineEdit) and bool(part.text() or part.placeholderText())


def painted_contrast(picture: QImage) -> float:
    """The contrast of the ground, which is the most frequent colour, with the colour that stands out most."""
    pixels = np.frombuffer(picture.constBits(), np.uint32).reshape(picture.height(), picture.bytesPerLine() // 4)
    colors, counts = np.unique(pixels[:, : picture.width()], return_counts=True)
    if len(colors) < 3:
        return 21.0  # nothing is written here
    ground = QColor(int(colors[counts.argmax()]))
    return max(contrast_of(ground, QColor(int(color))) for color in colors[:: max(1, len(colors) // 400)])


def contrast_of(one: QColor, other: QColor) -> float:
    """The contrast of two colours by WCAG 2, from 1 to 21."""
    lights = sorted((_luminance(one), _luminance(other)))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def _luminance(color: QColor) -> float:
    parts = (color.redF(), color.greenF(), color.blueF())
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def short_menu(menu: QMenu) -> list[str]:
    """Entries of a menu that are wider than it is."""
    metrics = menu.fontMetrics()
    return [
        f"{action.text()!r} is clipped in {what(menu)}"
        for action in menu.actions()
        if action.isVisible() and metrics.horizontalAdvance(action.text()) > menu.width()
    ]


def _size(size: QSize) -> str:
    return f"{size.width()}x{size.height()}"


def _said(rect: QRect) -> str:
    return f"{rect.x()},{rect.y()} {_size(rect.size())}"
