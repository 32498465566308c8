"""The weights of a model as a picture: an area for each of its parts, coloured by type, and what the colours mean."""

from collections.abc import Sequence
from itertools import groupby

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QGridLayout, QSizePolicy, QWidget

from app.core.inspection import Inspection, Portion, Share
from app.ui.style.phrases import size
from app.ui.style.theme import Role, Theme
from app.ui.widgets.basics import label

ROLES: tuple[Role, ...] = ("accent", "other", "warning", "second", "danger", "text")
"""The colours of the types, the largest first; a model of more types has the last one more often."""
_TALL = 210
_LEGEND = 270
_NARROW = 680  # below it the legend stands under the picture
_GAP = 2.0
_PADDING = 8
_SMALL = 0.0005  # of all weights; types below it share a line


def tint(theme: Theme, role: Role) -> QColor:
    """What a part of that type is filled with: text can be read on it in both themes."""
    return theme.blend(role, "page", 0.30 if theme.is_dark else 0.20)


def squarified(sizes: Sequence[float], place: QRectF) -> list[QRectF]:
    """An area for each size, the largest first, as near to squares as can be (Bruls, Huizing, van Wijk, 2000)."""
    scale = place.width() * place.height() / sum(sizes) if sizes else 0.0
    rest, made = [value * scale for value in sizes], []
    x, y, width, height = place.x(), place.y(), place.width(), place.height()
    while rest:
        side = max(1e-9, min(width, height))
        count = 1
        while count < len(rest) and _worst(rest[: count + 1], side) <= _worst(rest[:count], side):
            count += 1
        thick, at = sum(rest[:count]) / side, 0.0
        for area in rest[:count]:
            long = area / thick if thick else 0.0
            is_column = width >= height
            made.append(QRectF(x, y + at, thick, long) if is_column else QRectF(x + at, y, long, thick))
            at += long
        if width >= height:
            x, width = x + thick, width - thick
        else:
            y, height = y + thick, height - thick
        rest = rest[count:]
    return made


def _worst(areas: Sequence[float], side: float) -> float:
    """How far from a square the worst of them is, in one row along that side."""
    thick = sum(areas) / side
    return max(max(area / thick / thick, thick * thick / area) if area else 1.0 for area in areas)


