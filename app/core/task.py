"""A task: what is to be done, who does it and until when, and the places where it was said."""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import Enum
from functools import lru_cache
from typing import Literal, Protocol

import msgspec

from app.core.durations import moment
from app.core.evidence.particulars import particulars_of
from app.core.evidence.words import stems_of, tokens
from app.core.ids import SpeakerId, TaskId, UtteranceId, id_of, made_at
from app.core.languages.due_dates import due_date
from app.core.languages.stemming import fold_accents
from app.core.languages.table import words
from app.core.languages.tables import table_of
from app.core.summary import ActionItem, Evidence
from app.core.transcript import UNNAMED

SourceKind = Literal["call", "note", "own"]

# What models write for the person, for everybody, or where the call names nobody.
_MINE_OR_NOBODYS = frozenset(
    {"", "not specified", UNNAMED.casefold()}
    | words("you me i myself ich du moi toi yo tú we us all both everyone everybody wir alle nous tous nosotros todos")
    | words("nobody none unknown unspecified n/a tbd")
)


class TaskChange(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a person did to a task; None leaves what was said.

    `due` is in words, said on the day `due_said`, and `due_day` what they mean, if that is sure. Days are those of this
    computer's clock.
    """

    text: str | None = None
    owner: str | None = None
    due: str | None = None
    due_day: date | None = None
    due_said: date | None = None
    done: date | None = None
    snoozed_until: date | None = None
    removed: date | None = None
    is_kept: bool = False


class TaskMark(msgspec.Struct, frozen=True):
    """A task of a `call` that a person did something to, as it was said then; or with None one of their own."""

    id: TaskId
    call: str | None
    said: ActionItem
    change: TaskChange


@dataclass(frozen=True, slots=True)
class TaskSource:
    """Where a task was said: a call or a note by its id and title, and on which day; `own` is the page of tasks.

    `owner` is the speaker who owns it, where nobody in the call is known to be the person: it may be them. `lines` are
    the numbers of the lines of its evidence, by which moments are told in a text that has no times.
    """

    kind: SourceKind
    id: str
    title: str
    day: date
    language: str = ""
    evidence: tuple[Evidence, ...] = ()
    instead: tuple[str, ...] = ()
    owner: SpeakerId | None = None
    lines: Mapping[UtteranceId, int] = field(default_factory=dict, hash=False)

    def moment(self, evidence: Evidence) -> str:
        """`3:04`, or `line 3` in a text that has no times."""
        return moment(evidence.start, evidence.end, self.lines.get(evidence.utterance, 0))

    @property
    def is_found(self) -> bool:
        """Whether the words of the source bear it; what a person wrote needs no evidence."""
        return self.kind != "call" or bool(self.evidence)


@dataclass(frozen=True, slots=True)
class SaidTask:
    """A task as one source says it: `owner` is the name shown now, `is_mine` if that is the person or nobody."""

    source: TaskSource
    item: ActionItem
    owner: str
    is_mine: bool

    @property
    def id(self) -> TaskId:
        """The id of the task while nobody has done anything to it: the same as long as it is said in these words."""
        said = "\0".join((self.source.id, *_wording(self.item)))
        return TaskId(id_of(hashlib.sha256(said.encode("utf-8", "replace")).digest()))


@dataclass(frozen=True, slots=True)
class SaidTasks:
    """All tasks of one kind of thing, those said first in front.

    `sources` are the things by their ids, also those that say no task; `own_names` the names that the person has given
    themselves in them, casefolded.
    """

    tasks: tuple[SaidTask, ...]
    sources: Mapping[str, TaskSource]
    own_names: frozenset[str] = frozenset()


class SaysTasks(Protocol):
    """A kind of thing that has tasks, such as calls; another kind, such as notes, is one more of these."""

    def said(self) -> SaidTasks:
        """All its tasks. Touches the disk."""


class TaskState(Enum):
    """What is to be done about a task."""

    OPEN = "open"
    SNOOZED = "snoozed"
    DONE = "done"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Task:
    """A task with all that says it; of the same one said in several calls there is one.

    Attributes:
        id: That of the first that says it.
        text: What is to be done.
        owner: Who does it; "" if nobody is named.
        is_mine: Whether the person or nobody is.
        due: Until when, in words as they were said; "" if nothing was.
        due_day: What these words mean, if that is sure.
        due_said: The day on which they were said.
        sources: Where it was said, the first in front.
        change: What a person did to it.
        marks: What is stored of that, or will be with the next change.
    """

    id: TaskId
    text: str
    owner: str
    is_mine: bool
    due: str
    due_day: date | None
    due_said: date
    sources: tuple[TaskSource, ...]
    change: TaskChange = field(default_factory=TaskChange)
    marks: tuple[TaskMark, ...] = ()

    def state(self, today: date) -> TaskState:
        """What is to be done about it on a day."""
        if self.change.removed is not None:
            return TaskState.REMOVED
        if self.change.done is not None:
            return TaskState.DONE
        until = self.change.snoozed_until
        return TaskState.SNOOZED if until is not None and until > today else TaskState.OPEN

    @property
    def is_found(self) -> bool:
        """Whether a source bears it, or a person took it for their own."""
        return self.change.is_kept or any(source.is_found for source in self.sources)


def is_mine(owner: str, own_names: Collection[str]) -> bool:
    """Whether an owner's name stands for the person, whose names are given casefolded, or for nobody."""
    name = owner.casefold().strip()
    return name in _MINE_OR_NOBODYS or name in own_names


def tasks_from(said: SaidTasks, marks: Iterable[TaskMark]) -> list[Task]:
    """The tasks of these sources as a person has left them, and the person's own; the same task in two calls is one.

    What a person did to a task stays with it if its call's summary is written anew and says it in the same words; else
    it stays by itself, for nothing a person did is lost.
    """
    left = list(marks)
    found = _found_marks(said.tasks, left)
    single = [_task(one, found.get(place), said.own_names) for place, one in enumerate(said.tasks)]
    kept = (_kept(other, said.sources.get(other.call or ""), said.own_names) for other in left)
    return _grouped([*single, *(task for task in kept if task is not None)])


def _wording(item: ActionItem) -> tuple[str, ...]:
    return tuple(part.casefold().strip() for part in (item.task, item.owner, item.due))


def _found_marks(tasks: Sequence[SaidTask], marks: list[TaskMark]) -> dict[int, TaskMark]:
    """The marks of these tasks by their places, which are taken out of `marks`.

    The same wording goes first, then other words until the same date, then any date: else of two tasks that differ in
    their dates alone one would take the mark of the other.
    """
    exact = {(mark.call, _wording(mark.said)): mark for mark in marks}
    keys = ((one.source.id, _wording(one.item)) for one in tasks)
    found = {place: exact[key] for place, key in enumerate(keys) if key in exact}
    taken = {mark.id for mark in found.values()}
    by_call: dict[str | None, list[TaskMark]] = {}
    for mark in marks:
        if mark.id not in taken:
            by_call.setdefault(mark.call, []).append(mark)
    for any_date in (False, True):
        for place, one in enumerate(tasks):
            known = by_call.get(one.source.id, []) if place not in found else []
            fitting = next((mark for mark in known if _is_of(mark, one, any_date=any_date)), None)
            if fitting is not None:
                known.remove(fitting)
                found[place] = fitting
    marks[:] = [mark for known in by_call.values() for mark in known]
    return found


def _is_of(mark: TaskMark, one: SaidTask, *, any_date: bool) -> bool:
    (_, owner, due), (_, owner_now, due_now) = _wording(mark.said), _wording(one.item)
    if owner != owner_now or (due != due_now and not any_date):
        return False
    return mark.said.task == one.item.task or is_same_task(mark.said.task, one.item.task, one.source.language)


def _task(one: SaidTask, mark: TaskMark | None, own_names: Collection[str]) -> Task:
    change = TaskChange() if mark is None else mark.change
    source, item = one.source, one.item
    is_due_changed = change.due is not None
    day = change.due_day if is_due_changed else due_date(item.due, source.day, source.language)
    return Task(
        one.id if mark is None else mark.id,
        item.task if change.text is None else change.text,
        one.owner if change.owner is None else change.owner,
        one.is_mine if change.owner is None else is_mine(change.owner, own_names),
        item.due if change.due is None else change.due,
        day,
        change.due_said or source.day,
        (source,),
        change,
        (TaskMark(one.id, source.id, item, TaskChange()) if mark is None else mark,),
    )


def _kept(mark: TaskMark, source: TaskSource | None, own_names: Collection[str]) -> Task | None:
    """A task of the person's own, or one that a summary does not say any more but that a person has changed."""
    if mark.call is None:
        source = TaskSource("own", "", "", made_at(mark.id).astimezone().date())
    elif source is None or mark.change.removed is not None or mark.change == TaskChange():
        return None
    else:
        source = replace(source, evidence=mark.said.evidence, instead=mark.said.instead)
    owner = mark.said.owner
    return _task(SaidTask(source, mark.said, owner, is_mine(owner, own_names)), mark, own_names)


def _grouped(single: Iterable[Task]) -> list[Task]:
    """The tasks with those that are the same joined; what is done is not joined with what is said again as open."""
    groups: dict[object, list[list[Task]]] = {}
    for task in single:
        candidates = groups.setdefault(_group_key(task), [])
        fitting = next((group for group in candidates if _fits(task, group)), None)
        if fitting is None:
            candidates.append([task])
        else:
            fitting.append(task)
    return [_joined(group) for candidates in groups.values() for group in candidates]


def _group_key(task: Task) -> object:
    source, change = task.sources[0], task.change
    if source.kind == "own":
        return task.id
    owner = "" if task.is_mine else fold_accents(task.owner.strip())
    stems, particulars = _words_of(task.text, source.language)
    return (stems, particulars, owner, change.done is not None, change.removed is not None)


def _fits(task: Task, group: Sequence[Task]) -> bool:
    """Whether the days agree: another date makes another task."""
    days = {one.due_day for one in (task, *group)} - {None}
    return len(days) <= 1


def _joined(group: Sequence[Task]) -> Task:
    first = group[0]
    if len(group) == 1:
        return first
    dated = next((one for one in group if one.due_day is not None), None) or next((o for o in group if o.due), first)
    snoozed = [one.change.snoozed_until for one in group]
    until = None if None in snoozed else max(day for day in snoozed if day is not None)  # said again, it is awake
    change = msgspec.structs.replace(
        first.change, snoozed_until=until, is_kept=any(one.change.is_kept for one in group)
    )
    sources: dict[str, TaskSource] = {}
    for one in group:
        for source in one.sources:
            known = sources.get(source.id)
            if known is not None:
                evidence = tuple(dict.fromkeys((*known.evidence, *source.evidence)))
                source = replace(source, evidence=evidence, lines={**known.lines, **source.lines})
            sources[source.id] = source
    return replace(
        first, due=dated.due, due_day=dated.due_day, due_said=dated.due_said, change=change,
        sources=tuple(sources.values()), marks=tuple(mark for one in group for mark in one.marks),
    )  # fmt: skip


def is_same_task(one: str, other: str, language: str = "") -> bool:
    """Whether two texts say the same task: the same words but for inflection, order and little words.

    Names and figures also stand in the same order. One more word makes another task: joining two hides one of them.
    """
    return _words_of(one, language) == _words_of(other, language)


@lru_cache(20_000)
def _words_of(text: str, language: str) -> tuple[frozenset[str], tuple[str, ...]]:
    """The stems of what is to be done, and its names and figures in order where there are several."""
    table = table_of(language)
    stems = frozenset(
        piece for _, plain in tokens(text, table) if plain not in table.task_fillers for piece in stems_of(plain, table)
    )
    particulars = tuple(one.value for one in particulars_of(text, table))
    return stems or frozenset([text.casefold().strip()]), particulars if len(particulars) > 1 else ()
