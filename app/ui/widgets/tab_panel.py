"""A panel beside a page: tabs above the pages that they show."""

from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from app.ui.style.theme import Theme
from app.ui.widgets.basics import button, rule

_TAB_BORDER = 3  # pixels: the border of the style sheet, and one that rounding may take


class TabPanel(QFrame):
    """Shows one of its pages; `column` takes what stands below them."""

    def __init__(self, theme: Theme, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("ground", "column")
        self.setProperty("edge", "left")
        self.setAccessibleName(name)
        self._theme = theme
        px = theme.px
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(1, 0, 0, 0)
        self.column.setSpacing(0)
        self._tab_bar = QHBoxLayout()
        self._tab_bar.setContentsMargins(px(18), px(9), px(18), 0)
        self._tab_bar.setSpacing(px(18))
        self._tab_bar.addStretch(1)
        self._tab_group = QButtonGroup(self)
        self.stack = QStackedWidget(self)
        self.stack.setAccessibleName(name)
        self.column.addLayout(self._tab_bar)
        across = QHBoxLayout()
        across.setContentsMargins(px(18), 0, px(18), 0)
        across.addWidget(rule(self))
        self.column.addLayout(across)
        self.column.addWidget(self.stack, 1)

    def add_tab(self, title: str, page: QWidget, *, is_first: bool = False) -> QPushButton:
        """Add a tab that shows a page; returns its button."""
        self.stack.addWidget(page)
        tab = button(title, self, "tab")
        tab.setCheckable(True)
        bold = QFontMetrics(self._theme.font(14, 600)).horizontalAdvance(title)  # as it is while it is shown
        tab.setMinimumWidth(bold + 2 * _TAB_BORDER)
        tab.toggled.connect(lambda is_on: self.stack.setCurrentWidget(page) if is_on else None)
        self._tab_group.addButton(tab)
        self._tab_bar.insertWidget(0 if is_first else self._tab_bar.count() - 1, tab)
        return tab

    def remove_tab(self, tab: QPushButton, page: QWidget) -> None:
        """Remove a tab again; the page stays."""
        self.stack.removeWidget(page)
        self._tab_group.removeButton(tab)
        self._tab_bar.removeWidget(tab)
        tab.hide()
        tab.deleteLater()
