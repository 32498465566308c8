"""The panel beside a transcript: the summary, the questions about this call, and the field to ask another."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from app.core.conversation import Citation, Conversation
from app.ui.calls.summary_view import SummaryView
from app.ui.conversation.composer import Composer
from app.ui.conversation.question import Questions, ReplyStream
from app.ui.conversation.view import ConversationView
from app.ui.style.theme import Theme
from app.ui.widgets.basics import panel, restyle
from app.ui.widgets.scroll_panes import ScrollPane
from app.ui.widgets.tab_panel import TabPanel

if TYPE_CHECKING:
    from app.core.ids import CallId
    from app.ui.runtime.bridge import Bridge

_EMPTY = "Ask what was said, agreed or left open. Each answer shows the moments it rests on."


class SidePanel(TabPanel):
    """Tabs for summary and questions, with the composer below them."""

    play_wanted = Signal(float)  # seconds: the start of the clicked moment
    line_wanted = Signal(str)  # the utterance of a clicked moment that has no time
    failed = Signal(object)  # the error of an answer

    def __init__(self, theme: Theme, answering: Questions, bridge: "Bridge", parent: QWidget) -> None:
        super().__init__(theme, "Summary and questions", parent)
        self._answering, self._bridge = answering, bridge
        self._call: CallId | None = None
        self._transcript_tab: QPushButton | None = None
        px = theme.px
        self.summary = SummaryView(theme, self)
        inset = self._make_inset_page(self.summary)
        self._summary_page = ScrollPane(self, inset, "Summary")
        self.conversation = ConversationView(theme, self, shows_times=True, widest=16_777_215, empty=_EMPTY)
        self._ask_page = self._make_inset_page(self.conversation)
        self.summary_tab = self.add_tab("Summary", self._summary_page)
        self.ask_tab = self.add_tab("Ask", self._ask_page)
        foot = panel(self, "column", "top", "Ask about this call")
        beneath = QVBoxLayout(foot)
        beneath.setContentsMargins(px(18), px(12), px(18), px(12))
        self.composer = Composer(theme, foot, "Ask about this call…")
        beneath.addWidget(self.composer)
        self.column.addWidget(foot)
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

    def add_transcript_tab(self, transcript: QWidget) -> None:
        """Show the transcript as the first tab, as there is no room beside the panel."""
        tab = self._transcript_tab = self.add_tab("Transcript", transcript, is_first=True)
        tab.setChecked(True)
        self.setProperty("edge", "")
        restyle(self)

    def show_transcript(self) -> None:
        """Show the transcript, if it is a tab here."""
        if self._transcript_tab is not None:
            self._transcript_tab.setChecked(True)

    def remove_transcript_tab(self, transcript: QWidget) -> None:
        """Remove the transcript's tab again."""
        tab, self._transcript_tab = self._transcript_tab, None
        if tab is not None:
            if tab.isChecked():
                self.summary_tab.setChecked(True)
            self.remove_tab(tab, transcript)
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
