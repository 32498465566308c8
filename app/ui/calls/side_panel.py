"""The panel beside a transcript: the summary, the questions about this call, and the field to ask another."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from app.core.conversation import Citation, Conversation
from app.ui.calls.summary_view import SummaryView
from app.ui.conversation.composer import Composer
from app.ui.conversation.question import Questions, ReplyStream
from app.ui.conversation.view import ConversationView
from app.ui.style.theme import Theme
from app.ui.widgets.basics import button, panel, restyle, rule
from app.ui.widgets.scroll_panes import ScrollPane

if TYPE_CHECKING:
    from app.core.ids import CallId
    from app.ui.runtime.bridge import Bridge

_TAB_BORDER = 3  # pixels: the border of the style sheet, and one that rounding may take
_EMPTY = "Ask what was said, agreed or left open. Each answer shows the moments it rests on."


class SidePanel(QFrame):
    """Tabs for summary and questions, with the composer below them."""

    play_wanted = Signal(float)  # seconds: the start of the clicked moment
    line_wanted = Signal(str)  # the utterance of a clicked moment that has no time
    failed = Signal(object)  # the error of an answer

    def __init__(self, theme: Theme, answering: Questions, bridge: "Bridge", parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("ground", "column")
        self.setProperty("edge", "left")
        self.setAccessibleName("Summary and questions")
        self._theme, self._answering, self._bridge = theme, answering, bridge
        self._call: CallId | None = None
        self._transcript_tab: QPushButton | None = None
        px = theme.px
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 0, 0, 0)
        column.setSpacing(0)
        self._tab_bar = QHBoxLayout()
        self._tab_bar.setContentsMargins(px(18), px(9), px(18), 0)
        self._tab_bar.setSpacing(px(18))
        self._tab_group = QButtonGroup(self)
        self.stack = QStackedWidget(self)
        self.stack.setAccessibleName("Summary and questions")
        column.addLayout(self._tab_bar)
        across = QHBoxLayout()
        across.setContentsMargins(px(18), 0, px(18), 0)
        across.addWidget(rule(self))
        column.addLayout(across)
        column.addWidget(self.stack, 1)
        self.summary = SummaryView(theme, self)
        inset = self._make_inset_page(self.summary)
        self._summary_page = ScrollPane(self, inset, "Summary")
        self.conversation = ConversationView(theme, self, shows_times=True, widest=16_777_215, empty=_EMPTY)
        self._ask_page = self._make_inset_page(self.conversation)
        self.summary_tab = self._add_tab("Summary", self._summary_page)
        self.ask_tab = self._add_tab("Ask", self._ask_page)
        self._tab_bar.addStretch(1)
        foot = panel(self, "column", "top", "Ask about this call")
        beneath = QVBoxLayout(foot)
        beneath.setContentsMargins(px(18), px(12), px(18), px(12))
        self.composer = Composer(theme, foot, "Ask about this call…")
        beneath.addWidget(self.composer)
        column.addWidget(foot)
        self.reply_stream = ReplyStream(answering, bridge, self)
        self.reply_stream.began.connect(self.conversation.begin)
        self.reply_stream.text_arrived.connect(self.conversation.append)
        self.reply_stream.cited.connect(self.conversation.show_cited)
        self.reply_stream.waiting.connect(self.conversation.show_waiting)
        self.reply_stream.ended.connect(self.conversation.show_conversation)
        self.reply_stream.failed.connect(self._fail)
        self.reply_stream.changed.connect(lambda: self.composer.show_running(self.reply_stream.is_running))
        self.composer.sent.connect(self._ask)
        self.composer.stop_wanted.connect(self.reply_stream.stop)
        self.summary.play_wanted.connect(self.play_wanted)
        self.summary.line_wanted.connect(self.line_wanted)
        self.conversation.citation_clicked.connect(self._play_citation)
        self.summary_tab.setChecked(True)

    def _make_inset_page(self, content: QWidget) -> QWidget:
        inset_page = QWidget(self)
        inset_page.setAccessibleName("Page")
        inner = QVBoxLayout(inset_page)
        inner.setContentsMargins(self._theme.px(18), 0, self._theme.px(18), 0)
        inner.addWidget(content)
        return inset_page

    def _add_tab(self, title: str, page: QWidget) -> QPushButton:
        self.stack.addWidget(page)
        tab = button(title, self, "tab")
        tab.setCheckable(True)
        bold = QFontMetrics(self._theme.font(14, 600)).horizontalAdvance(title)  # as it is while it is shown
        tab.setMinimumWidth(bold + 2 * _TAB_BORDER)
        tab.toggled.connect(lambda is_on: self.stack.setCurrentWidget(page) if is_on else None)
        self._tab_group.addButton(tab)
        self._tab_bar.addWidget(tab)
        return tab

    def add_transcript_tab(self, transcript: QWidget) -> None:
        """Show the transcript as the first tab, as there is no room beside the panel."""
        tab = self._transcript_tab = self._add_tab("Transcript", transcript)
        self._tab_bar.removeWidget(tab)
        self._tab_bar.insertWidget(0, tab)
        tab.setChecked(True)
        self.setProperty("edge", "")
        restyle(self)

    def show_transcript(self) -> None:
        """Show the transcript, if it is a tab here."""
        if self._transcript_tab is not None:
            self._transcript_tab.setChecked(True)

    def remove_transcript_tab(self, transcript: QWidget) -> None:
        """Remove the transcript's tab again."""
        self.stack.removeWidget(transcript)
        tab, self._transcript_tab = self._transcript_tab, None
        if tab is not None:
            if tab.isChecked():
                self.summary_tab.setChecked(True)
            self._tab_group.removeButton(tab)
            self._tab_bar.removeWidget(tab)
            tab.hide()
            tab.deleteLater()
        self.setProperty("edge", "left")
        restyle(self)

    def open(self, call: "CallId") -> None:
        """Show the questions about a call; the page supplies the summary."""
        if call == self._call:
            return
        self._call = call
        self.reply_stream.switch_to(None)
        self.conversation.show_conversation(None)
        self.composer.set_draft_key(call)
        (self._transcript_tab or self.summary_tab).setChecked(True)

        def show(conversation: Conversation | None) -> None:
            if call == self._call and conversation is not None and not self.reply_stream.is_running:
                self.reply_stream.switch_to(conversation.id)
                self.conversation.show_conversation(conversation)

        self._bridge.run_job(lambda _: self._answering.of_call(call), show, self.failed.emit)

    @property
    def place(self) -> tuple[int, int]:
        """The tab that is shown, and where the summary is scrolled to, in pixels."""
        return self.stack.currentIndex(), self._summary_page.verticalScrollBar().value()

    def go_to(self, place: tuple[int, int] | None) -> None:
        """Show a tab that was left, with the summary where it was; without one, the summary from its beginning."""
        tab, summary = place or (-1, 0)
        if place is not None and self._transcript_tab is None and self.stack.widget(tab) is self._ask_page:
            self.ask_tab.setChecked(True)
        self._summary_page.scroll_to(summary)

    def show_message(self, message: int) -> None:
        """Show a question or answer about this call by its number, now or once they are read."""
        self.ask_tab.setChecked(True)
        self.conversation.reveal(message)

    def close_call(self) -> None:
        """Release the call."""
        self._call = None
        self.reply_stream.switch_to(None)

    def _ask(self, question: str) -> None:
        if self._call is not None:
            self.ask_tab.setChecked(True)
            self.reply_stream.ask(question, self._call)

    def _fail(self, error: Exception) -> None:
        self.conversation.remove_streaming_reply()
        self.failed.emit(error)

    def _play_citation(self, citation: object) -> None:
        if isinstance(citation, Citation):
            if citation.end > 0:
                self.play_wanted.emit(citation.start)
            else:
                self.line_wanted.emit(citation.utterance)
