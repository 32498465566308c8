"""Tasks in the vault: those of the calls' summaries, and what a person did to them."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime

import msgspec

from app.core.ids import CallId, SpeakerId, TaskId, UtteranceId
from app.core.summary import ActionItem
from app.core.task import TaskChange, TaskMark
from app.core.transcript import Speaker
from app.storage.tables.deletion import forget_tasks
from app.storage.tables.speakers import speakers_by_call
from app.storage.vault import Vault


class _Section(msgspec.Struct, frozen=True):
    tasks: tuple[ActionItem, ...] = ()


class _Summary(msgspec.Struct, frozen=True):
    """What is read of a summary: decoding the rest of some thousand takes most of a second."""

    sections: tuple[_Section, ...] = ()


@dataclass(frozen=True, slots=True)
class CallTasks:
    """A call with the tasks of its summary; `date` (aware) is when it took place."""

    call: CallId
    title: str
    date: datetime
    language: str
    tasks: tuple[ActionItem, ...]
    speakers: tuple[Speaker, ...]
    lines: Mapping[UtteranceId, int]  # the numbers of the lines that bear tasks, of a text without times


class TaskStore:
    """Reads the tasks of calls, and reads and writes what a person did to tasks."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def of_calls(self) -> Iterator[CallTasks]:
        """Every call that has a summary, or a task that a person changed, earliest first."""
        rows = self._vault.rows(
            "SELECT id, title, date, language, summary FROM recordings WHERE summary IS NOT NULL "
            "OR id IN (SELECT recording FROM tasks) ORDER BY date, id"
        )
        speakers = speakers_by_call(self._vault)
        for id_, title, when, language, summary in rows:
            found = _Summary()
            if summary is not None:
                with suppress(msgspec.DecodeError, UnicodeDecodeError):  # a damaged one says no task
                    found = msgspec.json.decode(summary, type=_Summary)
            tasks = tuple(task for section in found.sections for task in section.tasks)
            lines = self._lines(tasks)
            yield CallTasks(
                CallId(id_), title, datetime.fromisoformat(when), language, tasks, speakers.get(id_, ()), lines
            )

    def _lines(self, tasks: Sequence[ActionItem]) -> dict[UtteranceId, int]:
        """The numbers of the lines without a time that bear tasks of one call."""
        untimed = {one.utterance for task in tasks for one in task.evidence if one.end <= 0}
        number = (
            "SELECT (SELECT count(*) FROM utterances v WHERE v.recording = u.recording "
            "AND (v.start, v.channel, v.id) <= (u.start, u.channel, u.id)) FROM utterances u WHERE u.uid = ?"
        )
        found = {uid: self._vault.row(number, [uid]) for uid in untimed}
        return {uid: row[0] for uid, row in found.items() if row is not None}

    def marks(self) -> list[TaskMark]:
        """What a person did to tasks, and their own tasks, in no particular order."""
        rows = self._vault.rows("SELECT id, recording, said, changed FROM tasks ORDER BY id")
        return [
            TaskMark(
                TaskId(id_), call, msgspec.json.decode(said, type=ActionItem),
                msgspec.json.decode(changed, type=TaskChange),
            )
            for id_, call, said, changed in rows
        ]  # fmt: skip

    def put(self, marks: Sequence[TaskMark]) -> None:
        """Write what a person did to tasks, in one transaction; nothing is kept of a call that is gone."""
        with self._vault.write() as db:
            for mark in marks:
                db.execute(
                    "INSERT INTO tasks (id, recording, said, changed) SELECT :id, :call, :said, :changed "
                    "WHERE :call IS NULL OR EXISTS (SELECT 1 FROM recordings WHERE id = :call) "
                    "ON CONFLICT (id) DO UPDATE SET said = excluded.said, changed = excluded.changed",
                    {
                        "id": mark.id, "call": mark.call, "said": msgspec.json.encode(mark.said).decode(),
                        "changed": msgspec.json.encode(mark.change).decode(),
                    },
                )  # fmt: skip

    def set_own_speaker(self, call: CallId, speaker: SpeakerId, *, is_you: bool) -> None:
        """Note that a speaker of a call is the person, or is not."""
        with self._vault.write() as db:
            query = "UPDATE speakers SET is_you = ? WHERE id = ? AND recording = ?"
            db.execute(query, [int(is_you), speaker, call])

    def delete(self, ids: Sequence[TaskId]) -> None:
        """Delete what is stored of these tasks; of a person's own that is all of it."""
        with self._vault.write() as db:
            db.conn.executemany("DELETE FROM tasks WHERE id = ?", [(id_,) for id_ in ids])

    def forget_removed(self, before: date) -> None:
        """Delete the person's own tasks that were removed before a day."""
        query = "SELECT id FROM tasks WHERE recording IS NULL AND changed ->> '$.removed' < ?"
        forget_tasks(self._vault, [TaskId(id_) for (id_,) in self._vault.rows(query, [before.isoformat()])])
