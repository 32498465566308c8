"""A treemap of a model's weights: an area for each of its parts, coloured by type, with a legend."""

from collections.abc import Sequence
from itertools import groupby

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QGridLayout, QSizePolicy, QWidget

from app.core.figures import size
from app.core.inspection import Inspection, Portion, Share
from app.core.plain_text import counted
from app.ui.style.theme import Role, Theme
from app.ui.widgets.basics import label
from app.ui.widgets.long_text import one_line

ROLES: tuple[Role, ...] = ("accent", "other", "warning", "second", "danger", "text")
"""The colours of the types, largest first; with more types than colours the last one is repeated."""
_MAP_HEIGHT = 210
_LEGEND_WIDTH = 270
_NARROW = 680  # below this width the legend goes under the map
_GAP = 2.0
_PADDING = 8
_SMALL_SHARE = 0.0005  # of all weights; smaller types share one line of the legend


def tint(theme: Theme, role: Role) -> QColor:
    """The fill colour for a type; text on it is readable in both themes."""
    return theme.blend(role, "page", 0.30 if theme.is_dark else 0.20)


def squarified_treemap(sizes: Sequence[float], bounds: QRectF) -> list[QRectF]:
    """A squarified treemap: one near-square area per size, largest first (Bruls, Huizing, van Wijk, 2000)."""
    scale = bounds.width() * bounds.height() / sum(sizes) if sizes else 0.0
    rest, rects = [value * scale for value in sizes], []
    x, y, width, height = bounds.x(), bounds.y(), bounds.width(), bounds.height()
    while rest:
        side = max(1e-9, min(width, height))
        count = 1
        while count < len(rest) and _worst_ratio(rest[: count + 1], side) <= _worst_ratio(rest[:count], side):
            count += 1
        thickness, offset = sum(rest[:count]) / side, 0.0
        for area in rest[:count]:
            length = area / thickness if thickness else 0.0
            is_column = width >= height
            rects.append(
                QRectF(x, y + offset, thickness, length) if is_column else QRectF(x + offset, y, length, thickness)
            )
            offset += length
        if width >= height:
            x, width = x + thickness, width - thickness
        else:
            y, height = y + thickness, height - thickness
        rest = rest[count:]
    return rects


def _worst_ratio(areas: Sequence[float], side: float) -> float:
    """The worst aspect ratio of these areas when laid in one row along that side."""
    thickness = sum(areas) / side
    return max(max(area / thickness / thickness, thickness * thickness / area) if area else 1.0 for area in areas)


class WeightsMap(QWidget):
    """The treemap; `tiles` holds what is painted where."""

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
        """Show these portions, each type in its colour."""
        by_part = groupby(sorted(portions, key=lambda p: (p.part, -p.size)), key=lambda p: p.part)
        parts = [[portion for portion in own if portion.size > 0] for _, own in by_part]
        self._parts = sorted(filter(None, parts), key=lambda own: -sum(p.size for p in own))
        self._roles = roles
        self.setAccessibleDescription("; ".join(_description(portion) for own in self._parts for portion in own))
        self._lay_out()
        self.update()

    def _lay_out(self) -> None:
        outer = squarified_treemap([float(sum(p.size for p in own)) for own in self._parts], QRectF(self.rect()))
        self.tiles = [
            (tile, portion)
            for own, around in zip(self._parts, outer, strict=True)
            for tile, portion in zip(squarified_treemap([float(p.size) for p in own], around), own, strict=True)
        ]

    def sizeHint(self) -> QSize:
        """Qt: wider than tall."""
        return QSize(self._theme.px(420), self._theme.px(_MAP_HEIGHT))

    def minimumSizeHint(self) -> QSize:
        """Qt: it can be narrow."""
        return QSize(self._theme.px(120), self._theme.px(_MAP_HEIGHT))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt: lay out again."""
        self._lay_out()
        super().resizeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Qt: paint the areas, with labels where there is room."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for tile, portion in self.tiles:
            role = self._roles[portion.type_name]
            inner = tile.adjusted(_GAP / 2, _GAP / 2, -_GAP / 2, -_GAP / 2)
            if inner.width() <= 0 or inner.height() <= 0:
                continue
            edge = self._theme.color(role)
            painter.setPen(QPen(edge, 1) if min(inner.width(), inner.height()) > 6 else Qt.PenStyle.NoPen)
            painter.setBrush(tint(self._theme, role) if min(inner.width(), inner.height()) > 6 else edge)
            painter.drawRoundedRect(inner.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
            self._draw_label(painter, inner, portion)
        painter.end()

    def _draw_label(self, painter: QPainter, rect: QRectF, portion: Portion) -> None:
        px = self._theme.px
        free_width = rect.width() - 2 * px(_PADDING)
        top = rect.y() + px(_PADDING)
        for text, font in (
            (portion.part.capitalize(), self._theme.font(12, 600)),
            (f"{size(portion.size)}, {portion.type_name}", self._theme.font(12)),
        ):
            metrics = QFontMetrics(font)
            if free_width < px(34) or top + metrics.height() > rect.bottom() - px(3):
                return
            painter.setFont(font)
            painter.setPen(self._theme.color("text"))
            elided = metrics.elidedText(one_line(text), Qt.TextElideMode.ElideRight, int(free_width))
            painter.drawText(QPointF(rect.x() + px(_PADDING), top + metrics.ascent()), elided)
            top += metrics.height() + px(1)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Qt: describe the area under the pointer; all of these words are ours, and none is markup."""
        under = next((portion for rect, portion in self.tiles if rect.contains(event.position())), None)
        self.setToolTip(_description(under) if under is not None else "")


