"""Beside a transcript: the summary, the questions on this call, and the field to ask the next one."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from app.core.conversation import Citation, Conversation
from app.ui.calls.summary_view import SummaryView
from app.ui.conversation.composer import Composer
from app.ui.conversation.question import Asking
from app.ui.conversation.view import ConversationView
from app.ui.style.theme import Theme
from app.ui.widgets.basics import Pane, button, panel, restyle, rule

if TYPE_CHECKING:
    from app.core.ids import RecordingId
    from app.services.session import Session
    from app.ui.runtime.bridge import Bridge

_EMPTY = "Ask what was said, agreed or left open. Each answer shows the moments it rests on."


class SidePanel(QFrame):
    """`played` emits the seconds of a chip; `failed` an error of an answer."""

    played = Signal(float)
    failed = Signal(object)

    def __init__(self, theme: Theme, session: "Session", bridge: "Bridge", parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("ground", "column")
        self.setProperty("edge", "left")
        self.setAccessibleName("Summary and questions")
        self._theme, self._session, self._bridge = theme, session, bridge
        self._recording: RecordingId | None = None
        self._transcript_tab: QPushButton | None = None
        px = theme.px
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 0, 0, 0)
        column.setSpacing(0)
        self._bar = QHBoxLayout()
        self._bar.setContentsMargins(px(18), px(9), px(18), 0)
        self._bar.setSpacing(px(18))
        self._tabs = QButtonGroup(self)
        self.stack = QStackedWidget(self)
        self.stack.setAccessibleName("Summary and questions")
        column.addLayout(self._bar)
        across = QHBoxLayout()
        across.setContentsMargins(px(18), 0, px(18), 0)
        across.addWidget(rule(self))
        column.addLayout(across)
        column.addWidget(self.stack, 1)
        self.summary = SummaryView(theme, self)
        inset = self._inset(self.summary)
        self._summary_page = Pane(self, inset, "Summary")
        self.conversation = ConversationView(theme, self, shows_times=True, widest=16_777_215, empty=_EMPTY)
        self._ask_page = self._inset(self.conversation)
        self.summary_tab = self._tab("Summary", self._summary_page)
        self.ask_tab = self._tab("Ask", self._ask_page)
        self._bar.addStretch(1)
        foot = panel(self, "column", "top", "Ask about this call")
        beneath = QVBoxLayout(foot)
        beneath.setContentsMargins(px(18), px(12), px(18), px(12))
        self.composer = Composer(theme, foot, "Ask about this call…")
        beneath.addWidget(self.composer)
        column.addWidget(foot)
        self.asking = Asking(session, bridge, self)
        self.asking.began.connect(self.conversation.begin)
        self.asking.pieced.connect(self.conversation.append)
        self.asking.ended.connect(self.conversation.show_conversation)
        self.asking.failed.connect(self._fail)
        self.asking.changed.connect(lambda: self.composer.show_running(self.asking.is_running))
        self.composer.sent.connect(self._ask)
        self.composer.stopped.connect(self.asking.stop)
        self.summary.played.connect(self.played)
        self.conversation.cited.connect(self._cited)
        self.summary_tab.setChecked(True)

    def _inset(self, content: QWidget) -> QWidget:
        made = QWidget(self)
        made.setAccessibleName("Page")
        inner = QVBoxLayout(made)
        inner.setContentsMargins(self._theme.px(18), 0, self._theme.px(18), 0)
        inner.addWidget(content)
        return made

    def _tab(self, title: str, page: QWidget) -> QPushButton:
        self.stack.addWidget(page)
        made = button(title, self, "tab")
        made.setCheckable(True)
        made.toggled.connect(lambda is_on: self.stack.setCurrentWidget(page) if is_on else None)
        self._tabs.addButton(made)
        self._bar.addWidget(made)
        return made

    def take_transcript(self, transcript: QWidget) -> None:
        """Show the transcript as a tab of its own, first: there is no room beside it."""
        made = self._transcript_tab = self._tab("Transcript", transcript)
        self._bar.removeWidget(made)
        self._bar.insertWidget(0, made)
        made.setChecked(True)
        self.setProperty("edge", "")
        restyle(self)

    def give_transcript(self, transcript: QWidget) -> None:
        """Let go of the transcript again."""
        self.stack.removeWidget(transcript)
        made, self._transcript_tab = self._transcript_tab, None
        if made is not None:
            if made.isChecked():
                self.summary_tab.setChecked(True)
            self._tabs.removeButton(made)
            self._bar.removeWidget(made)
            made.hide()
            made.deleteLater()
        self.setProperty("edge", "left")
        restyle(self)

    def open(self, recording: "RecordingId") -> None:
        """Show a recording's questions; the summary is handed in by the page."""
        if recording == self._recording:
            return
        self._recording = recording
        self.asking.leave(None)
        self.conversation.show_conversation(None)
        self.composer.go(recording)
        (self._transcript_tab or self.summary_tab).setChecked(True)

        def found(conversation: Conversation | None) -> None:
            if recording == self._recording and conversation is not None and not self.asking.is_running:
                self.asking.leave(conversation.id)
                self.conversation.show_conversation(conversation)

        self._bridge.ask(lambda _: self._session.chatting.of_recording(recording), found, self.failed.emit)

    def close_recording(self) -> None:
        """Forget the recording."""
        self._recording = None
        self.asking.leave(None)

    def _ask(self, question: str) -> None:
        if self._recording is not None:
            self.ask_tab.setChecked(True)
            self.asking.ask(question, self._recording)

    def _fail(self, error: Exception) -> None:
        self.conversation.break_off()
        self.failed.emit(error)

    def _cited(self, citation: object) -> None:
        if isinstance(citation, Citation):
            self.played.emit(citation.start)

    def focus_ask(self) -> None:
        """Put the cursor into the ask field."""
        self.composer.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
