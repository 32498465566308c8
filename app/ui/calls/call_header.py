"""The header of a call page: the title, editable in place, the facts and the actions."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.core.call import Call, Survey
from app.core.readable_text import reading_notes
from app.ui.calls.commands import EXPORT_MENU, MORE_MENU
from app.ui.navigation.command_menu import command_menu
from app.ui.style.phrases import call_facts
from app.ui.style.theme import Theme
from app.ui.widgets.basics import ElidedLabel, button, glyph
from app.ui.widgets.rich_text import RichText

if TYPE_CHECKING:
    from app.ui.navigation.command import CommandRunner


class CallHeader(QWidget):
    """Shows one call, and the menus of the commands on it; `renamed` carries the new title."""

    renamed = Signal(str)
    back_wanted = Signal()

    def __init__(self, theme: Theme, commands: "CommandRunner", parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName("Call")
        self._theme = theme
        px = theme.px
        row = QHBoxLayout(self)
        row.setContentsMargins(px(22), px(13), px(22), px(12))
        row.setSpacing(px(8))
        self.back_button = button("‹ Calls", self, "plain", self.back_wanted.emit, "Back to the list of calls")
        row.addWidget(self.back_button, 0, Qt.AlignmentFlag.AlignTop)
        text_column = QVBoxLayout()
        text_column.setSpacing(px(1))
        self.title = ElidedLabel(self, "title")
        self.title.setMinimumHeight(px(26))
        self.edit = QLineEdit(self)
        self.edit.setProperty("kind", "title")
        self.edit.setAccessibleName("Title of the call")
        self.edit.setMaxLength(200)
        self.edit.setAcceptDrops(False)
        self.edit.setMinimumHeight(px(28))
        self.edit.hide()
        self.edit.returnPressed.connect(self._commit_rename)
        self.edit.installEventFilter(self)
        self.facts = ElidedLabel(self, "second", Qt.TextElideMode.ElideRight)
        text_column.addWidget(self.title)
        text_column.addWidget(self.edit)
        text_column.addWidget(self.facts)
        self.notes = RichText(theme, self, size=13, line=18, role="second")
        self.notes.hide()
        text_column.addWidget(self.notes)
        row.addLayout(text_column, 1)
        self.export_button = button("Export", self, "plain", name="Export this call")
        self.export_button.setMenu(command_menu(self, "Export this call", EXPORT_MENU, commands))
        self.more_button = button("", self, "plain", name="More for this call")
        self.more_button.setIconSize(QSize(px(18), px(18)))
        self.more_button.setMenu(command_menu(self, "More for this call", MORE_MENU, commands))
        for menu_button in (self.export_button, self.more_button):
            menu_button.setMinimumHeight(px(32))
            row.addWidget(menu_button, 0, Qt.AlignmentFlag.AlignTop)
        theme.changed.connect(self._draw_icon)
        self._draw_icon()
        self._call: Call | None = None

    def _draw_icon(self) -> None:
        self.more_button.setIcon(glyph(self._theme, "dots", "text", 18))

    def show_call(self, call: Call, has_transcript: bool) -> None:
        """Show a call's title and facts."""
        self._call = call
        self.title.show_text(call.title)
        self.facts.show_text(call_facts(call))
        self.export_button.setEnabled(has_transcript)

    def show_survey(self, survey: Survey | None) -> None:
        """Show what a person must know about how the recording was read; None while that is not known."""
        notes = reading_notes(survey) if survey is not None else []
        self.notes.set_text(" ".join(notes))
        self.notes.setVisible(bool(notes))

    def leave_call(self) -> None:
        """Show nothing of the last call while the next one is read."""
        self.end_rename()
        self.show_survey(None)

    def begin_rename(self) -> None:
        """Let the user edit the title in place."""
        if self._call is None:
            return
        self.edit.setText(self._call.title)
        self.edit.show()
        self.title.hide()
        self.edit.setFocus(Qt.FocusReason.OtherFocusReason)
        self.edit.selectAll()

    def end_rename(self) -> None:
        """Stop editing and show the title again."""
        self.edit.hide()
        self.title.show()

    def _commit_rename(self) -> None:
        title = self.edit.text().strip()
        self.end_rename()
        if self._call is not None and title and title != self._call.title:
            self.renamed.emit(title)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Qt: Esc or losing focus keeps the old title."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            self.end_rename()
            return True
        if event.type() == QEvent.Type.FocusOut and not self.edit.isHidden():
            self.end_rename()
        return super().eventFilter(watched, event)
