"""A product and a session made of values in memory, with the real lanes."""

import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from app.core.call import Call
from app.core.change import Change
from app.core.errors import Offline, WrongPassphrase
from app.core.ids import CallId
from app.core.job import Job, JobContext, JobKind, Lane, Progress
from app.core.line_changes import LineChange
from app.core.settings import Settings
from app.core.speaker_turns import SpeakerTurn, given_to_voices
from app.core.summary import Summary
from app.services.application import Application
from app.services.jobs.lanes import Lanes
from app.services.models.crash_count import CrashCount
from app.services.models.listing import SpeechChoice
from app.services.outputs import Outputs
from app.services.session import Session
from app.services.tasks.of_calls import TasksOfCalls
from app.services.tasks.tasks import Tasks
from app.ui.calls.call_services import CallServices
from app.ui.chats.chat_services import ChatServices
from app.ui.notes.note_services import NoteServices
from tests.doubles.model_tools import ScriptedProver

if TYPE_CHECKING:
    from app.core.sandbox_report import Confinement

from tests.ui.chats_in_memory import Answering
from tests.ui.example_calls import SUMMARY, call
from tests.ui.note_doubles import NoLinks, NoNoteExport, NoNotes
from tests.ui.service_doubles import (
    CallExport,
    Checking,
    Deletion,
    Groups,
    Library,
    Maintenance,
    NetworkLog,
    Player,
    SavedDrafts,
    Search,
)
from tests.ui.tasks_in_memory import TasksInMemory
from tests.ui.writing.text_writing import TextWriting


def _offline(_: JobContext) -> None:
    raise Offline


class SessionDouble:
    """A session in memory with the real lanes."""

    def __init__(self) -> None:
        self.lanes = Lanes()
        self._listeners: list[Callable[[Change], None]] = []
        self.library = Library(self._publish)
        self.answering = Answering(self._publish, self.library)
        self.notes, self.note_links, self.note_export = NoNotes(), NoLinks(), NoNoteExport()
        self.player = Player()
        self.drafts = SavedDrafts()
        self.writing = TextWriting()
        self.ledger = NetworkLog()
        self.search = Search(self.library)
        self.everything = (Groups(self.library, self.answering),)
        self.task_store = TasksInMemory(self.library)
        self.tasks = Tasks(self.task_store, (TasksOfCalls(self.task_store),), Outputs(), self._publish)
        self.call_export = CallExport(self.library)
        self.checking = Checking()
        self.deletion = Deletion()
        self.maintenance = Maintenance()
        self.import_error: Exception | None = None
        self.import_pause = 0.0
        self.advanced: list[str] = []
        self.transcribed_again: list[tuple[str, str, str]] = []
        self.turns: list[SpeakerTurn] = []
        self.asked_counts: list[int] = []
        self.finding_error: Exception | None = None
        self.choices = [SpeechChoice("demo-speech", "Demo speech model", is_demo=True)]
        self.heard_by_demo: set[str] = set()
        self.is_closed = False
        self.recovery_key: str | None = None

    def _publish(self, change: Change) -> None:
        for listener in self._listeners:
            listener(change)

    def observe_changes(self, listener: Callable[[Change], None]) -> None:
        self._listeners.append(listener)

    def import_files(self, paths: Sequence[Path]) -> list[Job[Call]]:
        return [self.lanes.submit(self._import_job(path)) for path in paths]

    def _import_job(self, path: Path) -> Job[Call]:
        return Job("Importing", partial(self._import, path), Lane.DISK, kind=JobKind.IMPORT)

    def _import(self, path: Path, context: JobContext) -> Call:
        for done in range(10):
            context.checkpoint()
            context.report(Progress("Importing", done, 10, "bytes"))
            time.sleep(self.import_pause)
        if self.import_error is not None:
            raise self.import_error
        made = self.library.add(call(path.stem))
        self._publish(Change("recording", made.id))
        return made

    def resume(self) -> None:
        """Nothing was left unfinished."""

    def index_when_idle(self) -> None:
        """There is nothing to find by its meaning."""

    def advance(self, known: CallId) -> None:
        self.advanced.append(known)

    def stop(self, job: Job[Any]) -> None:
        self.lanes.stop(job)

    def do_next(self, job: Job[Any]) -> None:
        self.lanes.move_first(job)

    def transcribe_again(self, known: CallId, language: str = "", model: str = "") -> None:
        self.transcribed_again.append((known, language, model))

    def find_speakers(self, known: CallId, count: int = 0) -> Job[LineChange | None]:
        def work(_: JobContext) -> LineChange | None:
            self.asked_counts.append(count)
            if self.finding_error is not None:
                raise self.finding_error
            transcript = self.library.transcript(known)
            change = given_to_voices(known, transcript.utterances, {1: self.turns}, transcript.speakers)
            if change is not None:
                self.library.change(change, is_new=True)
            return change

        return self.lanes.submit(
            Job("Telling the speakers apart", work, Lane.SPEECH, subject=known, kind=JobKind.CHANGE)
        )

    def speech_choices(self) -> list[SpeechChoice]:
        return self.choices

    def is_heard_by_demo(self, known: CallId) -> bool:
        return known in self.heard_by_demo

    def summarize(self, known: CallId) -> Job[Summary]:
        return self.lanes.submit(self._summary_job(known))

    def _summary_job(self, known: CallId) -> Job[Summary]:
        return Job("Summarizing", lambda _: SUMMARY, Lane.LANGUAGE, subject=known, kind=JobKind.STEP)

    def pull(self, model: str) -> Job[Any]:
        return self.lanes.submit(Job("Downloading", _offline, Lane.NETWORK, subject=model, kind=JobKind.DOWNLOAD))

    def close(self) -> None:
        self.lanes.close()
        self.is_closed = True


_CALLS: type[CallServices] = SessionDouble  # mypy compares the double with what the pages ask for
_CHATS: type[ChatServices] = SessionDouble
_NOTES: type[NoteServices] = SessionDouble


class TacitDouble:
    """A product whose vault is opened by one passphrase, at once."""

    def __init__(self, session: SessionDouble, *, has_vault: bool = True, is_offline_enforced: bool = False) -> None:
        self.vault_folder = Path("nowhere")
        self.outputs = Outputs(self.vault_folder)
        self.is_offline_enforced = is_offline_enforced
        self._session, self._has_vault = session, has_vault
        self.is_prepared = False
        self.settings = SimpleNamespace(problem=None, current=Settings(theme="light"), change=lambda **_: Settings())
        self.models = SimpleNamespace(
            in_use=lambda kind: None,
            uses_demo=lambda: False,
            download_client=SimpleNamespace(active_downloads=set),
            crash_count=CrashCount(),
        )
        self.standings: list[Confinement] = []

    def engines(self) -> Any:
        return SimpleNamespace(prover=lambda: ScriptedProver(self.standings))

    def vault_exists(self) -> bool:
        return self._has_vault

    def keychain_opens(self) -> bool:
        return False

    def prepare(self) -> None:
        self.is_prepared = True

    def unlock(self, passphrase: str) -> Session:
        if passphrase != "correct horse battery staple":
            raise WrongPassphrase
        return cast("Session", self._session)

    def create(self, passphrase: str, *, is_demo: bool = False) -> Session:
        return self.unlock(passphrase)


def as_tacit(session: SessionDouble, **facts: bool) -> Application:
    """The double, as the window's type wants it."""
    return cast("Application", TacitDouble(session, **facts))
