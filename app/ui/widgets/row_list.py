"""A list of rows that a delegate paints, one of which can be chosen."""

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QRectF, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView, QStyle, QStyleOptionViewItem, QWidget

from app.ui.style.focus_ring import has_ring
from app.ui.style.theme import Theme


class RowList(QListView):
    """Shows the rows of a model; a theme that is chosen paints them anew."""

    def __init__(self, theme: Theme, rows: QAbstractItemModel, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setModel(rows)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setAccessibleName(name)
        self.viewport().setAccessibleName(name)
        theme.changed.connect(self.viewport().update)

    def select_row(self, row: int, *, reveals: bool = True) -> None:
        """Select a row, or none with -1; `reveals` scrolls to it if it is not there already."""
        self.setAutoScroll(reveals)
        if row < 0:
            self.clearSelection()
            self.setCurrentIndex(QModelIndex())
        else:
            self.setCurrentIndex(self.model().index(row, 0))
        self.setAutoScroll(True)


def paint_ring(painter: QPainter, option: QStyleOptionViewItem, theme: Theme, shown_in: QWidget) -> None:
    """Paint the ring around the row that has the focus, while keys are used."""
    state: QStyle.StateFlag = option.state
    if state & QStyle.StateFlag.State_HasFocus and has_ring(shown_in):
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme.color("accent"), 2))
        painter.drawRoundedRect(QRectF(option.rect).adjusted(2, 2, -2, -3), theme.px(6), theme.px(6))
