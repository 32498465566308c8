"""From unlock to lock: calls go from step to step by themselves, and closing ends everything."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from app.core.call import CallState
from app.core.change import Change
from app.core.engines import Engines, Heard, Pcm, SpeechOptions
from app.core.errors import (
    EngineCrashed,
    EngineOutOfMemory,
    MediaMissing,
    SoundUnavailable,
    VaultError,
    WrongPassphrase,
)
from app.core.ids import new_task_id
from app.core.import_options import ImportOptions
from app.core.job import Job, JobState, Lane
from app.core.resources import demo_call
from app.core.summary import ActionItem
from app.core.task import TaskChange, TaskMark
from app.core.transcript import Segment
from app.engines.parent.engines import LocalEngines
from app.services.application import Application
from app.services.models.selection import ModelSelection
from app.services.session import Session
from app.storage.tables.tasks import TaskStore
from tests.conftest import opened_vault
from tests.doubles.engines import ScriptedEngines, ScriptedLanguage, ScriptedSpeech
from tests.running import CHEAP
from tests.services.stage import Watching, provisioning, said

SUMMARY = json.dumps({"title": "Launch", "key_points": [], "decisions": [], "action_items": [], "overview": "A call."})


LANES_BEFORE: set[int] = set()  # of tests before these, in the same process


def lanes_now() -> set[int]:
    """The threads of lanes that live, by their numbers."""
    return {thread.ident or 0 for thread in threading.enumerate() if thread.name.startswith("lane-")}


@pytest.fixture(autouse=True)
def _remember_lanes() -> None:
    LANES_BEFORE.clear()
    LANES_BEFORE.update(lanes_now())


def no_sound(rate: int) -> Any:
    raise SoundUnavailable("There is no sound system.", "Everything else works.")


def session_on(folder: Path, engines: Engines, models: ModelSelection | None = None) -> Session:
    return Session(opened_vault(folder / "vault"), engines, models or provisioning(folder), no_sound)


def scripted(failures: Any = ()) -> ScriptedEngines:
    return ScriptedEngines(ScriptedSpeech(said(), 60.0, failures=failures), ScriptedLanguage(lambda _: SUMMARY))


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    made = session_on(tmp_path, scripted())
    yield made
    made.close()


def wait(is_so: Callable[[], object], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.005)


def test_what_was_removed_long_ago_is_forgotten_as_work_goes_on_and_not_with_each_command(tmp_path: Path) -> None:
    vault = opened_vault(tmp_path / "vault")
    removed = TaskChange(removed=date(2026, 1, 1))
    TaskStore(vault).put([TaskMark(new_task_id(), None, ActionItem("Fax it", "", ""), removed)])
    session = Session(vault, scripted(), provisioning(tmp_path), no_sound)
    try:
        assert len(TaskStore(vault).marks()) == 1
        session.resume()
        assert TaskStore(vault).marks() == []
    finally:
        session.close()


def test_a_file_goes_through_every_step_by_itself(session: Session, demo_wav: Path) -> None:
    changes = list[Change]()
    session.observe_changes(changes.append)
    (job,) = session.import_files([demo_wav])
    wait(lambda: session.lanes.is_idle and job.state is JobState.DONE and len(changes) > 3)
    (call,) = session.library.calls()
    assert call.state is CallState.SUMMARIZED
    assert call.title == "Launch"
    nouns = [change.kind for change in changes]
    assert (nouns[0], nouns[-1]) == ("recording", "summary")
    assert {change.subject for change in changes} == {call.id}


def test_several_files_with_a_bad_one_among_them(session: Session, demo_wav: Path, tmp_path: Path) -> None:
    jobs = session.import_files([tmp_path / "missing.wav", demo_wav], ImportOptions(wants_summary=False))
    wait(lambda: session.lanes.is_idle)
    assert [job.state for job in jobs] == [JobState.FAILED, JobState.DONE]
    assert isinstance(jobs[0].error, MediaMissing)
    assert [r.state for r in session.library.calls()] == [CallState.TRANSCRIBED]


def test_the_real_engines_carry_the_demo_call_through(tmp_path: Path) -> None:
    session = session_on(tmp_path, LocalEngines(2, 2048))
    try:
        call = session.importing.import_file(demo_call(), ImportOptions(), Watching())
        call = session.pipeline.carry_through(call, Watching())
        assert call.state is CallState.SUMMARIZED
        summary = session.library.summary(call.id)
        assert summary is not None
        assert "Move the launch." in [decision.text for decision in summary.section("decisions").points]
        assert session.search.search("payment")[0].line == 4
        assert session.pipeline.carry_through(call, Watching()) == call  # nothing is left to do
    finally:
        session.close()


def test_a_failed_step_waits_for_the_person_and_goes_on_where_it_was(tmp_path: Path, demo_wav: Path) -> None:
    session = session_on(tmp_path, scripted([(1, EngineOutOfMemory())]))
    try:
        session.import_files([demo_wav])
        wait(lambda: session.library.calls() and session.library.calls()[0].state is CallState.TRANSCRIBING)
        wait(lambda: session.lanes.is_idle)
        (call,) = session.library.calls()
        job = session.advance(call.id)
        assert job is not None
        wait(lambda: session.lanes.is_idle and session.library.calls()[0].state is CallState.SUMMARIZED)
        assert session.advance(call.id) is None
    finally:
        session.close()


def test_what_was_left_unfinished_goes_on_after_unlocking(tmp_path: Path, demo_wav: Path) -> None:
    session = session_on(tmp_path, scripted())
    one = session.importing.import_file(demo_wav, ImportOptions(), Watching())
    session.close()
    session = session_on(tmp_path, scripted())
    try:
        session.resume()
        wait(lambda: session.library.call(one.id).state is CallState.SUMMARIZED)
    finally:
        session.close()


def test_one_recording_has_one_job_at_a_time(tmp_path: Path, demo_wav: Path) -> None:
    gate = Held(said())
    session = session_on(tmp_path, ScriptedEngines(gate, ScriptedLanguage(lambda _: SUMMARY)))
    try:
        one = session.importing.import_file(demo_wav, ImportOptions(), Watching())
        first = session.advance(one.id)
        gate.entered.wait(5)
        assert session.advance(one.id) is None
        session.resume()
        assert session.job_of(one.id) is first
        assert len(session.lanes.live()) == 1
    finally:
        gate.open.set()
        session.close()


class Held(ScriptedSpeech):
    """Speech that waits, deaf to cancelling, until it is let go or closed, as a computing worker does."""

    def __init__(self, words: Any) -> None:
        super().__init__(words)
        self.entered, self.open = threading.Event(), threading.Event()

    def transcribe(self, sound: Any, options: SpeechOptions) -> Iterator[Heard]:
        first: Pcm = next(iter(sound))
        self.entered.set()
        self.open.wait(20)
        if self.is_closed:
            raise EngineCrashed
        yield Heard(options.channels[0], first.duration, (), "en")

    def close(self) -> None:
        super().close()
        self.open.set()


def test_closing_during_a_job_ends_it_and_keeps_the_call(tmp_path: Path, demo_wav: Path) -> None:
    held = Held(said())
    session = session_on(tmp_path, ScriptedEngines(held))
    job: Job[Any] | None = None
    one = session.importing.import_file(demo_wav, ImportOptions(), Watching())
    job = session.advance(one.id)
    held.entered.wait(5)
    began = time.monotonic()
    session.close()
    assert time.monotonic() - began < 5
    assert job is not None
    assert job.state in (JobState.CANCELLED, JobState.FAILED)
    assert lanes_now() <= LANES_BEFORE
    again = session_on(tmp_path, scripted())
    assert again.library.call(one.id).state is CallState.TRANSCRIBING
    again.close()


class Ending(Held):
    """Speech that comes to its end just after closing has begun."""

    def transcribe(self, sound: Any, options: SpeechOptions) -> Iterator[Heard]:
        self.entered.set()
        self.open.wait(20)
        yield Heard(0, 42.0, (Segment(0, tuple(said()[0])),), "en")
        yield Heard(1, 42.0, (), "en")


def test_a_step_that_ends_while_closing_starts_nothing_more(tmp_path: Path, demo_wav: Path) -> None:
    ending = Ending(said())
    session = session_on(tmp_path, ScriptedEngines(ending, ScriptedLanguage(lambda _: SUMMARY)))
    one = session.importing.import_file(demo_wav, ImportOptions(), Watching())
    session.advance(one.id)
    ending.entered.wait(5)
    timer = threading.Timer(0.1, ending.open.set)
    timer.start()
    session.close()
    timer.join()
    assert lanes_now() <= LANES_BEFORE
    again = session_on(tmp_path, scripted())
    assert again.library.transcript(one.id).utterances
    again.close()


def test_a_call_deleted_while_it_is_transcribed_ends_its_job_in_peace(tmp_path: Path, demo_wav: Path) -> None:
    ending = Ending(said())
    session = session_on(tmp_path, ScriptedEngines(ending, ScriptedLanguage(lambda _: SUMMARY)))
    one = session.importing.import_file(demo_wav, ImportOptions(), Watching())
    job = session.advance(one.id)
    assert job is not None
    ending.entered.wait(5)
    session.library.delete(one.id)
    ending.open.set()
    wait(lambda: session.lanes.is_idle)
    assert job.state is JobState.CANCELLED, job.error
    session.close()


def test_after_closing_nothing_starts(tmp_path: Path, demo_wav: Path) -> None:
    session = session_on(tmp_path, scripted())
    session.close()
    jobs = session.import_files([demo_wav])
    assert [job.state for job in jobs] == [JobState.CANCELLED]
    assert lanes_now() <= LANES_BEFORE


def test_a_cancelled_import_leaves_nothing_and_starts_nothing(session: Session, demo_wav: Path) -> None:
    session.lanes.submit(Job("holds the lane", lambda _: time.sleep(0.2), Lane.DISK))
    (job,) = session.import_files([demo_wav])
    job.cancel()
    wait(lambda: session.lanes.is_idle)
    assert job.state is JobState.CANCELLED
    assert session.library.calls() == []


def test_without_a_model_nothing_is_to_be_done(tmp_path: Path, demo_wav: Path) -> None:
    session = session_on(tmp_path, scripted(), provisioning(tmp_path, demo=list))
    try:
        session.import_files([demo_wav])
        wait(lambda: session.library.calls() and session.lanes.is_idle)
        (call,) = session.library.calls()
        assert call.state is CallState.IMPORTED
        assert session.pipeline.next_step(call) is None
        assert session.pipeline.carry_through(call, Watching()) == call
    finally:
        session.close()


def tacit_on(folder: Path) -> Application:
    models = provisioning(folder)
    settings = models._settings
    return Application(
        folder / "vault", settings, models, scripted, no_sound, lambda: True, is_offline_enforced=True, cost=CHEAP
    )


def test_a_vault_is_made_unlocked_and_refused(tmp_path: Path) -> None:
    tacit = tacit_on(tmp_path)
    assert not tacit.vault_exists()
    with pytest.raises(VaultError, match="too short"):
        tacit.create("short")
    assert not tacit.vault_exists()
    tacit.create("correct horse battery staple").close()
    assert tacit.vault_exists()
    with pytest.raises(WrongPassphrase):
        tacit.unlock("another passphrase")
    tacit.unlock("correct horse battery staple").close()
    assert not tacit.at(tmp_path / "elsewhere").vault_exists()


def test_it_is_told_when_the_demo_models_are_in_use(tmp_path: Path) -> None:
    assert any("demo models" in notice for notice in tacit_on(tmp_path).notices())
