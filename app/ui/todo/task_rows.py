"""The rows of the list of tasks as a Qt item model: headings, and tasks with where they were said."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from app.core.summary import Evidence
from app.core.task import Task, TaskSource, TaskState
from app.core.task_list import NOT_SAID, TaskGroup, Tone, due_text, due_tone, due_words, source_text, titled
from app.ui.widgets.row_model import RowModel

_MOST_MOMENTS = 3  # of one source that are shown

PieceKind = Literal["text", "danger", "moment", "keep", "remove"]


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of the line below a task: words, a moment that a click opens, or something that a click does."""

    kind: PieceKind
    text: str
    source: TaskSource | None = None
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A heading, or a task: `due` and `note` stand at its right, `pieces` below it."""

    title: str
    task: Task | None = None
    due: str = ""
    note: str = ""
    tone: Tone = "plain"
    is_done: bool = False
    is_hidden: bool = False  # snoozed or removed: `due` says which
    pieces: tuple[Piece, ...] = ()

    @property
    def key(self) -> str:
        """What stays the same while a row says something else."""
        return self.task.id if self.task is not None else f"# {self.title}"

    @property
    def is_heading(self) -> bool:
        """Whether it is no task."""
        return self.task is None

    @property
    def spoken(self) -> str:
        """The row for screen readers."""
        if self.task is None:
            return self.title
        state = "done" if self.is_done else "to do"
        below = " ".join(piece.text for piece in self.pieces if piece.kind != "keep" and piece.kind != "remove")
        return ", ".join(part for part in (self.title, state, self.due, self.note, below) if part)

    @property
    def moments(self) -> tuple[Piece, ...]:
        """The pieces that open something."""
        return tuple(piece for piece in self.pieces if piece.kind == "moment")


def rows_of(groups: Iterable[TaskGroup], today: date) -> list[TaskRow]:
    """The rows for these groups."""
    rows: list[TaskRow] = []
    for group in groups:
        rows.append(TaskRow(group.title))
        rows += [_row(task, today) for task in group.tasks]
    return rows


def _row(task: Task, today: date) -> TaskRow:
    state, change = task.state(today), task.change
    due, note = due_text(task, today), due_words(task, today)
    if state is TaskState.SNOOZED and change.snoozed_until is not None:
        due, note = f"until {change.snoozed_until.isoformat()}", ""
    is_hidden = state in (TaskState.SNOOZED, TaskState.REMOVED)
    pieces = _pieces(task)
    if state is TaskState.OPEN and not task.is_found:
        pieces += [Piece("text", f"· {NOT_SAID}"), Piece("keep", "Keep"), Piece("remove", "Remove")]
    return TaskRow(
        titled(task), task, due, note, due_tone(task, today), state is TaskState.DONE, is_hidden, tuple(pieces)
    )


def _pieces(task: Task) -> list[Piece]:
    pieces: list[Piece] = []
    for number, source in enumerate(task.sources):
        pieces.append(Piece("text", f"{'· ' if number else ''}{source_text(source)}", source))
        shown = source.evidence[:_MOST_MOMENTS]
        pieces += [Piece("moment", source.moment(one), source, one) for one in shown]
        if source.instead:
            pieces.append(Piece("danger", f"the call says otherwise: {', '.join(source.instead)}"))
    times = len(task.sources)
    if times > 1:
        pieces.append(Piece("text", "· said twice" if times == 2 else f"· said in {times} calls"))
    return pieces


class TaskModel(RowModel[TaskRow]):
    """Holds the rows of tasks."""

    def row_of(self, key: str) -> int:
        """The number of the row with this key; -1 if there is none."""
        return next((number for number, row in enumerate(self.rows) if row.key == key), -1)
