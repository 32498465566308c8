"""The panel beside a note: what links to it, and the texts that it had; others add tabs of their own."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.core.note import NoteVersion, shown_title
from app.ui.notes.note_summary import NoteSummary
from app.ui.style.phrases import local_time, long_day, short_day
from app.ui.style.theme import Theme
from app.ui.widgets.basics import PressButton, label
from app.ui.widgets.long_text import one_line
from app.ui.widgets.rich_text import RichText
from app.ui.widgets.scroll_panes import ScrollPane
from app.ui.widgets.tab_panel import TabPanel

if TYPE_CHECKING:
    from app.services.notes.linking import Backlink

_ROW_EDGE = 4  # pixels: the border of a row on both sides
_NO_LINKS = "No other note links here. Type [[ in a note to link to this one."
_NO_VERSIONS = "No earlier text yet. One is kept each ten minutes of writing, and whenever much goes at once."


class RowButton(PressButton):
    """A row with one line of words, which are elided where they have no room."""

    def __init__(self, text: str, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._words = one_line(text)
        self.setProperty("kind", "row")
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt: show what fits."""
        super().resizeEvent(event)
        room = self.width() - 2 * self.fontMetrics().horizontalAdvance("0") - _ROW_EDGE
        self.setText(self.fontMetrics().elidedText(self._words, Qt.TextElideMode.ElideRight, max(1, room)))


class NoteSidePanel(TabPanel):
    """Tabs beside a note."""

    note_wanted = Signal(str)  # the id of a note that links here
    version_wanted = Signal(object)  # the `NoteVersion` to be shown

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, "Beside the note", parent)
        self._links, self._links_column = self._made_page("Links")
        self._versions, self._versions_column = self._made_page("Versions")
        self.links_tab = self.add_tab("Links", self._links)
        self.versions_tab = self.add_tab("Versions", self._versions)
        self.summary = NoteSummary(theme, self)
        self.summary_tab = self.add_tab("Summary", ScrollPane(self, self.summary, "Summary"))
        self.links_tab.setChecked(True)
        self.show_links([])
        self.show_versions([])

    def _made_page(self, name: str) -> tuple[QWidget, QVBoxLayout]:
        px = self._theme.px
        inset = QWidget(self)
        inset.setAccessibleName(name)
        column = QVBoxLayout(inset)
        column.setContentsMargins(px(18), px(14), px(18), px(14))
        column.setSpacing(px(4))
        return ScrollPane(self, inset, name), column

    def show_links(self, links: "Sequence[Backlink]") -> None:
        """Show the notes that link here."""
        self._empty(self._links_column)
        if links:
            self._links_column.addWidget(label("Linked from", "head", self))
        for link in links:
            title = shown_title(link.title)
            row = self._row(title, link.words if link.words != link.title else "", f"Open the note {title}")
            row.clicked.connect(partial(self.note_wanted.emit, link.note))
        self._finish(self._links_column, "" if links else _NO_LINKS)

    def show_versions(self, versions: Sequence[NoteVersion]) -> None:
        """Show the texts that the note had, the newest first."""
        self._empty(self._versions_column)
        for version in versions:
            when = short_day(version.edited)
            clock = f"{local_time(version.edited):%H:%M}"
            words = when if when == clock else f"{when}, {clock}"
            row = self._row(words, "", f"Show the text of {long_day(version.edited)}", self._versions_column)
            row.clicked.connect(partial(self.version_wanted.emit, version))
        self._finish(self._versions_column, "" if versions else _NO_VERSIONS)

    def _row(self, title: str, words: str, name: str, column: QVBoxLayout | None = None) -> QPushButton:
        column = column or self._links_column
        row = RowButton(title, name, self)
        row.setFixedHeight(self._theme.px(30))
        column.addWidget(row)
        if words:
            said = RichText(self._theme, self, size=13, line=18, role="second")
            said.set_text(words)
            inset = QHBoxLayout()
            inset.setContentsMargins(self._theme.px(6), 0, 0, self._theme.px(6))
            inset.addWidget(said)
            column.addLayout(inset)
        return row

    def _empty(self, column: QVBoxLayout) -> None:
        while (item := column.takeAt(0)) is not None:
            inner = item.layout()
            held = inner.takeAt(0) if inner is not None else item
            part = held.widget() if held is not None else None
            if part is not None:
                part.hide()
                part.deleteLater()

    def _finish(self, column: QVBoxLayout, words: str) -> None:
        if words:
            said = RichText(self._theme, self, size=13, line=19, role="second")
            said.set_text(words)
            column.addWidget(said)
        column.addStretch(1)