class WeightsMap(QWidget):
    """The picture; `tiles` says what was painted where."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._parts: list[list[Portion]] = []
        self._roles: dict[str, Role] = {}
        self.tiles: list[tuple[QRectF, Portion]] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)
        self.setAccessibleName("Weights by part and type")
        theme.changed.connect(self.update)

    def show_portions(self, portions: Sequence[Portion], roles: dict[str, Role]) -> None:
        """Show these, each type in its colour."""
        by_part = groupby(sorted(portions, key=lambda p: (p.part, -p.size)), key=lambda p: p.part)
        parts = [[portion for portion in own if portion.size > 0] for _, own in by_part]
        self._parts = sorted(filter(None, parts), key=lambda own: -sum(p.size for p in own))
        self._roles = roles
        self.setAccessibleDescription("; ".join(_told(portion) for own in self._parts for portion in own))
        self._place()
        self.update()

    def _place(self) -> None:
        outer = squarified([float(sum(p.size for p in own)) for own in self._parts], QRectF(self.rect()))
        self.tiles = [
            (place, portion)
            for own, around in zip(self._parts, outer, strict=True)
            for place, portion in zip(squarified([float(p.size) for p in own], around), own, strict=True)
        ]

    def sizeHint(self) -> QSize:
        """Qt: wider than tall."""
        return QSize(self._theme.px(420), self._theme.px(_TALL))

    def minimumSizeHint(self) -> QSize:
        """Qt: it can be narrow."""
        return QSize(self._theme.px(120), self._theme.px(_TALL))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt: lay out anew."""
        self._place()
        super().resizeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Qt: paint the areas, and what they are where there is room."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for place, portion in self.tiles:
            role = self._roles[portion.type_name]
            inner = place.adjusted(_GAP / 2, _GAP / 2, -_GAP / 2, -_GAP / 2)
            if inner.width() <= 0 or inner.height() <= 0:
                continue
            edge = self._theme.color(role)
            painter.setPen(QPen(edge, 1) if min(inner.width(), inner.height()) > 6 else Qt.PenStyle.NoPen)
            painter.setBrush(tint(self._theme, role) if min(inner.width(), inner.height()) > 6 else edge)
            painter.drawRoundedRect(inner.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
            self._write(painter, inner, portion)
        painter.end()

    def _write(self, painter: QPainter, place: QRectF, portion: Portion) -> None:
        px = self._theme.px
        room = place.width() - 2 * px(_PADDING)
        top = place.y() + px(_PADDING)
        for text, font in (
            (portion.part.capitalize(), self._theme.font(12, 600)),
            (f"{size(portion.size)}, {portion.type_name}", self._theme.font(12)),
        ):
            metrics = QFontMetrics(font)
            if room < px(34) or top + metrics.height() > place.bottom() - px(3):
                return
            painter.setFont(font)
            painter.setPen(self._theme.color("text"))
            fitting = metrics.elidedText(text, Qt.TextElideMode.ElideRight, int(room))
            painter.drawText(QPointF(place.x() + px(_PADDING), top + metrics.ascent()), fitting)
            top += metrics.height() + px(1)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Qt: say what is under the pointer; all of these words are ours, and none is markup."""
        under = next((portion for place, portion in self.tiles if place.contains(event.position())), None)
        self.setToolTip(_told(under) if under is not None else "")


class _Swatch(QWidget):
    """The colour of a type."""

    def __init__(self, theme: Theme, parent: QWidget, role: Role, name: str) -> None:
        super().__init__(parent)
        self._theme, self._role = theme, role
        self.setFixedSize(theme.px(13), theme.px(13))
        self.setAccessibleName(name)
        theme.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Qt: paint it as in the picture."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._theme.color(self._role), 1))
        painter.setBrush(tint(self._theme, self._role))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
        painter.end()


class Weights(QWidget):
    """The picture and its legend, side by side or one above the other."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName("Weights")
        self._theme = theme
        self._across = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._across.setContentsMargins(0, theme.px(8), 0, theme.px(4))
        self._across.setSpacing(theme.px(18))
        self.map = WeightsMap(theme, self)
        self._across.addWidget(self.map, 1)
        self._legend: QWidget | None = None

    def show_inspection(self, found: Inspection) -> None:
        """Show where the bytes of a model are."""
        types = found.types
        roles = {share.name: ROLES[min(n, len(ROLES) - 1)] for n, share in enumerate(types)}
        self.map.show_portions(found.portions, roles)
        if self._legend is not None:
            self._legend.hide()
            self._legend.deleteLater()
        self._legend = self._made_legend(types, found.size, roles)
        self._across.addWidget(self._legend, 0, Qt.AlignmentFlag.AlignTop)
        self._turn()

    def _made_legend(self, types: list[Share], whole: int, roles: dict[str, Role]) -> QWidget:
        px = self._theme.px
        made = QWidget(self)
        made.setAccessibleName("Types")
        grid = QGridLayout(made)
        grid.setContentsMargins(0, px(2), 0, 0)
        grid.setHorizontalSpacing(px(10))
        grid.setVerticalSpacing(px(6))
        large = [share for share in types if share.size >= _SMALL * whole]
        for line, share in enumerate(large):
            grid.addWidget(_Swatch(self._theme, made, roles[share.name], f"Colour of {share.name}"), line, 0)
            facts = (size(share.size), _share(share.size, whole), _tensors(share.tensors))
            grid.addWidget(label(share.name, "strong", made), line, 1)
            for column, fact in enumerate(facts, 2):
                grid.addWidget(label(fact, "second", made), line, column)
        if rest := sum(share.tensors for share in types) - sum(share.tensors for share in large):
            words = f"and {_tensors(rest)} of other types, next to nothing"
            grid.addWidget(label(words, "small", made), len(large), 0, 1, 5)
        grid.setColumnStretch(5, 1)
        return made

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt: the legend goes under the picture where there is no room beside it."""
        super().resizeEvent(event)
        self._turn()

    def _turn(self) -> None:
        is_narrow = self.width() < self._theme.px(_NARROW)
        ways = QBoxLayout.Direction
        self._across.setDirection(ways.TopToBottom if is_narrow else ways.LeftToRight)
        if self._legend is not None:
            self._legend.setMinimumWidth(0 if is_narrow else self._theme.px(_LEGEND))


def _told(portion: Portion) -> str:
    return f"{portion.part}: {size(portion.size)} in {_tensors(portion.tensors)} of {portion.type_name}"


def _tensors(count: int) -> str:
    return f"{count:,} tensor{'s' if count != 1 else ''}"


def _share(part: int, whole: int) -> str:
    percent = 100 * part / whole if whole else 0.0
    return f"{percent:.0f} %" if percent >= 0.5 else "under 1 %"
