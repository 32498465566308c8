"""The calls: their list with its search at the left, the one that is open at the right."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QStackedWidget, QVBoxLayout, QWidget

from app.core import resources
from app.core.export import clock
from app.core.ids import RecordingId
from app.core.job import State
from app.ui.calls.call_jobs import Work
from app.ui.calls.call_list import CallList
from app.ui.calls.call_list_model import Row, call_row, hit_row
from app.ui.calls.call_page import CallPage
from app.ui.calls.empty_page import EmptyPage
from app.ui.runtime.unexpected_errors import told
from app.ui.style.phrases import short_day, unfinished
from app.ui.style.theme import Theme
from app.ui.widgets.basics import button, label, panel
from app.ui.widgets.file_dialogs import ask_what_to_import
from app.ui.widgets.notice_bar import NoticeBar
from app.ui.widgets.rich_text import Prose

if TYPE_CHECKING:
    from app.core.job import Job
    from app.core.recording import Recording
    from app.core.search import Hit
    from app.services.session import Session
    from app.ui.calls.call_jobs import WorkInHand
    from app.ui.runtime.bridge import Bridge

_LIST, _NARROW = 296, 860  # of the design: the list, and the width below which list and call take turns
_OPEN = (State.WAITING, State.RUNNING)
_PAUSE = 150  # milliseconds of quiet before a search


class CallsPage(QWidget):
    """`counted` emits how many calls there are, whenever that was read."""

    counted = Signal(int)

    def __init__(self, theme: Theme, session: "Session", bridge: "Bridge", work: "WorkInHand", parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName("Calls")
        self._theme, self._session, self._bridge, self._work = theme, session, bridge, work
        self._recordings: list[Recording] = []
        self._hits: list[Hit] | None = None
        self._titles: dict[int, str] = {}
        self._imports: list[tuple[Job[Recording], Path]] = []
        self._known: set[str] = set()
        self._is_narrow = False
        self._is_list_shown = True
        across = QHBoxLayout(self)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(0)
        self._column = self._list_column()
        across.addWidget(self._column)
        self.stack = QStackedWidget(self)
        self.stack.setAccessibleName("Call")
        self.empty = EmptyPage(theme, self)
        self.call = CallPage(theme, session, bridge, work, self)
        self.stack.addWidget(self.empty)
        self.stack.addWidget(self.call)
        across.addWidget(self.stack, 1)
        self.empty.import_wanted.connect(self.choose_files)
        self.empty.demo_wanted.connect(lambda: self.take_in([resources.demo_call()]))
        self.call.left.connect(self.close_call)
        self.call.header.back_wanted.connect(self._back)
        self.call.header.back_button.hide()
        work.changed.connect(self._show)
        work.failed.connect(self._job_failed)
        bridge.job_changed.connect(self._job_ended)
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.setInterval(100)
        self._again.timeout.connect(self._read)
        self._read()

    def _list_column(self) -> QWidget:
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
        self.import_button = button("Import…", made, "link", self.choose_files, "Import recordings (Ctrl O)")
        top.addWidget(self.import_button)
        column.addLayout(top)
        column.addSpacing(px(8))
        around = QHBoxLayout()
        around.setContentsMargins(px(14), 0, px(14), 0)
        self.search = QLineEdit(made)
        self.search.setPlaceholderText("Find in calls")
        self.search.setAccessibleName("Find in calls")
        self.search.setAcceptDrops(False)  # a file dropped here is imported, not written down
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
        words = Prose(self._theme, self.nothing, size=13, line=19, role="second")
        words.set_text("Nothing was found. Each word must occur in one line.")
        quiet.addWidget(words)
        column.addWidget(self.nothing)
        self.nothing.hide()
        self.list = CallList(self._theme, made)
        column.addWidget(self.list, 1)
        self._typed = QTimer(self)
        self._typed.setSingleShot(True)
        self._typed.setInterval(_PAUSE)
        self._typed.timeout.connect(self._search)
        self.search.textChanged.connect(lambda: self._typed.start())
        self.search.returnPressed.connect(self._open_first)
        self.list.opened.connect(self._open_row)
        self.list.cancel_wanted.connect(self.cancel)
        return made

    # What is there

    def read_again(self) -> None:
        """The list may have changed; several changes are read once."""
        if not self._again.isActive():
            self._again.start()

    def _read(self) -> None:
        self._bridge.ask(lambda _: self._session.library.recordings(), self._take, self.notice.fail)

    def _take(self, recordings: "list[Recording]") -> None:
        self._recordings = recordings
        self.counted.emit(len(recordings))
        if self._is_narrow:
            self._show_side(is_list=self._is_list_shown)
        self._show()

    def _show(self) -> None:
        rows = [self._call_row(recording) for recording in self._recordings] if self._hits is None else self._found()
        if self._hits is None:
            for work in self._work.nameless():
                title = self._titles.get(id(work.job), "New call")
                rows.insert(0, Row(f"job{id(work.job)}", title, "now", work.words, work=work))
        self.list.show_rows(rows)
        opened = self.call.recording
        if self._hits is None and opened is not None and self.has_call:
            self.list.select(opened.id)
        is_searching = self._hits is not None
        self.nothing.setVisible(is_searching and not rows)
        has_any = bool(self._recordings or self._work.nameless())
        self.empty.show_state(has_calls=has_any)

    def _call_row(self, recording: "Recording") -> Row:
        work = self._work.of(recording.id)
        error = self._work.errors.get(recording.id)
        day = "now" if work else short_day(recording.date)
        if work is not None:
            return call_row(recording, day, work.words, work, is_error=False)
        if error is not None:
            return call_row(recording, day, told(error)[0], None, is_error=True)
        return call_row(recording, day, unfinished(recording) or recording.preview, None, is_error=False)

    def _found(self) -> list[Row]:
        text = self.search.text().strip().casefold()
        hits = self._hits or []
        titled = [self._call_row(r) for r in self._recordings if text and text in r.title.casefold()]
        there = {row.recording for row in titled}
        lines = [hit_row(hit, clock(hit.start)) for hit in hits if hit.line or hit.id not in there]
        return titled + lines

    # Search

    def focus_search(self) -> None:
        """Put the cursor into the search field."""
        if self._is_narrow:
            self._show_side(is_list=True)
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def leave_search(self) -> bool:
        """Empty the search field; False if it was empty."""
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
            if self.call.recording is not None:
                self.list.select(self.call.recording.id)
            return

        def show(hits: "list[Hit]") -> None:
            if text == self.search.text().strip():
                self._hits = hits
                self._show()

        self._bridge.ask(lambda _: self._session.searching.search(text, limit=50), show, self.notice.fail)

    def _open_first(self) -> None:
        if self.list.rows.rows:
            self._open_row(self.list.rows.rows[0])

    # Opening

    def _open_row(self, row: object) -> None:
        if isinstance(row, Row) and row.recording:
            self.open(row.recording, row.line)

    def open(self, recording: str, line: int = 0) -> None:
        """Open a call, at a line if one is given."""
        self.stack.setCurrentWidget(self.call)
        self.call.open(RecordingId(recording), line)
        self.list.select(recording, line if self._hits is not None else 0)
        if self._is_narrow:
            self._show_side(is_list=False)

    def close_call(self) -> None:
        """Go back to where no call is open."""
        self.call.close_recording()
        self.stack.setCurrentWidget(self.empty)
        self.list.clearSelection()
        self._show_side(is_list=True)

    @property
    def has_call(self) -> bool:
        """Whether a call is open."""
        return self.stack.currentWidget() is self.call

    @property
    def opened(self) -> "RecordingId | None":
        """The call that is open."""
        return self.call.opened if self.has_call else None

    # Import

    def choose_files(self) -> None:
        """Let the person choose recordings to import."""
        ask_what_to_import(self.window(), self.take_in)

    def take_in(self, paths: Sequence[Path]) -> None:
        """Import files; the first of them is opened once it is there."""
        self._known = {recording.id for recording in self._recordings}
        self.leave_search()
        self._imports = [(job, path) for job, path in self._imports if job.state in _OPEN]
        for job, path in zip(self._session.take_in(paths), paths, strict=True):
            self._titles[id(job)] = path.stem
            self._imports.append((job, path))
        if self._is_narrow:
            self._show_side(is_list=True)

    def unfinished_imports(self) -> list[Path]:
        """The files that were not brought in yet and that nobody has cancelled."""
        return [path for job, path in self._imports if job.state in _OPEN and not job.is_stopping]

    def cancel(self, work: object) -> None:
        """Stop the work on a call; what was done is kept."""
        if isinstance(work, Work):
            work.job.cancel()
            self._show()

    def _job_ended(self, job: "Job[object]", events: list[object]) -> None:
        if id(job) in self._titles and job.state is State.DONE and State.DONE in events:
            del self._titles[id(job)]
            found = getattr(job.result, "id", None)
            if found is None:
                return
            if found in self._known:
                self.notice.note("This recording is here already.", "It was opened.")
            if found in self._known or not self.has_call:
                self.open(found)

    def _job_failed(self, job: "Job[object]") -> None:
        self._titles.pop(id(job), None)
        if job.error is not None and (not job.subject or not self.has_call):
            self.notice.fail(job.error)

    # Room

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt: where there is no room for both, list and call take turns."""
        super().resizeEvent(event)
        is_narrow = self.width() < self._theme.px(_NARROW)
        if is_narrow is not self._is_narrow:
            self._is_narrow = is_narrow
            self.call.header.back_button.setVisible(is_narrow)
            self._column.setMinimumWidth(0 if is_narrow else self._theme.px(_LIST))
            self._column.setMaximumWidth(16_777_215 if is_narrow else self._theme.px(_LIST))
            self._show_side(is_list=not self.has_call)

    def _show_side(self, *, is_list: bool) -> None:
        self._is_list_shown = is_list
        self._column.setVisible(not self._is_narrow or is_list)
        self.stack.setVisible(not self._is_narrow or not is_list or not self._recordings)

    def _back(self) -> None:
        self._show_side(is_list=True)
