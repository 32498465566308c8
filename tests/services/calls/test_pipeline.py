"""The steps of a call are one list, which the command line walks in line and the window by jobs."""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from app.cli.context import CommandContext
from app.cli.importing import import_file
from app.cli.progress import TerminalContext
from app.core.call import TRANSCRIBE, Call, CallState
from app.core.engines import LoudspeakerStream
from app.core.errors import EngineCrashed, EngineOutOfMemory
from app.core.ids import CallId
from app.core.import_options import ImportOptions
from app.core.job import JobContext, JobState, Lane
from app.core.pipeline import Step
from app.services.calls.finding_speakers import FindingSpeakers
from app.services.calls.pipeline import call_steps
from app.services.calls.planned_exports import PlannedExports
from app.services.calls.summarizing import Summarizing
from app.services.calls.transcribing import Transcribing
from app.services.session import Session
from tests.conftest import opened_vault
from tests.doubles.engines import ScriptedEngines, ScriptedLanguage, ScriptedSpeech
from tests.services.stage import provisioning, said

SUMMARY = json.dumps({"title": "Launch", "key_points": [], "decisions": [], "action_items": [], "overview": "A call."})


class Separating:
    """A step between transcribing and summarizing: it is given a finished transcript, and fails as often as asked."""

    def __init__(self, failures: int = 0) -> None:
        self.sessions: list[Session] = []
        self.seen: list[tuple[CallState, int]] = []
        self.failures = failures

    def run(self, call: CallId, context: JobContext) -> None:
        context.checkpoint()
        if self.failures:
            self.failures -= 1
            raise EngineOutOfMemory
        library = self.sessions[-1].library
        self.seen.append((library.call(call).state, len(library.transcript(call).utterances)))

    def steps(
        self, transcribing: Transcribing, speakers: FindingSpeakers, summarizing: Summarizing, exports: PlannedExports
    ) -> Sequence[Step]:
        first, *rest = call_steps(transcribing, speakers, summarizing, exports)
        return (first, Step("separate", "Separating", Lane.SPEECH, self.run, after=(TRANSCRIBE,)), *rest)


def no_sound(rate: int) -> LoudspeakerStream:
    raise EngineCrashed


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[Callable[[Separating], Session]]:
    """Opens the vault with one step more than there is."""
    opened: list[Session] = []

    def make(separating: Separating) -> Session:
        for session in opened:
            session.close()
        engines = ScriptedEngines(ScriptedSpeech(said(), 60.0), ScriptedLanguage(lambda _: SUMMARY))
        vault = opened_vault(tmp_path / "vault")
        opened.append(Session(vault, engines, provisioning(tmp_path), no_sound, make_steps=separating.steps))
        separating.sessions.append(opened[-1])
        return opened[-1]

    yield make
    for session in opened:
        session.close()


def wait(is_so: Callable[[], object]) -> None:
    end = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.005)


def assert_done(call: Call) -> None:
    assert call.state is CallState.SUMMARIZED
    assert call.steps_done == {"transcribe", "separate", "summarize"}


def test_the_command_line_runs_a_step_that_was_added(begin: Callable[[Separating], Session], demo_wav: Path) -> None:
    separating = Separating()
    session = begin(separating)
    frame = CommandContext(lambda *_, **__: None, lambda *_: 0, is_offline_enforced=False)  # type: ignore[arg-type]
    assert_done(import_file(frame, session, demo_wav, ImportOptions(), TerminalContext()))
    assert separating.seen == [(CallState.TRANSCRIBED, 16)]


def test_the_window_runs_a_step_that_was_added(begin: Callable[[Separating], Session], demo_wav: Path) -> None:
    separating = Separating()
    session = begin(separating)
    titles = list[str]()
    session.lanes.observe(lambda job, event: titles.append(job.title) if event is JobState.RUNNING else None)
    session.import_files([demo_wav])
    wait(lambda: session.library.calls() and session.library.calls()[0].state is CallState.SUMMARIZED)
    wait(lambda: session.lanes.is_idle)
    assert_done(session.library.calls()[0])
    assert titles == ["Importing", "Transcribing", "Separating", "Summarizing"]
    assert separating.seen == [(CallState.TRANSCRIBED, 16)]


def test_a_step_that_fails_waits_for_the_person_and_is_resumed_after_unlocking(
    begin: Callable[[Separating], Session], demo_wav: Path
) -> None:
    failing = Separating(failures=2)
    session = begin(failing)
    session.import_files([demo_wav])
    wait(lambda: session.library.calls() and failing.failures == 1 and session.lanes.is_idle)
    (call,) = session.library.calls()
    assert call.steps_done == {"transcribe"}
    job = session.advance(call.id)
    assert job is not None
    wait(lambda: session.lanes.is_idle)
    assert (job.title, job.state) == ("Separating", JobState.FAILED)
    session = begin(failing)
    session.resume()
    wait(lambda: session.library.call(call.id).state is CallState.SUMMARIZED)
    assert_done(session.library.call(call.id))


def test_transcribing_anew_makes_every_step_due_again(begin: Callable[[Separating], Session], demo_wav: Path) -> None:
    separating = Separating()
    session = begin(separating)
    session.import_files([demo_wav])
    wait(lambda: session.library.calls() and session.library.calls()[0].state is CallState.SUMMARIZED)
    wait(lambda: session.lanes.is_idle)
    session.transcribe_again(session.library.calls()[0].id, "de")
    wait(lambda: len(separating.seen) == 2 and session.lanes.is_idle)
    assert_done(session.library.calls()[0])


def test_a_deleted_call_ends_its_job_as_cancelled(begin: Callable[[Separating], Session], demo_wav: Path) -> None:
    separating = Separating()
    session = begin(separating)
    call = session.importing.import_file(demo_wav, ImportOptions(wants_summary=False), TerminalContext())
    session.transcribing.run(call.id, TerminalContext())
    job = session.pipeline.job("separate", call.id, 5)
    session.library.delete(call.id)
    session.lanes.submit(job)
    wait(lambda: session.lanes.is_idle)
    assert job.state is JobState.CANCELLED
