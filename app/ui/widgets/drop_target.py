"""Accepting drags of local files and folders, and saying over the page what a drop will do."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QMimeData, QRectF, Qt
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.ui.style.theme import Theme
from app.ui.widgets.basics import label, set_label_text
from app.ui.widgets.rich_text import RichText

_NOTHING = "This can't be taken: drop a recording, a model or a folder from this computer."
_INSET, _WIDEST = 14, 460  # design pixels


def paths_of(data: QMimeData) -> list[Path]:
    """The local files and folders that are dragged."""
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]


def accept_drop(event: QDropEvent) -> list[Path]:
    """Accept the drop, and return its local paths; empty if it holds none."""
    paths = paths_of(event.mimeData())
    if paths:
        event.acceptProposedAction()
    return paths


class DropOverlay(QWidget):
    """Covers a page while something is dragged over it, and says what a drop does, or why it is refused.

    `say_what` is asked what a drop of these paths does; it calls back with a title and a sentence, and whether the drop
    is taken. It may read the disk, so it answers when it can.
    """

    Answer = Callable[[str, str, bool], None]

    def __init__(
        self, theme: Theme, say_what: Callable[[Sequence[Path], "DropOverlay.Answer"], None], parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName("Drop here")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._theme, self._say_what = theme, say_what
        self._is_taken = True
        self._generation = 0
        px = theme.px
        column = QVBoxLayout(self)
        column.setContentsMargins(px(40), px(40), px(40), px(40))
        column.addStretch(1)
        self.title = label("", "unlock", self)
        self.title.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.title.setWordWrap(True)
        self.words = RichText(theme, self, role="second", align="center")
        self.words.setMaximumWidth(px(_WIDEST))
        column.addWidget(self.title)
        column.addWidget(self.words, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)
        self.hide()

    def enter(self, event: QDragEnterEvent) -> None:
        """Something is dragged in. It is accepted even if it is refused, so that the words can be shown."""
        event.acceptProposedAction()
        paths = paths_of(event.mimeData())
        around = self.parentWidget()
        if around is not None:
            self.setGeometry(around.rect())
        self._generation += 1
        generation = self._generation

        def answer(title: str, words: str, is_taken: bool) -> None:
            if generation == self._generation:
                self._show(title, words, is_taken=is_taken)

        if not paths:
            self._show("Not this", _NOTHING, is_taken=False)
        else:
            self._show("Drop it anywhere", "", is_taken=True)
            self._say_what(paths, answer)

    def move_over(self, event: QDragMoveEvent) -> None:
        """It is dragged on: the pointer shows whether it is taken."""
        if self._is_taken:
            event.acceptProposedAction()
        else:
            event.ignore()

    def leave(self) -> None:
        """It was dropped, or dragged out again."""
        self._generation += 1
        self.hide()

    def _show(self, title: str, words: str, *, is_taken: bool) -> None:
        self._is_taken = is_taken
        set_label_text(self.title, title)
        self.words.set_text(words)
        width = min(self._theme.px(_WIDEST), self.width() - 2 * self._theme.px(40))
        self.words.setFixedSize(width, self.words.heightForWidth(width))
        self.setAccessibleName(f"{title}. {words}" if words else title)
        self.show()
        self.raise_()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Qt: a dashed frame on the page's ground, in red where the drop is refused."""
        px = self._theme.px
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.color("page"))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(self._theme.color("accent" if self._is_taken else "danger"), 2, Qt.PenStyle.DashLine)
        painter.setPen(pen)
        inset = px(_INSET)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(inset, inset, -inset, -inset), px(10), px(10))
        painter.end()
