"""The top of a call: its title, which can be changed in place, its facts, and what can be done with it."""

from functools import partial

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QMenu, QVBoxLayout, QWidget

from app.core.recording import Recording
from app.core.transcript import Layout
from app.ui.style.phrases import facts
from app.ui.style.theme import Theme
from app.ui.widgets.basics import Elided, button, glyph
from app.ui.widgets.rich_text import Prose

_EXPORTS = (
    ("Text (.txt)", "txt"), ("Markdown (.md)", "md"), ("Subtitles (.srt)", "srt"),
    ("Web subtitles (.vtt)", "vtt"), ("JSON (.json)", "json"),
)  # fmt: skip


class CallHeader(QWidget):
    """Says what the person wants done; the page does it."""

    renamed = Signal(str)
    export_wanted = Signal(str)
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
        words = QVBoxLayout()
        words.setSpacing(px(1))
        self.title = Elided(self, "title")
        self.title.setMinimumHeight(px(26))
        self.edit = QLineEdit(self)
        self.edit.setProperty("kind", "title")
        self.edit.setAccessibleName("Title of the call")
        self.edit.setMaxLength(200)
        self.edit.setAcceptDrops(False)
        self.edit.setMinimumHeight(px(28))
        self.edit.hide()
        self.edit.returnPressed.connect(self._save)
        self.edit.installEventFilter(self)
        self.facts = Prose(theme, self, size=13, line=18, role="second")
        words.addWidget(self.title)
        words.addWidget(self.edit)
        words.addWidget(self.facts)
        row.addLayout(words, 1)
        self.export_button = button("Export", self, "plain", name="Export this call")
        exports = QMenu(self)
        exports.setAccessibleName("Export this call")
        for text, fmt in _EXPORTS:
            exports.addAction(text, partial(self.export_wanted.emit, fmt))
        exports.addSeparator()
        exports.addAction("Copy as text", self.copy_wanted.emit)
        self.export_button.setMenu(exports)
        self.more_button = button("", self, "plain", name="More for this call")
        self.more_button.setIconSize(QSize(px(18), px(18)))
        more = QMenu(self)
        more.setAccessibleName("More for this call")
        more.addAction("Rename…", "F2", self.begin_rename)
        more.addAction("Name the speakers…", self.names_wanted.emit)
        self._swap = more.addAction("Swap sides", self.swap_wanted.emit)
        self._again = more.addAction("Summarize again", self.summary_wanted.emit)
        more.addSeparator()
        more.addAction("Delete…", "Del", self.delete_wanted.emit)
        for action in more.actions():
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)  # shown here, made by the window
        self.more_button.setMenu(more)
        for made in (self.export_button, self.more_button):
            made.setMinimumHeight(px(32))
            row.addWidget(made, 0, Qt.AlignmentFlag.AlignTop)
        theme.changed.connect(self._draw)
        self._draw()
        self._recording: Recording | None = None

    def _draw(self) -> None:
        self.more_button.setIcon(glyph(self._theme, "dots", "text", 18))

    def show_recording(self, recording: Recording, has_transcript: bool) -> None:
        """Show a recording's title and facts."""
        self._recording = recording
        self.title.show_text(recording.title)
        self.facts.set_text(facts(recording))
        self._swap.setVisible(recording.layout is not Layout.MONO)
        self._again.setVisible(has_transcript)
        self.export_button.setEnabled(has_transcript)

    def begin_rename(self) -> None:
        """Let the person write another title in place."""
        if self._recording is None:
            return
        self.edit.setText(self._recording.title)
        self.edit.show()
        self.title.hide()
        self.edit.setFocus(Qt.FocusReason.OtherFocusReason)
        self.edit.selectAll()

    def end_rename(self) -> None:
        """Leave the title as it was."""
        self.edit.hide()
        self.title.show()

    def _save(self) -> None:
        title = self.edit.text().strip()
        self.end_rename()
        if self._recording is not None and title and title != self._recording.title:
            self.renamed.emit(title)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Qt: Esc and leaving the field keep the old title."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            self.end_rename()
            return True
        if event.type() == QEvent.Type.FocusOut and not self.edit.isHidden():
            self.end_rename()
        return super().eventFilter(watched, event)
