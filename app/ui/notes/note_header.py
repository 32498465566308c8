"""The header of a note: its title, when it was edited, its tags, links and versions, and the actions."""

from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout, QWidget

from app.core.note import shown_title, tags_of, title_of
from app.core.note_links import links_of
from app.core.plain_text import counted
from app.ui.navigation.command_menu import command_menu
from app.ui.notes.commands import MORE_MENU, REWRITE_MENU, SUMMARISE
from app.ui.style.phrases import day
from app.ui.style.theme import Theme
from app.ui.widgets.basics import ElidedLabel, button, glyph

if TYPE_CHECKING:
    from app.ui.navigation.command import CommandRunner

_MINUTE, _HOUR = 60, 3_600  # seconds
_REFRESH = 30_000  # milliseconds
_FIRST = 10_000  # the share of what is taken first
_ROOM_TO_SUMMARISE, _ROOM_TO_REWRITE = 560, 420  # design pixels of the header; else the menu has them
_LEAST_FACTS = 60  # design pixels that the facts have beside the versions


def edited_words(edited: datetime, now: datetime) -> str:
    """`Edited just now`, `Edited 5 min ago`, `Edited yesterday`."""
    seconds = max(0.0, (now - edited).total_seconds())
    if seconds < _MINUTE:
        return "Edited just now"
    if seconds < _HOUR:
        return f"Edited {int(seconds // _MINUTE)} min ago"
    return f"Edited {day(edited, now)}"


class NoteHeader(QWidget):
    """Shows what a note is called and what is known of it; `action_row` takes buttons of what can be done."""

    back_wanted = Signal()
    versions_wanted = Signal()

    def __init__(self, theme: Theme, commands: "CommandRunner", parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName("Note")
        self._theme = theme
        self._facts, self._versions = "", 0
        self._edited: datetime | None = None  # as long as no note is shown
        px = theme.px
        row = QHBoxLayout(self)
        row.setContentsMargins(px(22), px(13), px(22), px(12))
        row.setSpacing(px(8))
        self.back_button = button("‹ Notes", self, "plain", self.back_wanted.emit, "Back to the list of notes")
        row.addWidget(self.back_button, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout()
        column.setSpacing(px(1))
        self.title = ElidedLabel(self, "title")
        self.title.setMinimumHeight(px(26))
        column.addWidget(self.title)
        beneath = QHBoxLayout()
        beneath.setSpacing(0)
        self.facts = ElidedLabel(self, "second", Qt.TextElideMode.ElideRight)
        self.versions_button = button("", self, "fact", self.versions_wanted.emit, "Versions")
        beneath.addWidget(self.facts, _FIRST)
        beneath.addWidget(self.versions_button)
        beneath.addStretch(1)  # what the facts, which are as wide as their words at most, leave over
        column.addLayout(beneath)
        row.addLayout(column, 1)
        self.action_row = QHBoxLayout()
        self.action_row.setSpacing(px(8))
        row.addLayout(self.action_row)
        summarise = partial(commands.run, SUMMARISE)
        self.summarise_button = button("Summarise", self, "plain", summarise, "Summarise the note")
        self.summarise_button.setMinimumHeight(px(32))
        self.action_row.addWidget(self.summarise_button, 0, Qt.AlignmentFlag.AlignTop)
        self.rewrite_button = button("Rewrite ▾", self, "plain", name="Rewrite the selected text, or the note")
        self.rewrite_menu = command_menu(self, "Rewrite", REWRITE_MENU, commands)
        self.rewrite_menu.setTitle("Rewrite")
        self.rewrite_button.clicked.connect(lambda: self.show_menu(self.rewrite_menu))
        self.rewrite_button.setMinimumHeight(px(32))
        self.action_row.addWidget(self.rewrite_button, 0, Qt.AlignmentFlag.AlignTop)
        self.beside_button = button("Links", self, "plain", name="Show the links and versions of this note")
        self.beside_button.setCheckable(True)
        self.more_button = button("", self, "plain", name="More for this note")
        self.more_button.setIconSize(QSize(px(18), px(18)))
        self.more_button.setMenu(command_menu(self, "More for this note", MORE_MENU, commands))
        more = self.more_button.menu()
        more.insertMenu(more.actions()[1], self.rewrite_menu)
        for one in (self.beside_button, self.more_button):
            one.setMinimumHeight(px(32))
            row.addWidget(one, 0, Qt.AlignmentFlag.AlignTop)
        theme.changed.connect(self._draw_icon)
        self._draw_icon()
        self._timer = QTimer(self)
        self._timer.setInterval(_REFRESH)
        self._timer.timeout.connect(self._show_facts)
        self._timer.start()

    def show_menu(self, menu: QMenu) -> None:
        """Show a menu below the button that rewrites, or below the one that stands for it where there is no room."""
        below = self.rewrite_button if self.rewrite_button.isVisible() else self.more_button
        menu.popup(below.mapToGlobal(QPoint(0, below.height())))

    def _draw_icon(self) -> None:
        self.more_button.setIcon(glyph(self._theme, "dots", "text", 18))

    def show_text(self, text: str, edited: datetime) -> None:
        """Show the title and the facts of a text that was edited then."""
        self.title.show_text(shown_title(title_of(text)))
        links = len(links_of(text))
        parts = [*tags_of(text), *([counted(links, "link")] if links else [])]
        self._facts, self._edited = " · ".join(parts), edited
        self._show_facts()

    def show_nothing(self) -> None:
        """Show no note."""
        self.title.show_text("")
        self._facts, self._edited = "", None
        self.show_versions(0)

    def show_versions(self, count: int) -> None:
        """Show how many earlier texts there are."""
        self.versions_button.setText(counted(count, "version"))
        self.versions_button.setAccessibleName(f"{counted(count, 'version')}: show them")
        self._versions = count
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt: in a narrow header the versions are left to the menu."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        self.summarise_button.setVisible(self.width() >= self._theme.px(_ROOM_TO_SUMMARISE))
        self.rewrite_button.setVisible(self.width() >= self._theme.px(_ROOM_TO_REWRITE))
        self.rewrite_menu.menuAction().setVisible(self.rewrite_button.isHidden())
        room = self.title.width() - self._theme.px(_LEAST_FACTS)
        self.versions_button.setVisible(self._versions > 0 and room >= self.versions_button.sizeHint().width())
        self._show_facts()

    def _show_facts(self) -> None:
        edited = edited_words(self._edited, datetime.now(UTC)) if self._edited is not None else ""
        ending = " ·" if not self.versions_button.isHidden() else ""
        self.facts.show_text(" · ".join(part for part in (edited, self._facts) if part) + ending)
        self.facts.setMaximumWidth(self.facts.fontMetrics().horizontalAdvance(self.facts.text()) + 2)
