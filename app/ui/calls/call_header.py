"""The header of a call page: the title, editable in place, the facts and the actions."""

from functools import partial

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QMenu, QVBoxLayout, QWidget

from app.core.call import Call
from app.core.exports import export_formats
from app.core.transcript import Layout
from app.ui.style.phrases import call_facts
from app.ui.style.theme import Theme
from app.ui.widgets.basics import ElidedLabel, button, glyph
from app.ui.widgets.rich_text import RichText


class CallHeader(QWidget):
    """Emits what the user asks for; the page carries it out."""

    renamed = Signal(str)
    export_wanted = Signal(str)  # the name of an export format
    copy_wanted = Signal()
    names_wanted = Signal()
    swap_wanted = Signal()
    summary_wanted = Signal()
    delete_wanted = Signal()
    back_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
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
        self.facts = RichText(theme, self, size=13, line=18, role="second")
        text_column.addWidget(self.title)
        text_column.addWidget(self.edit)
        text_column.addWidget(self.facts)
        row.addLayout(text_column, 1)
        self.export_button = button("Export", self, "plain", name="Export this call")
        export_menu = QMenu(self)
        export_menu.setAccessibleName("Export this call")
        for fmt in export_formats():
            export_menu.addAction(f"{fmt.title} (.{fmt.suffix})", partial(self.export_wanted.emit, fmt.name))
        export_menu.addSeparator()
        export_menu.addAction("Copy as text", self.copy_wanted.emit)
        self.export_button.setMenu(export_menu)
        self.more_button = button("", self, "plain", name="More for this call")
        self.more_button.setIconSize(QSize(px(18), px(18)))
        more_menu = QMenu(self)
        more_menu.setAccessibleName("More for this call")
        more_menu.addAction("Rename…", "F2", self.begin_rename)
        more_menu.addAction("Name the speakers…", self.names_wanted.emit)
        self._swap_action = more_menu.addAction("Swap sides", self.swap_wanted.emit)
        self._summarize_action = more_menu.addAction("Summarize again", self.summary_wanted.emit)
        more_menu.addSeparator()
        more_menu.addAction("Delete…", "Del", self.delete_wanted.emit)
        for action in more_menu.actions():
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)  # only shown here; the window owns them
        self.more_button.setMenu(more_menu)
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
        self.facts.set_text(call_facts(call))
        self._swap_action.setVisible(call.layout is not Layout.MONO)
        self._summarize_action.setVisible(has_transcript)
        self.export_button.setEnabled(has_transcript)

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
