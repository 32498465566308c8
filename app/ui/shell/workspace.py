"""The workspace of an open vault: the side bar beside the pages, and what runs between pages."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.core import resources
from app.core.conversation import Citation, Conversation
from app.core.ids import ConversationId
from app.core.job import Lane
from app.services.chats.drafts import UnderWay
from app.services.file_kinds import Dropped, sort_dropped
from app.ui.calls.page import PAGE as CALLS
from app.ui.chats.page import PAGE as CHATS
from app.ui.conversation.drafts import Drafts
from app.ui.models.page import PAGE as MODELS
from app.ui.navigation.page_frame import PageFrame
from app.ui.settings.page import PAGE as SETTINGS
from app.ui.shell.first_work import BringFiles, FirstWork, ImportDemo, PullModels, Reminder
from app.ui.shell.side_bar import SideBar
from app.ui.style.theme import Theme
from app.ui.widgets import drop_target

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from app.services.application import Application
    from app.services.session import Session
    from app.ui.runtime.bridge import Bridge

_HOUR = 3_600_000  # milliseconds


class Workspace(PageFrame):
    """Holds the side bar and the pages; each page reads its own data.

    Pages and commands come from the rooms that register them. Only what joins two pages is here: a moment cited in a
    chat is shown in its call, what was open comes back after a lock, and dropped files go where they belong.
    """

    def __init__(
        self, theme: Theme, application: "Application", session: "Session", bridge: "Bridge", parent: QWidget
    ) -> None:
        super().__init__(theme, application, session, bridge, parent)
        self.setAccessibleName("Tacit")
        self.setAcceptDrops(True)
        across = QHBoxLayout(self)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(0)
        self.side_bar = SideBar(theme, self, self.pages, is_offline_enforced=application.is_offline_enforced)
        across.addWidget(self.side_bar)
        column = QVBoxLayout()
        column.setSpacing(0)
        column.addWidget(self.notice)
        column.addWidget(self.stack, 1)
        across.addLayout(column, 1)
        self.badge_changed.connect(self.side_bar.show_badge)
        self.network_changed.connect(self._show_network)
        self.page_shown.connect(self._mark_side_bar)
        self.make_first_pages()
        self.calls, self.chats = self.page(CALLS), self.page(CHATS)
        self.drafts = Drafts(session.drafts, bridge, (self.calls.call.side.composer, self.chats.composer), self)
        self._shown_copy_problem = ""
        self._hourly = QTimer(self)
        self._hourly.setInterval(_HOUR)
        self._hourly.timeout.connect(self._make_daily_copy)
        self.side_bar.command_wanted.connect(self.run)
        self.side_bar.conversation_wanted.connect(self.open_conversation)
        self.chats.chats_read.connect(self._list_chats)
        self.chats.chat_changed.connect(self._mark_side_bar)
        self.chats.citation_clicked.connect(self._open_citation)
        application.models.crash_count.observe(
            lambda message: bridge.call_in_window(lambda: self.notice.show_note(message))
        )

    def begin(self, reminder: Reminder | None = None, first_work: FirstWork | None = None) -> None:
        """Show the calls, or what was open at the lock, resume unfinished work, and do what the first start asked for.

        Args:
            reminder: a notice to show until it is closed.
            first_work: what the pages before this one were asked for.
        """
        self.show_page(CALLS)
        self.calls.list.setFocus(Qt.FocusReason.OtherFocusReason)  # else Lock has it, and the next Space would lock
        self.chats.read_list_again()
        self.drafts.read(self._resume_where_left)
        self.bridge.run_job(lambda _: self.session.resume(), priority=4, title="Resuming")
        self._make_daily_copy()
        self._hourly.start()
        if reminder is not None:
            does = self.commands[reminder.command]
            self.notice.show_until_closed(reminder.title, reminder.advice, reminder.action, lambda: self.run(does))
        match first_work:
            case ImportDemo():
                self.calls.take_in([resources.demo_call()])
            case PullModels(ids):
                self.show_page(MODELS).list.pull(ids)
            case BringFiles(paths):
                self.import_or_install(paths, is_for_models=True)

    def _make_daily_copy(self) -> None:
        """Copy the database if a day has passed; checking hourly is enough for a computer that sometimes sleeps."""
        self.bridge.run_job(
            self.session.maintenance.copy_if_due, self._show_copy_problem, lane=Lane.BACKGROUND, title="Keeping a copy"
        )

    def _show_copy_problem(self, _: bool) -> None:
        """Show why the copy was not made: once for each reason, not with every attempt."""
        problem = self.session.maintenance.copy_problem
        title = problem.title if problem is not None else ""
        if problem is not None and title != self._shown_copy_problem:
            self.notice.show_error(problem, "Settings", lambda: self.show_page(SETTINGS))
        self._shown_copy_problem = title

    def under_way(self) -> UnderWay:
        """What `_resume_where_left` restores after a lock: the page, its open call or chat, unfinished imports."""
        page, opened = (CHATS, self.chats.current) if self.is_shown(CHATS) else (CALLS, self.calls.open_call_id)
        return UnderWay(f"{page.key} {opened or ''}", tuple(self.calls.unfinished_imports()))

    @property
    def defers_auto_lock(self) -> bool:
        """Whether a person is likely present without touching anything, or a lock would lose requested work.

        That is so while a call plays, an answer is generated or a backup is written, each of which ends. All other work
        resumes after the next unlock.
        """
        is_answering = self.chats.reply_stream.is_running or self.calls.call.side.reply_stream.is_running
        is_keeping = any(job.lane is Lane.BACKGROUND for job in self.session.lanes.live())
        return self.session.player.is_playing or is_answering or is_keeping

    def _resume_where_left(self, under_way: UnderWay) -> None:
        page, _, opened = under_way.here.partition(" ")
        if under_way.imports:
            self.calls.take_in(under_way.imports)
        if page == CHATS.key:
            self.show_page(CHATS)
            if opened:
                self.chats.open(ConversationId(opened))
        elif opened:
            self.calls.open(opened)

    def _list_chats(self, conversations: list[Conversation]) -> None:
        self.side_bar.show_conversations(conversations)
        self._mark_side_bar()

    def _mark_side_bar(self, _: str = "") -> None:
        shown = self.shown_page
        if shown is not None:
            self.side_bar.show_current_page(shown.key, self.chats.current)

    def _show_network(self, is_open: bool, seconds: float | None) -> None:
        self.side_bar.show_network(is_open=is_open, seconds=seconds)

    def open_conversation(self, conversation: str) -> None:
        """Show a chat."""
        self.show_page(CHATS).open(ConversationId(conversation))

    def _open_citation(self, citation: object) -> None:
        if isinstance(citation, Citation):
            self.show_page(CALLS).open(citation.id, utterance=citation.utterance, start=citation.start)

    def import_or_install(self, paths: "Sequence[Path]", *, is_for_models: bool) -> None:
        """Import recordings and install models; a file that is neither is refused on the page where it was given."""

        def sort_out(dropped: Dropped) -> None:
            models = [*dropped.models, *(dropped.others if is_for_models else ())]
            calls = [*dropped.calls, *(() if is_for_models else dropped.others)]
            if calls:
                self.show_page(CALLS).take_in(calls)
            if models:
                self.show_page(MODELS).list.add_models(models)
            if models and calls:
                self.notice.show_note("The recordings among these are imported too.", "They are in the list of calls.")

        self.bridge.run_in_thread(lambda: sort_dropped(paths), sort_out)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Qt: accept dragged files on any page."""
        drop_target.accept_drag(event)

    def dropEvent(self, event: QDropEvent) -> None:
        """Qt: import or install what was dropped, on any page."""
        if paths := drop_target.accept_drop(event):
            self.import_or_install(paths, is_for_models=self.is_shown(MODELS))
