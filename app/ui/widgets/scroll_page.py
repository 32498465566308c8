"""A page that is one column: a notice on top, and below it what scrolls."""

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.ui.style.theme import Theme
from app.ui.widgets.basics import Pane
from app.ui.widgets.notice_bar import NoticeBar


class Sheet(QWidget):
    """What is put into `column` has `inner` as its parent; `width` is the most that the column takes."""

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
        across = QHBoxLayout(around)  # heights follow from the width that the column really gets
        across.setContentsMargins(px(40), px(top), px(40), px(30))
        self.inner = QWidget(around)
        self.inner.setAccessibleName(name)
        self.inner.setMaximumWidth(px(width))
        across.addWidget(self.inner, 10_000)
        across.addStretch(1)
        self.column = QVBoxLayout(self.inner)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(px(6))
        self.pane = Pane(self, around, name)
        whole.addWidget(self.pane, 1)
