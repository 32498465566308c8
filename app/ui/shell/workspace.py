"""The workspace of an open vault: the side bar beside the pages, and what runs between pages."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.core import resources
from app.core.conversation import EVERYTHING, Conversation
from app.core.file_access import access_notice
from app.core.ids import ConversationId, NoteId
from app.core.job import Lane
from app.services.calls.recordings_folder import sort_dropped_folders
from app.services.chats.drafts import UnderWay
from app.services.file_kinds import Dropped, growing_sentence, notes_among, what_a_drop_does
from app.ui.calls.page import PAGE as CALLS
from app.ui.chats.page import PAGE as CHATS
from app.ui.conversation.drafts import Drafts
from app.ui.models.page import PAGE as MODELS
from app.ui.navigation.call_moment import CallMoment
from app.ui.navigation.command import Command
from app.ui.navigation.page_frame import PageFrame
from app.ui.notes.page import PAGE as NOTES
from app.ui.settings.page import PAGE as SETTINGS
from app.ui.shell.first_work import BringFiles, FirstWork, ImportDemo, PullModels, Reminder
from app.ui.shell.palette import Palette
from app.ui.shell.palette_rows import PaletteRow
from app.ui.shell.shortcuts import ShortcutsDialog
from app.ui.shell.side_bar import SideBar
from app.ui.style.theme import Theme
from app.ui.todo.page import PAGE as TODO
from app.ui.widgets import drop_target
from app.ui.widgets.drop_target import DropOverlay

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from app.services.application import Application
    from app.services.session import Session
    from app.ui.runtime.bridge import Bridge

_HOUR = 3_600_000  # milliseconds


class Workspace(PageFrame):
    """Holds the side bar and the pages; each page reads its own data.

    Pages and commands come from the rooms that register them. Only what joins two pages is here: a moment that
    another page speaks of is shown in its call, what was open comes back after a lock, and dropped files go where they
    belong.
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
        self.calls, self.chats, self.notes = self.page(CALLS), self.page(CHATS), self.page(NOTES)
        self.drafts = Drafts(session.drafts, bridge, (self.calls.call.side.composer, self.chats.composer), self)
        self._shown_copy_problem = ""
        self._hourly = QTimer(self)
        self._hourly.setInterval(_HOUR)
        self._hourly.timeout.connect(self._make_daily_copy)
        self.drop_overlay = DropOverlay(theme, self._say_what_a_drop_does, self)
        self.palette_card = Palette(theme, session.everything, self._commands_named, bridge, self)
        self.palette_card.opened.connect(self._open_found)
        self.search_wanted.connect(self.palette_card.open)
        self.shortcuts_wanted.connect(lambda: ShortcutsDialog(theme, self.window(), self.commands.values()).open())
        self.page_shown.connect(lambda _: self.palette_card.close_again())
        self.side_bar.command_wanted.connect(self.run)
        self.side_bar.conversation_wanted.connect(self.open_conversation)
        self.chats.chats_read.connect(self._list_chats)
        self.chats.chat_changed.connect(self._mark_side_bar)
        self.moment_wanted.connect(self._open_moment)
        self.models_changed.connect(self.session.index_when_idle)
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
        self.chats.list.read_again()
        self.drafts.read(self._resume_where_left)
        self.bridge.run_job(lambda _: self.session.resume(), priority=4, title="Resuming")
        self._make_daily_copy()
        self._hourly.start()
        if open_vault := access_notice(self.application.vault_folder, "the vault's folder"):
            self.notice.show_until_closed(*open_vault)
        if reminder is not None:
            does = self.commands[reminder.command]
            self.notice.show_until_closed(reminder.title, reminder.advice, reminder.action, lambda: self.run(does))
        if warnings := self.session.maintenance.warnings:
            advice = " ".join(warning.advice for warning in warnings)
            self.notice.show_until_closed(
                " ".join(warning.title for warning in warnings), advice, "Settings", lambda: self.show_page(SETTINGS)
            )
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
        opened: str | None = self.calls.open_call_id
        page = CALLS.key
        if self.is_shown(CHATS):
            page, opened = CHATS.key, self.chats.kept_chat
        elif self.is_shown(NOTES):
            page, opened = NOTES.key, self.notes.open_note_id
        elif self.is_shown(TODO):
            page, opened = TODO.key, None
        return UnderWay(f"{page} {opened or ''}", tuple(self.calls.unfinished_imports()))

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
        elif page == NOTES.key:
            self.show_page(NOTES)
            if opened:
                self.notes.open(NoteId(opened))
        elif page == TODO.key:
            self.show_page(TODO)
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

    def _open_moment(self, moment: CallMoment) -> None:
        self.show_page(CALLS).open(moment.call, utterance=moment.utterance, start=moment.start)
        self.calls.call.transcript.setFocus(Qt.FocusReason.OtherFocusReason)  # else Lock has it: see `begin`

    def escape(self) -> None:
        """Close the search first; then what is open in the shown page."""
        if self.palette_card.isVisible():
            self.palette_card.close_again()
        else:
            super().escape()

    def _commands_named(self, words: str) -> list[Command]:
        """The commands whose title has these words and that can be done now."""
        asked = words.casefold()
        return [one for one in self.commands.values() if asked in one.title.casefold() and self.can_run(one)]

    def _open_found(self, row: PaletteRow) -> None:
        """Open what was chosen in the search: a line of a call or note, a message of a chat, a command, a question."""
        group, place = row.group, row.place
        if row.command is not None:
            self.run(row.command)
        elif row.question:
            page = self.show_page(CHATS)
            page.new(EVERYTHING)
            page.write(row.question)
        elif group is not None and group.kind == "task":
            self.show_page(TODO).show_task(group.id)
        elif group is not None and group.kind in ("call", "related"):
            start, utterance = (None, None) if place is None else (place.start, place.utterance)
            self.show_page(CALLS).open(group.id, utterance=utterance, start=start)
        elif group is not None and group.kind == "note":
            self.show_page(NOTES).open(NoteId(group.id), None if place is None else place.line)
        elif group is not None and group.call:
            self.show_page(CALLS).open(group.call)
            self.calls.call.side.show_message((place.message if place is not None else 0) or 0)
        elif group is not None:
            self.show_page(CHATS).open(ConversationId(group.id), None if place is None else place.message)

    def import_or_install(self, paths: "Sequence[Path]", *, is_for_models: bool) -> None:
        """Import recordings and install models; a file that is neither is refused on the page where it was given.

        On the page of notes a text is a note.
        """

        def sort_out(dropped: Dropped) -> None:
            models = [*dropped.models, *(dropped.others if is_for_models else ())]
            calls = [*dropped.calls, *(() if is_for_models else dropped.others)]
            if calls:
                self.show_page(CALLS).take_in(calls)
            if models:
                self.show_page(MODELS).list.add_models(models)
            if models and calls:
                self.notice.show_note("The recordings among these are imported too.", "They are in the list of calls.")
            if dropped.growing:
                self.notice.show_note(growing_sentence(dropped.growing), "Drop the folder again once they are whole.")

        notes = notes_among(paths) if self.is_shown(NOTES) else []
        if notes:
            self.notes.take_in(notes)
        if others := [path for path in paths if path not in notes]:
            self.bridge.run_in_thread(lambda: sort_dropped_folders(others), sort_out)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt: in a narrow window the side bar is narrower."""
        super().resizeEvent(event)
        self.side_bar.fit(self.width())

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Qt: files are dragged over any page."""
        self.drop_overlay.enter(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Qt: they are dragged on."""
        self.drop_overlay.move_over(event)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Qt: they are dragged out again."""
        self.drop_overlay.leave()

    def _say_what_a_drop_does(self, paths: "Sequence[Path]", answer: DropOverlay.Answer) -> None:
        is_for_models = self.is_shown(MODELS)
        notes = notes_among(paths) if self.is_shown(NOTES) else []
        others = [path for path in paths if path not in notes]
        self.bridge.run_in_thread(
            lambda: what_a_drop_does(sort_dropped_folders(others), is_for_models=is_for_models, notes=len(notes)),
            lambda found: answer(*found),
        )

    def dropEvent(self, event: QDropEvent) -> None:
        """Qt: import or install what was dropped, on any page."""
        self.drop_overlay.leave()
        if paths := drop_target.accept_drop(event):
            self.import_or_install(paths, is_for_models=self.is_shown(MODELS))
