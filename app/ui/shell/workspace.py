"""The workspace of an open vault: the side bar, the pages, and the keyboard shortcuts that reach them."""

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPlainTextEdit, QStackedWidget, QVBoxLayout, QWidget

from app.core.conversation import Citation, Conversation
from app.core.ids import ConversationId
from app.core.job import Lane
from app.services.chats.drafts import UnderWay
from app.services.file_kinds import Dropped, sort_dropped
from app.ui.calls.call_jobs import CallJobs
from app.ui.calls.calls_page import CallsPage
from app.ui.chats.chat_page import ChatPage
from app.ui.conversation.drafts import Drafts
from app.ui.models.downloads import ModelDownloads
from app.ui.shell.side_bar import SideBar
from app.ui.style.theme import Theme
from app.ui.widgets import drop_target
from app.ui.widgets.notice_bar import NoticeBar

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from app.core.change import Change
    from app.services.application import Application
    from app.services.models.listing import Offer
    from app.services.session import Session
    from app.ui.models.model_page import ModelPage
    from app.ui.models.models_page import ModelsPage
    from app.ui.privacy.privacy_page import PrivacyPage
    from app.ui.runtime.bridge import Bridge
    from app.ui.settings.settings_page import SettingsPage

_HOUR = 3_600_000  # milliseconds
_STEP = 5.0  # seconds that an arrow key moves the player


