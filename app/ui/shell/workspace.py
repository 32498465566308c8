"""The window of an open vault: the side bar, the calls, the chats, and the keys that reach them."""

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPlainTextEdit, QStackedWidget, QVBoxLayout, QWidget

from app.core.conversation import Citation, Conversation
from app.core.ids import ConversationId
from app.services.chats.drafts import UnderWay
from app.services.file_kinds import Dropped, told_apart
from app.ui.calls.call_jobs import WorkInHand
from app.ui.calls.calls_page import CallsPage
from app.ui.chats.chat_page import ChatPage
from app.ui.conversation.drafts import Drafts
from app.ui.models.downloads import ModelWork
from app.ui.shell.side_bar import SideBar
from app.ui.style.theme import Theme
from app.ui.widgets import drop_target
from app.ui.widgets.notice_bar import NoticeBar

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from app.core.change import Change
    from app.services.application import Tacit
    from app.services.models.listing import Offer
    from app.services.session import Session
    from app.ui.models.model_page import ModelPage
    from app.ui.models.models_page import ModelsPage
    from app.ui.privacy.privacy_page import PrivacyPage
    from app.ui.runtime.bridge import Bridge
    from app.ui.settings.settings_page import SettingsPage

_HOUR = 3_600_000  # milliseconds
_STEP = 5.0  # seconds that an arrow key moves the player


