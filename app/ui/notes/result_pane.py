"""The place below the text of a note where a result stands: as high as it is, and scrolled where it is long."""

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.ui.style.theme import Theme
from app.ui.widgets.scroll_panes import ScrollPane
from app.ui.writing.result_card import ResultCard

_MOST = 0.55  # the share of the height around it that it takes: the rest is left to the text


class ResultPane(ScrollPane):
    """Holds `card`, and is seen while that is shown."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        inset = QWidget(parent)
        inset.setAccessibleName("Result")
        self._inset = inset
        column = QVBoxLayout(inset)
        column.setContentsMargins(0, 0, theme.px(10), 0)
        self.card = ResultCard(theme, inset, ("replace", "insert", "copy"))
        column.addWidget(self.card)
        self._fitting = QTimer(inset)  # once for all the parts of the card that change
        self._fitting.setSingleShot(True)
        self._fitting.timeout.connect(self._fit)
        super().__init__(parent, inset, "Result")  # which filters events from its first line on
        for one in (inset, self.card, parent):
            one.installEventFilter(self)
        self.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Qt: the card is shown, hidden or another one, or there is more or less room."""
        if event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.Resize):
            self._fitting.start()
        elif watched is self.card and event.type() in (QEvent.Type.ShowToParent, QEvent.Type.HideToParent):
            self.setVisible(not self.card.isHidden())
            self._fitting.start()
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt: another width takes another height."""
        super().resizeEvent(event)
        self._fitting.start()

    def _fit(self) -> None:
        around = self.parentWidget()
        layout = self._inset.layout()
        if around is not None and layout is not None:
            wanted = layout.totalHeightForWidth(self.viewport().width())
            self.setFixedHeight(max(1, min(wanted, int(around.height() * _MOST))))