class Workspace(QWidget):
    """Holds the side bar and the pages; each page reads its own data."""

    theme_chosen = Signal(str)
    models_changed = Signal()
    lock_wanted = Signal()

    def __init__(
        self, theme: Theme, tacit: "Application", session: "Session", bridge: "Bridge", parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName("Tacit")
        self.setAcceptDrops(True)
        self._theme, self._tacit, self._session, self._bridge = theme, tacit, session, bridge
        self.settings: SettingsPage | None = None
        self.models: ModelsPage | None = None
        self.model_pages: dict[str, ModelPage] = {}
        self.privacy: PrivacyPage | None = None
        self._main_page: QWidget | None = None
        self.work = CallJobs(bridge, self)
        self.model_work = ModelDownloads(tacit, session, bridge, self)
        across = QHBoxLayout(self)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(0)
        self.side_bar = SideBar(theme, self, is_offline_enforced=tacit.is_offline_enforced)
        across.addWidget(self.side_bar)
        column = QVBoxLayout()
        column.setSpacing(0)
        self.notice = NoticeBar(theme, self, 22, 10, 22, 4)
        column.addWidget(self.notice)
        self.stack = QStackedWidget(self)
        self.stack.setAccessibleName("Page")
        column.addWidget(self.stack, 1)
        across.addLayout(column, 1)
        self.calls = CallsPage(theme, session, bridge, self.work, self)
        self.chats = ChatPage(theme, session, bridge, self)
        self.stack.addWidget(self.calls)
        self.stack.addWidget(self.chats)
        self.drafts = Drafts(session, bridge, (self.calls.call.side.composer, self.chats.composer), self)
        self._hourly = QTimer(self)
        self._hourly.setInterval(_HOUR)
        self._hourly.timeout.connect(self._make_daily_copy)
        self._connect()
        tacit.models.crash_count.observe(lambda message: bridge.call_in_window(lambda: self.notice.show_note(message)))
        for keys, does in (
            ("Ctrl+K", self.show_search),
            ("Ctrl+O", self.choose_files),
            ("Ctrl+N", self.new_chat),
            ("F2", self.rename),
            ("Ctrl+,", self.show_settings),
            ("Ctrl+M", self.show_models),
            ("Escape", self.escape),
        ):
            QShortcut(QKeySequence(keys), self, does)

    def _connect(self) -> None:
        bar = self.side_bar
        bar.new_chat_wanted.connect(self.new_chat)
        bar.search_wanted.connect(self.show_search)
        bar.chats_wanted.connect(self.show_chats)
        bar.calls_wanted.connect(self.show_calls)
        bar.conversation_wanted.connect(self.open_conversation)
        bar.privacy_wanted.connect(self.show_privacy)
        bar.lock_wanted.connect(self.lock_wanted)
        bar.settings_wanted.connect(self.show_settings)
        bar.models_wanted.connect(self.show_models)
        self.model_work.network_changed.connect(self._show_network)
        self.model_work.ended.connect(self._model_ended)
        self.calls.counted.connect(lambda count: bar.show_counts(calls=count))
        self.chats.chats_read.connect(self._list_chats)
        self.chats.chat_changed.connect(lambda _: self._mark_side_bar())
        self.chats.citation_clicked.connect(self._open_citation)
        self._bridge.vault_changed.connect(self._apply_changes)

    def begin(self) -> None:
        """Show the calls, or what was open at the lock, and resume unfinished work."""
        self.show_calls()
        self.calls.list.setFocus(Qt.FocusReason.OtherFocusReason)  # else Lock has it, and the next Space would lock
        self.chats.read_list_again()
        self.drafts.read(self._resume_where_left)
        self._bridge.run_job(lambda _: self._session.resume(), priority=4, title="Resuming")
        self._make_daily_copy()
        self._hourly.start()

    def _make_daily_copy(self) -> None:
        """Copy the database if a day has passed; checking hourly is enough for a computer that sometimes sleeps."""
        self._bridge.run_job(self._session.maintenance.copy_if_due, lane=Lane.BACKGROUND, title="Keeping a copy")

    def under_way(self) -> UnderWay:
        """What `_resume_where_left` restores after a lock: the page, its open call or chat, unfinished imports."""
        is_chats = self.stack.currentWidget() is self.chats
        here = f"chats {self.chats.current or ''}" if is_chats else f"calls {self.calls.open_call_id or ''}"
        return UnderWay(here, tuple(self.calls.unfinished_imports()))

    @property
    def defers_auto_lock(self) -> bool:
        """Whether a person is likely present without touching anything, or a lock would lose requested work.

        That is so while a call plays, an answer is generated or a backup is written, each of which ends. All other work
        resumes after the next unlock.
        """
        is_answering = self.chats.reply_stream.is_running or self.calls.call.side.reply_stream.is_running
        is_keeping = any(job.lane is Lane.BACKGROUND for job in self._session.lanes.live())
        return self._session.player.is_playing or is_answering or is_keeping

    def _resume_where_left(self, under_way: UnderWay) -> None:
        page, _, opened = under_way.here.partition(" ")
        if under_way.imports:
            self.calls.take_in(under_way.imports)
        if page == "chats":
            self.show_chats()
            if opened:
                self.chats.open(ConversationId(opened))
        elif opened:
            self.calls.open(opened)

    def _apply_changes(self, changes: "list[Change]") -> None:
        current = self.calls.call.call
        for change in changes:
            if change.kind == "conversation":
                self.chats.read_list_again()
                continue
            self.calls.read_again()
            if change.kind == "recording" and change.is_gone:
                self.chats.read_chat_again()
            if current is not None and change.subject == current.id and not change.is_gone:
                self.calls.call.read_again()

    def _list_chats(self, conversations: list[Conversation]) -> None:
        self.side_bar.show_conversations(conversations)
        self._mark_side_bar()

    def _mark_side_bar(self) -> None:
        shown = self.stack.currentWidget()
        pages = (("calls", self.calls), ("chats", self.chats), ("models", self.models), ("privacy", self.privacy))
        name = next((name for name, page in pages if page is shown), "settings")
        if shown in self.model_pages.values():
            name = "models"
        self.side_bar.show_current_page(name, self.chats.current)

    def show_calls(self) -> None:
        """Show the calls."""
        self.stack.setCurrentWidget(self.calls)
        self._mark_side_bar()

    def show_chats(self) -> None:
        """Show the chats."""
        self.stack.setCurrentWidget(self.chats)
        self._mark_side_bar()
        self.chats.focus()

    def show_settings(self) -> None:
        """Show the settings."""
        page = self.settings
        if page is None:
            from app.ui.settings.settings_page import SettingsPage

            page = self.settings = SettingsPage(self._theme, self._tacit, self._session, self._bridge, self)
            page.theme_chosen.connect(self.theme_chosen)
            self.stack.addWidget(page)
        self._show_secondary(page)

    def show_models(self) -> "ModelsPage":
        """Show the models."""
        page = self.models
        if page is None:
            from app.ui.models.models_page import ModelsPage

            page = self.models = ModelsPage(self._theme, self._tacit, self.model_work, self._bridge, self)
            page.models_changed.connect(self.models_changed)
            page.inspect_wanted.connect(self.show_model)
            self.stack.addWidget(page)
        self._show_secondary(page)
        return page

    def show_model(self, offer: "Offer") -> "ModelPage":
        """Show the contents of an installed model."""
        page = self.model_pages.get(offer.id)
        if page is None:
            from app.ui.models.model_page import ModelPage

            page = self.model_pages[offer.id] = ModelPage(self._theme, self._tacit, self._bridge, self.notice, self)
            page.back_wanted.connect(partial(self._leave_model, offer.id))
            page.models_folder_changed.connect(self.models_changed)
            self.stack.addWidget(page)
        page.show_offer(offer)
        self._show_secondary(page)
        return page

    def _leave_model(self, model: str) -> None:
        row = self.show_models().row(model)
        if row is not None:
            row.do_button.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_privacy(self) -> None:
        """Show the page on what keeps Tacit offline."""
        page = self.privacy
        if page is None:
            from app.ui.privacy.privacy_page import PrivacyPage

            page = self.privacy = PrivacyPage(self._theme, self._tacit, self._session, self._bridge, self)
            self.model_work.ended.connect(page.read_ledger)
            self.stack.addWidget(page)
        self._show_secondary(page)

    def _show_secondary(self, page: "SettingsPage | ModelsPage | ModelPage | PrivacyPage") -> None:
        """Show a page that Escape leaves."""
        shown = self.stack.currentWidget()
        if shown is not page:
            if shown in (self.calls, self.chats):
                self._main_page = shown
            self.stack.setCurrentWidget(page)
            page.begin()
        self._mark_side_bar()

    def _show_network(self) -> None:
        self.side_bar.show_network(is_open=self.model_work.is_network_open, seconds=self.model_work.remaining_seconds)

    def _model_ended(self, model: str) -> None:
        """Show a failed download in this notice bar, unless the models page is shown."""
        self.models_changed.emit()
        if self.models is not None and self.stack.currentWidget() is self.models:
            return
        error = self.model_work.errors.get(model)
        if error is not None:
            self.notice.show_error(error, "Models", self.show_models)

    def _return_to_main_page(self) -> None:
        if self._main_page is self.chats:
            self.show_chats()
        else:
            self.show_calls()

    def new_chat(self) -> None:
        """Start a chat."""
        self.show_chats()
        self.chats.new()

    def open_conversation(self, conversation: str) -> None:
        """Show a chat."""
        self.show_chats()
        self.chats.open(ConversationId(conversation))

    def show_search(self) -> None:
        """Go to the search of all calls."""
        self.show_calls()
        self.calls.focus_search()

    def choose_files(self) -> None:
        """Let the person choose recordings to import."""
        self.show_calls()
        self.calls.choose_files()

    def rename(self) -> None:
        """Rename the open call."""
        if self.stack.currentWidget() is self.calls and self.calls.has_call:
            self.calls.call.header.begin_rename()

    def escape(self) -> None:
        """Leave a settings page; otherwise stop a running reply, leave the search or close the call."""
        for page in (self.settings, self.models):
            if page is not None and self.stack.currentWidget() is page:
                if not page.leave():
                    self._return_to_main_page()
                return
        for model, inside in self.model_pages.items():
            if self.stack.currentWidget() is inside:
                if not inside.leave():
                    self._leave_model(model)
                return
        if self.privacy is not None and self.stack.currentWidget() is self.privacy:
            self._return_to_main_page()
        elif self.stack.currentWidget() is self.chats:
            self.chats.reply_stream.stop()
        elif self.calls.call.side.reply_stream.is_running:
            self.calls.call.side.reply_stream.stop()
        elif not self.calls.clear_search() and self.calls.has_call:
            self.calls.close_call()

    def _open_citation(self, citation: object) -> None:
        if isinstance(citation, Citation):
            self.show_calls()
            self.calls.open(citation.id, citation.line)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt: handle the player's keys, except while text is typed."""
        is_typing = isinstance(self.window().focusWidget(), QLineEdit | QPlainTextEdit)
        if is_typing or self.stack.currentWidget() is not self.calls or not self.calls.has_call:
            super().keyPressEvent(event)
            return
        player = self.calls.call.player
        if event.key() == Qt.Key.Key_Space:
            player.toggle()
        elif event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            player.skip(_STEP if event.key() == Qt.Key.Key_Right else -_STEP)
        elif event.key() == Qt.Key.Key_Delete:
            self.calls.call.ask_to_delete()
        else:
            super().keyPressEvent(event)

    def import_or_install(self, paths: "Sequence[Path]", *, is_for_models: bool) -> None:
        """Import recordings and install models; a file that is neither is refused on the page where it was given."""

        def sort_out(dropped: Dropped) -> None:
            models = [*dropped.models, *(dropped.others if is_for_models else ())]
            calls = [*dropped.calls, *(() if is_for_models else dropped.others)]
            if calls:
                self.show_calls()
                self.calls.take_in(calls)
            if models:
                self.show_models().add_models(models)
            if models and calls:
                self.notice.show_note("The recordings among these are imported too.", "They are in the list of calls.")

        self._bridge.run_in_thread(lambda: sort_dropped(paths), sort_out)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Qt: accept dragged files on any page."""
        drop_target.accept_drag(event)

    def dropEvent(self, event: QDropEvent) -> None:
        """Qt: import or install what was dropped, on any page."""
        if paths := drop_target.accept_drop(event):
            self.import_or_install(
                paths, is_for_models=self.models is not None and self.stack.currentWidget() is self.models
            )
