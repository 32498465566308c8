"""The page of tasks: filters and a line to add one on top, below it the list."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QActionGroup, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QMenu, QPushButton, QVBoxLayout, QWidget

from app.core.ids import CallId
from app.core.job import Lane
from app.core.task import Task
from app.core.task_list import TaskGroup, Whose, count_tasks, day_text, grouped_by_date, grouped_by_source, titled
from app.ui.navigation.call_moment import CallMoment
from app.ui.style.phrases import EXPORTED
from app.ui.style.theme import Theme
from app.ui.todo.add_line import AddLine
from app.ui.todo.edit_dialog import EditDialog
from app.ui.todo.task_list import TaskList
from app.ui.todo.task_rows import Piece, rows_of
from app.ui.widgets.basics import button, label, rule, set_label_text
from app.ui.widgets.file_dialogs import ask_where_to_save
from app.ui.widgets.notice_bar import NoticeBar
from app.ui.widgets.rich_text import RichText
from app.ui.widgets.screen_fit import keep_on_screen

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from app.core.change import Change
    from app.core.ids import TaskId
    from app.services.tasks.tasks import TaskFormat, TaskUndo
    from app.ui.runtime.bridge import Bridge
    from app.ui.todo.todo_services import TodoServices

T = TypeVar("T")
_NARROW = 560  # design pixels
_MINUTE = 60_000  # milliseconds between looks at whether it is another day
_AFTER_START = 2_000  # milliseconds; the first reading loads what knows dates, while nobody waits for the window
_WHOSE: tuple[tuple[str, Whose], ...] = (("Mine first", "all"), ("Only mine", "mine"), ("Only others’", "others"))
_ORDERS = ("By date", "By call")
_FORMATS: "tuple[tuple[str, TaskFormat], ...]" = (("For a calendar (.ics)", "ics"), ("Markdown (.md)", "md"))
_NOTHING = (
    "Nothing to do. What somebody takes on in a call is listed here once the call has a summary, with the moment in "
    "which it was said. Tasks of your own go into the line above."
)
_NONE_FITS = "No task fits this choice. The buttons above show others."
_DOUBTFUL = "No day is sure from these words; they are kept beside the task."


class TodoPage(QWidget):
    """Shows the tasks, and keeps the list true while it is hidden."""

    counted = Signal(int)  # how many tasks the person has to do, each time they were read
    moment_wanted = Signal(object)  # the `CallMoment` that a task was said in

    def __init__(self, theme: Theme, services: "TodoServices", bridge: "Bridge", parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName("To do")
        self._theme, self._services, self._bridge = theme, services, bridge
        self._tasks: list[Task] = []
        self._today: date = services.today()
        self._whose: Whose = "all"
        self._is_by_call = self._shows_hidden = False
        self._wanted = ""  # the task to be shown once the tasks were read
        px = theme.px
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._make_header())
        self.add_line = AddLine(theme, self)
        self.add_line.wanted.connect(self.add)
        column.addWidget(self.add_line)
        column.addWidget(rule(self))
        self.notice = NoticeBar(theme, self, 22, 10, 22, 4)
        column.addWidget(self.notice)
        self._around_nothing = QWidget(self)
        self._around_nothing.setAccessibleName("No tasks")
        around = QVBoxLayout(self._around_nothing)
        around.setContentsMargins(px(22), px(18), px(22), 0)
        self.nothing = RichText(theme, self._around_nothing, role="second")
        around.addWidget(self.nothing)
        column.addWidget(self._around_nothing)
        self.list = TaskList(theme, self)
        column.addWidget(self.list, 1)
        column.addStretch(0)
        self.list.ticked.connect(self.tick)
        self.list.removed.connect(lambda task: self._do("Removed.", task, self._services.remove))
        self.list.kept.connect(lambda task: self._do("Kept.", task, self._services.keep))
        self.list.claimed.connect(self.claim)
        self.list.snoozed.connect(self.snooze)
        self.list.edit_wanted.connect(self.ask_to_edit)
        self.list.opened.connect(self._open)
        self._reload_timer = QTimer(self)
        self._reload_timer.setSingleShot(True)
        self._reload_timer.setInterval(100)
        self._reload_timer.timeout.connect(self.read)
        self._day_timer = QTimer(self)
        self._day_timer.setInterval(_MINUTE)
        self._day_timer.timeout.connect(self._look_at_the_day)
        self._day_timer.start()
        bridge.vault_changed.connect(self._apply_changes)
        self._is_read = False
        QTimer.singleShot(_AFTER_START, self, self._read_first)

    # Parts

    def _make_header(self) -> QBoxLayout:
        px = self._theme.px
        self._header = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._header.setContentsMargins(px(22), px(14), px(22), px(12))
        self._header.setSpacing(px(8))
        words = QVBoxLayout()
        words.setSpacing(px(2))
        words.addWidget(label("To do", "title", self))
        self.count = label("", "second", self)
        self.count.setWordWrap(True)
        words.addWidget(self.count)
        self._header.addLayout(words, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(px(6))
        self.whose_button = self._menu_button("Whose tasks are shown", self._make_whose_menu())
        self.order_button = self._menu_button("In which order", self._make_order_menu())
        self.export_button = self._menu_button("Export the tasks that are shown", self._make_export_menu())
        for one in (self.whose_button, self.order_button, self.export_button):
            buttons.addWidget(one, 0, Qt.AlignmentFlag.AlignTop)
        buttons.addStretch(0)
        self._header.addLayout(buttons)
        self._show_choices()
        return self._header

    def _menu_button(self, name: str, menu: QMenu) -> QPushButton:
        made = button("", self, "plain", name=name)
        menu.setAccessibleName(name)
        keep_on_screen(menu)
        made.setMenu(menu)
        return made

    def _make_whose_menu(self) -> QMenu:
        choices: list[tuple[str, Callable[[], None]]] = [
            (title, partial(self._choose_whose, whose)) for title, whose in _WHOSE
        ]
        return self._choice_menu(choices)

    def _make_order_menu(self) -> QMenu:
        menu = self._choice_menu([(title, partial(self._choose_order, title == _ORDERS[1])) for title in _ORDERS])
        menu.addSeparator()
        self.hidden_action = menu.addAction("Also snoozed and removed")
        self.hidden_action.setCheckable(True)
        self.hidden_action.toggled.connect(self._choose_hidden)
        return menu

    def _make_export_menu(self) -> QMenu:
        menu = QMenu(self)
        for title, fmt in _FORMATS:
            menu.addAction(f"{title}…", partial(self.export, fmt))
        return menu

    def _choice_menu(self, choices: "Sequence[tuple[str, Callable[[], None]]]") -> QMenu:
        menu = QMenu(self)
        group = QActionGroup(menu)
        for number, (title, does) in enumerate(choices):
            action = menu.addAction(title, does)
            action.setCheckable(True)
            action.setChecked(number == 0)
            group.addAction(action)
        return menu

    # The page

    def begin(self) -> None:
        """Read the tasks again, and let the arrow keys move in the list."""
        self.read()
        self.list.setFocus(Qt.FocusReason.OtherFocusReason)

    def leave(self) -> bool:
        """Escape clears the line that adds a task; with nothing in it, the page before is shown."""
        had_words = self.add_line.clear()
        if had_words:
            self.list.setFocus(Qt.FocusReason.OtherFocusReason)
        return had_words

    def write_new(self) -> None:
        """Put the focus into the line that adds a task."""
        self.add_line.field.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def show_task(self, task: str) -> None:
        """Make a task the current one, by its id."""
        self._wanted = task
        self.read()

    def _apply_changes(self, changes: "list[Change]") -> None:
        if any(change.kind in ("task", "recording", "summary") for change in changes):
            self._reload_timer.start()

    def _look_at_the_day(self) -> None:
        if self._services.today() != self._today:
            self.read()

    def _read_first(self) -> None:
        if not self._is_read:
            self.read()

    def read(self) -> None:
        """Read the tasks."""
        self._is_read = True
        self._bridge.run_job(lambda _: self._services.all(), self._show_read, self.notice.show_error)

    def _show_read(self, tasks: list[Task]) -> None:
        self._tasks, self._today = tasks, self._services.today()
        self._show()
        if self._wanted and not self.list.select_key(self._wanted) and self._wanted in {task.id for task in tasks}:
            self.hidden_action.setChecked(True)  # it is snoozed, or somebody else's
            self._choose_whose("all")
            self.list.select_key(self._wanted)
        self._wanted = ""

    def groups(self) -> list[TaskGroup]:
        """The tasks as they are shown."""
        grouped = grouped_by_source if self._is_by_call else grouped_by_date
        return grouped(self._tasks, self._today, self._whose, with_hidden=self._shows_hidden)

    def _show(self) -> None:
        rows = rows_of(self.groups(), self._today)
        self.list.today = self._today
        self.list.show_rows(rows)
        self.list.setVisible(bool(rows))
        self.nothing.set_text("" if rows else _NONE_FITS if self._tasks else _NOTHING)
        self._around_nothing.setVisible(not rows)
        found = count_tasks(self._tasks, self._today)
        set_label_text(self.count, found.sentence)
        self.export_button.setEnabled(bool(rows))
        self.counted.emit(found.open)

    # Choices

    def _choose_whose(self, whose: Whose) -> None:
        self._whose = whose
        self._show_choices()
        self._show()

    def _choose_order(self, is_by_call: bool) -> None:
        self._is_by_call = is_by_call
        self._show_choices()
        self._show()

    def _choose_hidden(self, shows: bool) -> None:
        self._shows_hidden = shows
        self._show()

    def _show_choices(self) -> None:
        whose = next(title for title, known in _WHOSE if known == self._whose)
        for made, text in (
            (self.whose_button, whose), (self.order_button, _ORDERS[self._is_by_call]), (self.export_button, "Export"),
        ):  # fmt: skip
            made.setText(f"{text} ▾")

    # What is done

    def add(self, text: str, due: str) -> None:
        """Add a task; its words stand in the line again if that fails."""

        def added(found: "tuple[TaskId, date | None]") -> None:
            id_, day = found
            note = "" if not due.strip() else _DOUBTFUL if day is None else f"It is due {day_text(day, self._today)}."
            self.notice.show_note("Added.", note, "Undo", partial(self._run, "", lambda: self._services.remove(id_)))
            self.show_task(id_)

        def failed(error: Exception) -> None:
            self.add_line.put_back(text, due)
            self.notice.show_error(error)

        self._write(lambda: self._services.add(text, due), added, failed)

    def tick(self, task: object) -> None:
        """Tick a task off, or let one that is done, snoozed or removed be open again."""
        if isinstance(task, Task):
            change = task.change
            is_hidden = bool(change.done or change.removed or (change.snoozed_until or self._today) > self._today)
            if is_hidden:
                self._do("Open again.", task, self._services.mark_open)
            else:
                self._do("Done.", task, self._services.mark_done)

    def snooze(self, task: object, until: "date") -> None:
        """Hide a task until a day."""
        said = f"Snoozed until {day_text(until, self._today)}."
        self._do(said, task, lambda id_: self._services.snooze(id_, until))

    def claim(self, task: object) -> None:
        """Note that the owner of a task is the person: with their name, also in other calls."""
        if not isinstance(task, Task):
            return
        source = next((one for one in task.sources if one.owner is not None), task.sources[0])

        def set_own(is_you: bool, said: "Callable[[], None]") -> None:
            self._write(lambda: self._services.take_as_own(source, is_you=is_you), lambda _: said())

        def tell() -> None:
            self.notice.show_note(f"You are {task.owner}.", "What they do is yours.", "Undo", undo)

        def undo() -> None:
            set_own(False, lambda: None)

        set_own(True, tell)

    def ask_to_edit(self, task: object) -> None:
        """Ask what a task is to say."""
        if isinstance(task, Task):
            question = EditDialog(self._theme, self.window(), task)

            def save() -> None:
                text, owner, due = question.text, question.owner, question.due
                if (text, owner, due) != (None, None, None):
                    self._do("Changed.", task, lambda id_: self._services.edit(id_, text, owner, due))

            question.accepted.connect(save)
            question.open()

    def _do(self, said: str, task: object, change: "Callable[[TaskId], TaskUndo]") -> None:
        if isinstance(task, Task):
            self._run(said, lambda: change(task.id), titled(task))

    def _run(self, said: str, change: "Callable[[], TaskUndo]", about: str = "") -> None:
        """Carry out a change, and offer to take it back."""

        def done(undo: "TaskUndo") -> None:
            if said:
                self.notice.show_note(said, about, "Undo", partial(self._take_back, undo))

        self._write(change, done)

    def _take_back(self, undo: "TaskUndo") -> None:
        self._write(lambda: self._services.take_back(undo))
        self._wanted = undo.task

    def _write(
        self,
        change: "Callable[[], T]",
        done: "Callable[[T], None]" = lambda _: None,
        failed: "Callable[[Exception], None] | None" = None,
    ) -> None:
        """Write on the lane that no import holds up."""
        self._bridge.run_job(lambda _: change(), done, failed or self.notice.show_error, lane=Lane.DRAFTS)

    def _open(self, piece: object) -> None:
        if isinstance(piece, Piece) and piece.source is not None and piece.source.kind == "call":
            call, place = CallId(piece.source.id), piece.evidence
            moment = CallMoment(call) if place is None else CallMoment(call, place.utterance, place.start)
            self.moment_wanted.emit(moment)

    def export(self, fmt: "TaskFormat") -> None:
        """Ask for a path, then write the tasks that are shown there, in the clear."""
        groups = self.groups()

        def save(path: Path) -> None:
            self._bridge.run_job(
                lambda _: self._services.save(groups, fmt, path),
                lambda _: self.notice.show_note(*EXPORTED),
                self.notice.show_error,
            )

        ask_where_to_save(self.window(), "To do", fmt, save)

    # Layout

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt: on a narrow page the buttons stand below the title."""
        super().resizeEvent(event)
        ways = QBoxLayout.Direction
        way = ways.TopToBottom if self.width() < self._theme.px(_NARROW) else ways.LeftToRight
        self._header.setDirection(way)
        self.add_line.fit(way)

    def minimumSizeHint(self) -> QSize:
        """Qt: it can be narrow."""
        return QSize(self._theme.px(200), self._theme.px(200))
