"""Passages are made in idle moments: whatever somebody waits for comes first, and a model that fails is told once."""

import threading
from collections.abc import Callable, Iterator

import pytest

from app.core.errors import AssistantError, EngineCrashed
from app.core.ids import CallId
from app.core.job import Job, JobContext, JobKind, JobState, Lane
from app.services.calls.idle_indexing import IdleIndexing
from app.services.jobs.lanes import Lanes
from app.storage.vault import Vault
from tests.doubles.embedding import ScriptedEmbedding
from tests.making_models.embedding import make
from tests.services.calls.test_passage_index import Indexed
from tests.services.stage import lines_of
from tests.services.test_session import wait

FILLER = "and so we went on with it for a while as we always do on days like these " * 6


class Idle:
    """An index with lanes, what works on it in idle moments, and what it told."""

    def __init__(self, made: Indexed) -> None:
        self.made = made
        self.lanes = Lanes()
        self.told: list[str] = []
        self.ran: list[JobKind] = []
        self.lanes.observe(lambda job, event: self.ran.append(job.kind) if event is JobState.RUNNING else None)
        self.indexing = IdleIndexing(made.index, self.lanes, self.told.append)

    @property
    def times(self) -> int:
        """How often a job began that makes passages."""
        return self.ran.count(JobKind.INDEX)

    def occupy(self, lane: Lane, kind: JobKind = JobKind.REQUEST) -> Callable[[], None]:
        """Keep a lane busy until what is returned is called."""
        may_end = threading.Event()
        job: Job[object] = Job("Work", lambda context: may_end.wait(30), lane, kind=kind)
        self.lanes.submit(job)
        wait(lambda: job.state is JobState.RUNNING)

        def end() -> None:
            may_end.set()
            wait(lambda: job.is_over)

        return end

    def settle(self) -> None:
        """Wait until nothing is under way."""
        wait(lambda: self.lanes.is_idle)


Start = Callable[..., Idle]


@pytest.fixture
def start(vault: Vault) -> Iterator[Start]:
    made: list[Idle] = []

    def begin(*failures: AssistantError | None, has_model: bool = True, engine: object = None) -> Idle:
        if has_model:
            (vault.folder.parent / "models").mkdir()
            make(vault.folder.parent / "models" / "tiny.gguf")
        scripted = engine or ScriptedEmbedding("same", failures)
        made.append(Idle(Indexed(vault, lambda _: scripted)))  # type: ignore[arg-type,return-value]
        return made[-1]

    yield begin
    for one in made:
        one.lanes.close()
        one.made.close()


def call_of(one: Idle, count: int = 3) -> CallId:
    return lines_of(one.made.store, [FILLER] * count)


def test_what_is_missing_is_made_when_it_is_requested(start: Start) -> None:
    one = start()
    call = call_of(one)
    one.indexing.request()
    one.settle()
    assert one.made.index.unfinished() == []
    assert len(one.made.packed(call)) == 3
    assert one.times == 1


@pytest.mark.parametrize("lane", [Lane.SPEECH, Lane.LANGUAGE, Lane.DISK])
def test_it_waits_for_what_somebody_waits_for(start: Start, lane: Lane) -> None:
    one = start()
    end = one.occupy(lane)
    call = call_of(one)
    one.indexing.request()
    assert one.times == 0
    assert one.made.packed(call) == []
    end()
    wait(lambda: one.made.index.unfinished() == [])
    one.settle()


def test_it_stops_for_a_job_that_begins_and_goes_on_after_it(start: Start) -> None:
    class Slow(ScriptedEmbedding):
        may_go_on = threading.Event()
        began = threading.Event()

        def embed(self, texts, *, is_question=False):  # type: ignore[no-untyped-def]
            self.began.set()
            self.may_go_on.wait(30)
            return super().embed(texts, is_question=is_question)

    engine = Slow()
    one = start(engine=engine)
    call = call_of(one, 40)
    one.indexing.request()
    wait(engine.began.is_set)
    end = one.occupy(Lane.LANGUAGE)
    engine.may_go_on.set()
    wait(lambda: not any(job.kind is JobKind.INDEX for job in one.lanes.live()))
    so_far = len(one.made.packed(call))
    assert 0 < so_far < 40, "one batch, which was under way"
    end()
    wait(lambda: one.made.index.unfinished() == [])
    one.settle()
    assert len(one.made.packed(call)) == 40
    assert len(engine.texts) == 40, "nothing is made twice"


def test_an_import_brings_more_and_a_page_that_reads_does_not(start: Start) -> None:
    one = start()
    one.occupy(Lane.DISK)()
    one.settle()
    assert one.times == 0
    end = one.occupy(Lane.DISK, JobKind.IMPORT)
    call = call_of(one)
    end()
    wait(lambda: len(one.made.packed(call)) == 3)
    one.settle()
    assert one.times == 1


def test_a_model_that_fails_is_told_once_and_not_tried_in_a_circle(start: Start) -> None:
    one = start(*[EngineCrashed("The model ended.", "Try again.")] * 50)
    call_of(one)
    one.indexing.request()
    one.settle()
    assert one.told == ["Search goes by words alone for now. The model ended."]
    assert one.times == 1
    one.indexing.request()
    one.settle()
    assert len(one.told) == 1
    assert one.times == 2


def test_without_a_model_nothing_is_made_or_told(start: Start) -> None:
    one = start(has_model=False)
    call = call_of(one)
    one.indexing.request()
    one.settle()
    assert one.made.packed(call) == []
    assert one.told == []
    assert one.times == 0


def test_it_does_not_come_back_once_the_lanes_close(start: Start) -> None:
    one = start()
    call_of(one)

    def never(context: JobContext) -> None:
        raise AssertionError

    one.lanes.close()
    one.indexing.request()
    one.lanes.submit(Job("Work", never, Lane.DISK, kind=JobKind.IMPORT))
    wait(lambda: one.lanes.is_idle)
    assert one.times == 0
