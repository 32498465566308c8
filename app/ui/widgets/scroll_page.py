"""A page with one scrolling column, and a notice bar above it."""

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.ui.style.theme import Theme
from app.ui.widgets.notice_bar import NoticeBar
from app.ui.widgets.scroll_panes import ScrollPane


class ScrollPage(QWidget):
    """Widgets in `column` have `inner` as their parent; `width` is the column's maximum, in design pixels."""

    def __init__(self, theme: Theme, parent: QWidget, name: str, width: int, top: int = 30) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        px = theme.px
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        self.notice = NoticeBar(theme, self, 40, 16, 40, 0)
        whole.addWidget(self.notice)
        around = QWidget(self)
        across = QHBoxLayout(around)  # so heights follow from the column's actual width
        across.setContentsMargins(px(40), px(top), px(40), px(30))
        self.inner = QWidget(around)
        self.inner.setAccessibleName(name)
        self.inner.setMaximumWidth(px(width))
        across.addWidget(self.inner, 10_000)
        across.addStretch(1)
        self.column = QVBoxLayout(self.inner)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(px(6))
        self.pane = ScrollPane(self, around, name)
        whole.addWidget(self.pane, 1)
