"""The page of calls: the searchable list on the left, the open call on the right."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QStackedWidget, QVBoxLayout, QWidget

from app.core import resources
from app.core.ids import CallId, UtteranceId
from app.core.job import JobState
from app.ui.calls.call_jobs import CallJob, CallJobs
from app.ui.calls.call_list import CallList
from app.ui.calls.call_list_model import CallListRow, call_row, hit_row, in_list_order
from app.ui.calls.call_page import CallPage
from app.ui.calls.check_page import CheckPage
from app.ui.calls.commands import IMPORT
from app.ui.calls.empty_page import EmptyPage
from app.ui.calls.import_failures import ImportFailures
from app.ui.runtime.unexpected_errors import error_sentences
from app.ui.style.phrases import missing_work, short_day
from app.ui.style.theme import Theme
from app.ui.widgets.basics import button, label, panel, set_label_text
from app.ui.widgets.file_dialogs import ask_what_to_import
from app.ui.widgets.notice_bar import NoticeBar
from app.ui.widgets.rich_text import RichText

if TYPE_CHECKING:
    from app.core.call import Call
    from app.core.change import Change
    from app.core.job import Job
    from app.core.search import Hit
    from app.core.transcript import Utterance
    from app.ui.calls.call_services import CallServices
    from app.ui.navigation.command import CommandRunner
    from app.ui.runtime.bridge import Bridge

_LIST, _NARROW = 296, 860  # design pixels: the list, and the page width below which list or call is shown
_UNFINISHED = (JobState.WAITING, JobState.RUNNING)
_PAUSE = 150  # milliseconds without typing before a search


class CallsPage(QWidget):
    """`counted` emits the number of calls each time the list was read."""

    counted = Signal(int)

    def __init__(
        self, theme: Theme, services: "CallServices", bridge: "Bridge", commands: "CommandRunner", parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName("Calls")
        self._theme, self._services, self._bridge = theme, services, bridge
        self.work = CallJobs(bridge, self)
        self._calls: list[Call] = []
        self._hits: list[Hit] | None = None
        self._import_titles: dict[int, str] = {}
        self._imports: list[tuple[Job[Call], Path]] = []
        self._failures = ImportFailures()
        self._ids_before_import: set[str] = set()
        self._is_narrow = False
        self._is_list_shown = True
        across = QHBoxLayout(self)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(0)
        self._list_panel = self._make_list_panel()
        across.addWidget(self._list_panel)
        self.stack = QStackedWidget(self)
        self.stack.setAccessibleName("Call")
        self.empty = EmptyPage(theme, self)
        self.call = CallPage(theme, services, bridge, self.work, commands, self)
        self.check: CheckPage = CheckPage(theme, services, bridge, commands, self)
        for page in (self.empty, self.call, self.check):
            self.stack.addWidget(page)
        across.addWidget(self.stack, 1)
        self.empty.import_wanted.connect(self.choose_files)
        self.empty.demo_wanted.connect(lambda: self.take_in([resources.demo_call()]))
        self.call.on_call.deleted.connect(self.close_call)
        self.check.closed.connect(self._show_call)
        self.check.line_wanted.connect(self._play_or_show_line)
        self.call.header.back_wanted.connect(self._show_list)
        self.call.header.back_button.hide()
        self._show_timer = QTimer(self)  # a drop of many files changes the list hundreds of times at once
        self._show_timer.setSingleShot(True)
        self._show_timer.setInterval(30)
        self._show_timer.timeout.connect(self._show)
        self.work.changed.connect(self._show_soon)
        self.work.failed.connect(self._on_job_failed)
        bridge.job_changed.connect(self._on_job_changed)
        bridge.vault_changed.connect(self._apply_changes)
        self._reload_timer = QTimer(self)
        self._reload_timer.setSingleShot(True)
        self._reload_timer.setInterval(100)
        self._reload_timer.timeout.connect(self._read)
        self._read()

    def _make_list_panel(self) -> QWidget:
        px = self._theme.px
        made = panel(self, "column", "right", "Calls")
        made.setFixedWidth(px(_LIST))
        column = QVBoxLayout(made)
        column.setContentsMargins(0, px(16), 1, 0)
        column.setSpacing(0)
        top = QHBoxLayout()
        top.setContentsMargins(px(16), 0, px(11), 0)
        top.addWidget(label("Calls", "column", made))
        top.addStretch(1)
        self.import_button = button("Import…", made, "link", self.choose_files, IMPORT.with_hint("Import recordings"))
        top.addWidget(self.import_button)
        column.addLayout(top)
        column.addSpacing(px(8))
        around = QHBoxLayout()
        around.setContentsMargins(px(14), 0, px(14), 0)
        self.search = QLineEdit(made)
        self.search.setPlaceholderText("Find in calls")
        self.search.setAccessibleName("Find in calls")
        self.search.setAcceptDrops(False)  # a file dropped here is imported, not pasted as text
        self.search.setMinimumHeight(px(37))
        around.addWidget(self.search)
        column.addLayout(around)
        column.addSpacing(px(8))
        self.notice = NoticeBar(self._theme, made, 14, 0, 14, 8)
        column.addWidget(self.notice)
        self.nothing = QWidget(made)
        self.nothing.setAccessibleName("Nothing was found")
        quiet = QVBoxLayout(self.nothing)
        quiet.setContentsMargins(px(16), px(4), px(16), 0)
        words = RichText(self._theme, self.nothing, size=13, line=19, role="second")
        words.set_text("Nothing was found. Each word must occur in one line.")
        quiet.addWidget(words)
        column.addWidget(self.nothing)
        self.nothing.hide()
        self.line = label("", "second", made)
        self.line.setContentsMargins(px(16), 0, px(16), px(8))
        self.line.setWordWrap(True)
        self.line.hide()
        column.addWidget(self.line)
        self.list = CallList(self._theme, made)
        column.addWidget(self.list, 1)
        self._search_timer = QTimer(self)
        self._search_timer.setSingleShot(True)
        self._search_timer.setInterval(_PAUSE)
        self._search_timer.timeout.connect(self._search)
        self.search.textChanged.connect(lambda: self._search_timer.start())
        self.search.returnPressed.connect(self._open_first)
        self.list.opened.connect(self._open_row)
        self.list.cancel_wanted.connect(self.cancel)
        self.list.next_wanted.connect(self._do_next)
        self.list.again_wanted.connect(self._take_up)
        return made

    def begin(self) -> None:
        """Leave the focus where it is: the page is also shown for a search, an import or a moment of a call."""

    def leave(self) -> bool:
        """Stop a running reply, leave a search or close the call; Escape does not leave this page."""
        if self.call.side.reply_stream.is_running:
            self.call.side.reply_stream.stop()
        elif self.is_checking:
            self.check.leave()
        elif self.has_call and self.call.find_bar.is_open:
            self.call.find_bar.close_bar()
        elif not self.clear_search() and self.has_call:
            self.close_call()
        return True

    # The list

    def _apply_changes(self, changes: "list[Change]") -> None:
        shown = self.call.call
        for change in changes:
            if change.kind in ("conversation", "note", "task"):
                continue
            self.read_again()
            if shown is not None and change.subject == shown.id and not change.is_gone:
                self.call.read_again()
                self.check.show_changed_call(shown.id)

    def read_again(self) -> None:
        """Reload the list soon; several requests in a row cause one read."""
        if not self._reload_timer.isActive():
            self._reload_timer.start()

    def _show_soon(self) -> None:
        if not self._show_timer.isActive():
            self._show_timer.start()

    def _read(self) -> None:
        self._bridge.run_job(lambda _: self._services.library.calls(), self._show_calls_read, self.notice.show_error)

    def _show_calls_read(self, calls: "list[Call]") -> None:
        self._calls = in_list_order(calls)
        self.work.show_calls(calls)
        self.counted.emit(len(calls))
        self._show()

    def _show(self) -> None:
        rows = [self._call_row(call) for call in self._calls] if self._hits is None else self._search_rows()
        if self._hits is None:
            for work in self.work.imports_without_call():
                title = self._import_titles.get(id(work.job), "New call")
                rows.insert(0, CallListRow(f"job{id(work.job)}", title, "now", work.status, work=work))
        line = self.work.line_in_words()
        set_label_text(self.line, line)
        self.line.setVisible(bool(line))
        self.list.show_rows(rows, is_of_calls=self._hits is None)
        if self._is_narrow:
            self._show_list_or_call(is_list=self._is_list_shown)
        opened = self.call.call
        if self._hits is None and opened is not None and self.has_call:
            self.list.select(opened.id, reveals=False)
        is_searching = self._hits is not None
        self.nothing.setVisible(is_searching and not rows)
        has_any = bool(self._calls or self.work.imports_without_call())
        self.empty.show_state(has_calls=has_any)

    def _call_row(self, call: "Call") -> CallListRow:
        work = self.work.job_on(call.id)
        error = self.work.errors.get(call.id)
        day = "now" if work else short_day(call.date)
        if work is not None:
            return call_row(call, day, work.status, work, is_error=False)
        if error is not None:
            return call_row(call, day, error_sentences(error)[0], None, is_error=True, again="Try again")
        if call.id in self.work.paused:
            return call_row(call, day, f"Paused. {missing_work(call)}", None, is_error=False, again="Go on")
        return call_row(call, day, missing_work(call) or call.preview, None, is_error=False)

    def _search_rows(self) -> list[CallListRow]:
        text = self.search.text().strip().casefold()
        hits = self._hits or []
        title_rows = [self._call_row(r) for r in self._calls if text and text in r.title.casefold()]
        shown_ids = {row.call for row in title_rows}
        hit_rows = [hit_row(hit, hit.place) for hit in hits if hit.line or hit.id not in shown_ids]
        return title_rows + hit_rows

    # Search

    def focus_search(self) -> None:
        """Focus the search field."""
        if self._is_narrow:
            self._show_list_or_call(is_list=True)
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def clear_search(self) -> bool:
        """Clear the search field; False if it was empty already."""
        if not self.search.text():
            return False
        self.search.clear()
        self._search()
        return True

    def _search(self) -> None:
        text = self.search.text().strip()
        if not text:
            self._hits = None
            self._show()
            return

        def show(hits: "list[Hit]") -> None:
            if text == self.search.text().strip():
                self._hits = hits
                self._show()

        self._bridge.run_job(lambda _: self._services.search.search(text, limit=50), show, self.notice.show_error)

    def _open_first(self) -> None:
        if self.list.rows.rows:
            self._open_row(self.list.rows.rows[0])

    # Opening

    def _open_row(self, row: object) -> None:
        if isinstance(row, CallListRow) and row.call:
            self.open(row.call, row.line, row.utterance)

    def open(self, call: str, line: int = 0, utterance: UtteranceId | None = None, start: float | None = None) -> None:
        """Open a call, at an utterance if one is given; `line` is its number in the list of what was found."""
        self._show_call()
        self.call.open(CallId(call), utterance, start)
        self.list.select(call, line if self._hits is not None else 0)
        if self._is_narrow:
            self._show_list_or_call(is_list=False)

    def close_call(self) -> None:
        """Close the open call."""
        self.check.forget()
        self.call.close_call()
        self.stack.setCurrentWidget(self.empty)
        self.list.clearSelection()
        self._show_list_or_call(is_list=True)

    def check_text(self) -> None:
        """Show the page that checks a text against the open call."""
        if self.call.call is not None:
            self.stack.setCurrentWidget(self.check)
            self.check.open(self.call.call)

    def _show_call(self) -> None:
        self.stack.setCurrentWidget(self.call)

    def _play_or_show_line(self, line: "Utterance") -> None:
        if not self.call.play_or_show_line(line):
            self._show_call()

    @property
    def has_call(self) -> bool:
        """Whether a call is open, maybe under a text that is checked against it."""
        return self.stack.currentWidget() is not self.empty

    @property
    def is_checking(self) -> bool:
        """Whether a text is checked against the open call."""
        return self.stack.currentWidget() is self.check

    @property
    def open_call_id(self) -> "CallId | None":
        """The id of the open call."""
        return self.call.open_call_id if self.has_call else None

    # Import

    def choose_files(self) -> None:
        """Let the user choose recordings to import."""
        ask_what_to_import(self.window(), self.take_in)

    def take_in(self, paths: Sequence[Path]) -> None:
        """Import files; the first one finished is opened, unless another call is open."""
        self._ids_before_import = {call.id for call in self._calls}
        self.clear_search()
        self.list.await_new()
        self._imports = [(job, path) for job, path in self._imports if job.state in _UNFINISHED]
        jobs = self._services.import_files(paths)
        self._failures.begin(jobs, paths, is_first=not self._imports)
        for job, path in zip(jobs, paths, strict=True):
            self._import_titles[id(job)] = path.stem
            self._imports.append((job, path))
        if self._is_narrow:
            self._show_list_or_call(is_list=True)

    def unfinished_imports(self) -> list[Path]:
        """The files whose import is neither finished nor cancelled."""
        return [path for job, path in self._imports if job.state in _UNFINISHED and not job.is_stopping]

    def cancel(self, work: object) -> None:
        """Stop the work on a call; what is already done is kept."""
        if isinstance(work, CallJob):
            self._bridge.run_in_thread(lambda: self._services.stop(work.job), lambda _: self._show())

    def _do_next(self, work: object) -> None:
        if isinstance(work, CallJob):
            self._services.do_next(work.job)

    def _take_up(self, call: str) -> None:
        self._bridge.run_job(lambda _: self._services.advance(CallId(call)), failed=self.notice.show_error)

    def _on_job_changed(self, job: "Job[object]", events: list[object]) -> None:
        if id(job) in self._import_titles and job.state is JobState.DONE and JobState.DONE in events:
            del self._import_titles[id(job)]
            call_id = getattr(job.result, "id", None)
            if call_id is None:
                return
            if call_id in self._ids_before_import:
                self.notice.show_note("This recording is here already.", "It was opened.")
            if call_id in self._ids_before_import or not self.has_call:
                self.open(call_id)

    def _on_job_failed(self, job: "Job[object]") -> None:
        self._import_titles.pop(id(job), None)
        if job.error is not None and not job.subject:
            self.notice.show_failure(*self._failures.sentences(job, job.error))
        elif job.error is not None and not self.has_call:
            self.notice.show_error(job.error)

    # Layout

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt: on a narrow page either the list or the call is shown."""
        super().resizeEvent(event)
        is_narrow = self.width() < self._theme.px(_NARROW)
        if is_narrow is not self._is_narrow:
            self._is_narrow = is_narrow
            self.call.header.back_button.setVisible(is_narrow)
            self._list_panel.setMinimumWidth(0 if is_narrow else self._theme.px(_LIST))
            self._list_panel.setMaximumWidth(16_777_215 if is_narrow else self._theme.px(_LIST))
            self._show_list_or_call(is_list=not self.has_call)

    def _show_list_or_call(self, *, is_list: bool) -> None:
        self._is_list_shown = is_list
        is_empty = not self._calls and not self.work.imports_without_call()
        self._list_panel.setVisible(not self._is_narrow or (is_list and not is_empty))
        self.stack.setVisible(not self._is_narrow or not is_list or is_empty)

    def _show_list(self) -> None:
        self._show_list_or_call(is_list=True)
