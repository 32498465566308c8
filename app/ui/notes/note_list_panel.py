"""The column of the notes page: the search field, the list, and the way to the trash."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.ui.notes.commands import NEW
from app.ui.notes.note_list import NoteList
from app.ui.style.theme import Theme
from app.ui.widgets.basics import button, label, set_label_text
from app.ui.widgets.flow import Flow
from app.ui.widgets.notice_bar import NoticeBar
from app.ui.widgets.rich_text import RichText

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.core.ids import NoteId
    from app.core.note import NoteEntry

_PAUSE = 150  # milliseconds without typing before a search
_NOTHING = "Nothing was found. Each word must occur in the note; #tag finds those with a tag."
_EMPTY_TRASH = "The trash is empty."


class NoteListPanel(QFrame):
    """Shows the notes, those that were found, or the trash."""

    new_wanted = Signal()
    trash_wanted = Signal(bool)  # whether the trash is to be shown
    empty_wanted = Signal()
    search_wanted = Signal(str)  # the words, empty for none

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("ground", "column")
        self.setProperty("edge", "right")
        self.setAccessibleName("Notes")
        self.is_trash = False
        px = theme.px
        column = QVBoxLayout(self)
        column.setContentsMargins(0, px(16), 1, 0)
        column.setSpacing(0)
        top = QHBoxLayout()
        top.setContentsMargins(px(16), 0, px(11), 0)
        self.title = label("Notes", "column", self)
        top.addWidget(self.title)
        top.addStretch(1)
        self.new_button = button("New", self, "link", self.new_wanted.emit, NEW.with_hint(NEW.title))
        self.new_button.setToolTip(NEW.with_hint(NEW.title))
        top.addWidget(self.new_button)
        column.addLayout(top)
        column.addSpacing(px(8))
        around = QHBoxLayout()
        around.setContentsMargins(px(14), 0, px(14), 0)
        self.search = QLineEdit(self)
        self.search.setPlaceholderText("Find in notes")
        self.search.setAccessibleName("Find in notes")
        self.search.setAcceptDrops(False)  # a file dropped here becomes a note
        self.search.setMinimumHeight(px(37))
        around.addWidget(self.search)
        column.addLayout(around)
        column.addSpacing(px(8))
        self.notice = NoticeBar(theme, self, 14, 0, 14, 8)
        column.addWidget(self.notice)
        self._nothing = QWidget(self)
        self._nothing.setAccessibleName("Nothing here")
        quiet = QVBoxLayout(self._nothing)
        quiet.setContentsMargins(px(16), px(4), px(16), 0)
        self._words = RichText(theme, self._nothing, size=13, line=19, role="second")
        quiet.addWidget(self._words)
        column.addWidget(self._nothing)
        self._nothing.hide()
        self.list = NoteList(theme, self)
        column.addWidget(self.list, 1)
        foot = QVBoxLayout()
        foot.setContentsMargins(px(11), px(5), px(11), px(7))
        self._foot = Flow(self, "Trash", px(4))
        self.trash_button = button("Trash", self._foot, "link", self._toggle_trash, "Show the trash")
        self.empty_button = button("Empty the trash…", self._foot, "link", self.empty_wanted.emit)
        for one in (self.trash_button, self.empty_button):
            self._foot.add(one)
        foot.addWidget(self._foot)
        column.addLayout(foot)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_PAUSE)
        self._timer.timeout.connect(lambda: self.search_wanted.emit(self.search.text().strip()))
        self.search.textChanged.connect(lambda: self._timer.start())
        self.search.returnPressed.connect(self._open_first)
        self.show_place(is_trash=False)

    def show_place(self, *, is_trash: bool) -> None:
        """Be the list of notes, or of what is in the trash."""
        self.is_trash = is_trash
        set_label_text(self.title, "Trash" if is_trash else "Notes")
        self.new_button.setVisible(not is_trash)
        self.search.setVisible(not is_trash)
        self.trash_button.setText("‹ Notes" if is_trash else "Trash")
        self.trash_button.setAccessibleName("Back to the notes" if is_trash else "Show the trash")
        self.empty_button.hide()
        self._foot.lay_out_again()

    def show_entries(self, entries: "Sequence[NoteEntry]", chosen: "NoteId | None") -> None:
        """Show these notes, and that there is none."""
        self.list.show_entries(entries, chosen)
        is_searching = bool(self.search.text().strip()) and not self.is_trash
        self._words.set_text(_EMPTY_TRASH if self.is_trash else _NOTHING)
        self._nothing.setVisible(not entries and (is_searching or self.is_trash))
        self.empty_button.setVisible(self.is_trash and bool(entries))
        self._foot.lay_out_again()

    def _toggle_trash(self) -> None:
        self.trash_wanted.emit(not self.is_trash)

    def _open_first(self) -> None:
        if self.list.rows.entries:
            self.list.opened.emit(self.list.rows.entries[0].id)