class Desk(QWidget):
    """Frames the pages; they read for themselves what changed."""

    theme_chosen = Signal(str)
    models_changed = Signal()
    lock_wanted = Signal()

    def __init__(self, theme: Theme, tacit: "Tacit", session: "Session", bridge: "Bridge", parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName("Tacit")
        self.setAcceptDrops(True)
        self._theme, self._tacit, self._session, self._bridge = theme, tacit, session, bridge
        self.settings: SettingsPage | None = None
        self.models: ModelsPage | None = None
        self.inside: dict[str, ModelPage] = {}
        self.privacy: PrivacyPage | None = None
        self._before_settings: QWidget | None = None
        self.work = WorkInHand(bridge, self)
        self.model_work = ModelWork(tacit, session, bridge, self)
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
        self._hourly.timeout.connect(self._keep_copy)
        self._connect()
        tacit.models.minding.observe(lambda told: bridge.hand_over(lambda: self.notice.note(told)))
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
        self.model_work.door_moved.connect(self._show_door)
        self.model_work.ended.connect(self._model_ended)
        self.calls.counted.connect(lambda count: bar.show_counts(calls=count))
        self.chats.listed.connect(self._list_chats)
        self.chats.moved.connect(lambda _: self._mark())
        self.chats.opened.connect(self._open_citation)
        self._bridge.vault_changed.connect(self._take_changes)

    def begin(self) -> None:
        """Show the calls or what was open at the lock, and go on with what was left unfinished."""
        self.show_calls()
        self.calls.list.setFocus(Qt.FocusReason.OtherFocusReason)  # else Lock has it, and the next Space would lock
        self.chats.read_again()
        self.drafts.read(self._come_back)
        self._bridge.ask(lambda _: self._session.resume(), priority=4, title="Resuming")
        self._keep_copy()
        self._hourly.start()

    def _keep_copy(self) -> None:
        """Once a day, beside everything else; an hour is short enough for a computer that sleeps now and then."""
        self._bridge.ask(self._session.keeping.keep_if_due, lane="keeping", title="Keeping a copy")

    def under_way(self) -> UnderWay:
        """What `_come_back` brings back after a lock: `calls ID`, `chats ID` or one without an id, and files."""
        is_chats = self.stack.currentWidget() is self.chats
        here = f"chats {self.chats.current or ''}" if is_chats else f"calls {self.calls.opened or ''}"
        return UnderWay(here, tuple(self.calls.unfinished_imports()))

    @property
    def is_held(self) -> bool:
        """Whether a person is likely there without touching anything, or a lock would undo what was asked for.

        A call is heard, an answer is waited for, a backup is written; each comes to an end. All other work goes on
        after the next unlock.
        """
        is_answering = self.chats.asking.is_running or self.calls.call.side.asking.is_running
        is_keeping = any(job.lane == "keeping" for job in self._session.runner.live())
        return self._session.player.is_playing or is_answering or is_keeping

    def _come_back(self, under_way: UnderWay) -> None:
        page, _, opened = under_way.here.partition(" ")
        if under_way.imports:
            self.calls.take_in(under_way.imports)
        if page == "chats":
            self.show_chats()
            if opened:
                self.chats.open(ConversationId(opened))
        elif opened:
            self.calls.open(opened)

    def _take_changes(self, changes: "list[Change]") -> None:
        current = self.calls.call.recording
        for change in changes:
            if change.noun == "conversation":
                self.chats.read_again()
                continue
            self.calls.read_again()
            if change.noun == "recording" and change.is_gone:
                self.chats.show_again()
            if current is not None and change.subject == current.id and not change.is_gone:
                self.calls.call.read_again()

    def _list_chats(self, conversations: list[Conversation]) -> None:
        self.side_bar.show_conversations(conversations)
        self._mark()

    def _mark(self) -> None:
        shown = self.stack.currentWidget()
        pages = (("calls", self.calls), ("chats", self.chats), ("models", self.models), ("privacy", self.privacy))
        place = next((name for name, page in pages if page is shown), "settings")
        if shown in self.inside.values():
            place = "models"
        self.side_bar.show_place(place, self.chats.current)

    def show_calls(self) -> None:
        """Show the calls."""
        self.stack.setCurrentWidget(self.calls)
        self._mark()

    def show_chats(self) -> None:
        """Show the chats."""
        self.stack.setCurrentWidget(self.chats)
        self._mark()
        self.chats.focus()

    def show_settings(self) -> None:
        """Show the settings."""
        page = self.settings
        if page is None:
            from app.ui.settings.settings_page import SettingsPage

            page = self.settings = SettingsPage(self._theme, self._tacit, self._session, self._bridge, self)
            page.theme_chosen.connect(self.theme_chosen)
            self.stack.addWidget(page)
        self._show_aside(page)

    def show_models(self) -> "ModelsPage":
        """Show the models."""
        page = self.models
        if page is None:
            from app.ui.models.models_page import ModelsPage

            page = self.models = ModelsPage(self._theme, self._tacit, self.model_work, self._bridge, self)
            page.models_changed.connect(self.models_changed)
            page.look_wanted.connect(self.show_model)
            self.stack.addWidget(page)
        self._show_aside(page)
        return page

    def show_model(self, offer: "Offer") -> "ModelPage":
        """Show what is inside a model that is here."""
        page = self.inside.get(offer.id)
        if page is None:
            from app.ui.models.model_page import ModelPage

            page = self.inside[offer.id] = ModelPage(self._theme, self._tacit, self._bridge, self.notice, self)
            page.left.connect(partial(self._leave_model, offer.id))
            page.shelf_changed.connect(self.models_changed)
            self.stack.addWidget(page)
        page.show_offer(offer)
        self._show_aside(page)
        return page

    def _leave_model(self, model: str) -> None:
        row = self.show_models().row(model)
        if row is not None:
            row.do_button.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_privacy(self) -> None:
        """Show what keeps Tacit offline."""
        page = self.privacy
        if page is None:
            from app.ui.privacy.privacy_page import PrivacyPage

            page = self.privacy = PrivacyPage(self._theme, self._tacit, self._session, self._bridge, self)
            self.model_work.ended.connect(page.read_ledger)
            self.stack.addWidget(page)
        self._show_aside(page)

    def _show_aside(self, page: "SettingsPage | ModelsPage | ModelPage | PrivacyPage") -> None:
        """Show a page that Escape leaves again."""
        shown = self.stack.currentWidget()
        if shown is not page:
            if shown in (self.calls, self.chats):
                self._before_settings = shown
            self.stack.setCurrentWidget(page)
            page.begin()
        self._mark()

    def _show_door(self) -> None:
        self.side_bar.show_door(is_open=self.model_work.is_door_open, seconds=self.model_work.seconds)

    def _model_ended(self, model: str) -> None:
        """A download has ended while another page is shown: the person is told here."""
        self.models_changed.emit()
        if self.models is not None and self.stack.currentWidget() is self.models:
            return
        error = self.model_work.errors.get(model)
        if error is not None:
            self.notice.fail(error, "Models", self.show_models)

    def _leave_settings(self) -> None:
        if self._before_settings is self.chats:
            self.show_chats()
        else:
            self.show_calls()

    def new_chat(self) -> None:
        """Begin a chat."""
        self.show_chats()
        self.chats.new()

    def open_conversation(self, conversation: str) -> None:
        """Show a chat."""
        self.show_chats()
        self.chats.open(ConversationId(conversation))

    def show_search(self) -> None:
        """Go to the search over all calls."""
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
        """Leave settings or models; or stop the reply that runs, else leave the search, else close the call."""
        for page in (self.settings, self.models):
            if page is not None and self.stack.currentWidget() is page:
                if not page.leave():
                    self._leave_settings()
                return
        for model, inside in self.inside.items():
            if self.stack.currentWidget() is inside:
                if not inside.leave():
                    self._leave_model(model)
                return
        if self.privacy is not None and self.stack.currentWidget() is self.privacy:
            self._leave_settings()
        elif self.stack.currentWidget() is self.chats:
            self.chats.asking.stop()
        elif self.calls.call.side.asking.is_running:
            self.calls.call.side.asking.stop()
        elif not self.calls.leave_search() and self.calls.has_call:
            self.calls.close_call()

    def _open_citation(self, citation: object) -> None:
        if isinstance(citation, Citation):
            self.show_calls()
            self.calls.open(citation.id, citation.line)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt: the player's keys, wherever no text is being written."""
        writes = isinstance(self.window().focusWidget(), QLineEdit | QPlainTextEdit)
        if writes or self.stack.currentWidget() is not self.calls or not self.calls.has_call:
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

    def take_in(self, paths: "Sequence[Path]", *, is_for_models: bool) -> None:
        """Import recordings, and take models in; what is neither is refused where the person is."""

        def sort_out(dropped: Dropped) -> None:
            models = [*dropped.models, *(dropped.others if is_for_models else ())]
            calls = [*dropped.recordings, *(() if is_for_models else dropped.others)]
            if calls:
                self.show_calls()
                self.calls.take_in(calls)
            if models:
                self.show_models().bring(models)
            if models and calls:
                self.notice.note("The recordings among these are imported too.", "They are in the list of calls.")

        self._bridge.apart(lambda: told_apart(paths), sort_out)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Qt: files may be dropped anywhere."""
        drop_target.welcome(event)

    def dropEvent(self, event: QDropEvent) -> None:
        """Qt: take in what was dropped, on whatever page."""
        if paths := drop_target.taken(event):
            self.take_in(paths, is_for_models=self.models is not None and self.stack.currentWidget() is self.models)