class _Swatch(QWidget):
    """The colour of a type in the legend."""

    def __init__(self, theme: Theme, parent: QWidget, role: Role, name: str) -> None:
        super().__init__(parent)
        self._theme, self._role = theme, role
        self.setFixedSize(theme.px(13), theme.px(13))
        self.setAccessibleName(name)
        theme.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Qt: paint it as in the map."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._theme.color(self._role), 1))
        painter.setBrush(tint(self._theme, self._role))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
        painter.end()


class WeightsView(QWidget):
    """The treemap and its legend, side by side or one above the other."""

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
        """Show which parts and types a model's bytes are in."""
        types = found.types
        roles = {share.name: ROLES[min(n, len(ROLES) - 1)] for n, share in enumerate(types)}
        self.map.show_portions(found.portions, roles)
        if self._legend is not None:
            self._legend.hide()
            self._legend.deleteLater()
        self._legend = self._make_legend(types, found.size, roles)
        self._across.addWidget(self._legend, 0, Qt.AlignmentFlag.AlignTop)
        self._set_direction()

    def _make_legend(self, types: list[Share], whole: int, roles: dict[str, Role]) -> QWidget:
        px = self._theme.px
        legend = QWidget(self)
        legend.setAccessibleName("Types")
        grid = QGridLayout(legend)
        grid.setContentsMargins(0, px(2), 0, 0)
        grid.setHorizontalSpacing(px(10))
        grid.setVerticalSpacing(px(6))
        large = [share for share in types if share.size >= _SMALL_SHARE * whole]
        for line, share in enumerate(large):
            grid.addWidget(_Swatch(self._theme, legend, roles[share.name], f"Colour of {share.name}"), line, 0)
            facts = (size(share.size), _percent(share.size, whole), counted(share.tensors, "tensor"))
            grid.addWidget(label(share.name, "strong", legend), line, 1)
            for column, fact in enumerate(facts, 2):
                words = label(fact, "second", legend)
                words.setWordWrap(True)
                grid.addWidget(words, line, column)
        if rest := sum(share.tensors for share in types) - sum(share.tensors for share in large):
            said = f"and {counted(rest, 'tensor')} of other types, next to nothing"
            rest_words = label(said, "small", legend)
            rest_words.setWordWrap(True)
            grid.addWidget(rest_words, len(large), 0, 1, 5)
        for column, share_of_width in ((2, 1), (3, 1), (4, 2)):
            grid.setColumnStretch(column, share_of_width)
        return legend

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt: the legend goes under the map if there is no room beside it."""
        super().resizeEvent(event)
        self._set_direction()

    def _set_direction(self) -> None:
        is_narrow = self.width() < self._theme.px(_NARROW)
        ways = QBoxLayout.Direction
        self._across.setDirection(ways.TopToBottom if is_narrow else ways.LeftToRight)
        if self._legend is not None:
            self._legend.setMinimumWidth(0 if is_narrow else self._theme.px(_LEGEND_WIDTH))


def _description(portion: Portion) -> str:
    return f"{portion.part}: {size(portion.size)} in {counted(portion.tensors, 'tensor')} of {portion.type_name}"


def _percent(part: int, whole: int) -> str:
    percent = 100 * part / whole if whole else 0.0
    return f"{percent:.0f} %" if percent >= 0.5 else "under 1 %"
