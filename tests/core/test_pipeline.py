"""Which step is next, from the steps done, what they need and which models there are."""

from datetime import UTC, datetime

from app.core.call import Call, CallState
from app.core.ids import CallId
from app.core.job import Lane
from app.core.model import ModelKind
from app.core.pipeline import Step, next_step
from app.core.transcript import Layout, default_speakers


def call(*done: str, wants_summary: bool = True) -> Call:
    return Call(
        CallId("1"), "A call", datetime(2026, 1, 1, tzinfo=UTC), 60.0, CallState.IMPORTED, Layout.MONO,
        default_speakers(Layout.MONO), (), wants_summary=wants_summary, steps_done=frozenset(done),
    )  # fmt: skip


STEPS = (
    Step("one", "One", Lane.DISK, lambda *_: None, ModelKind.SPEECH),
    Step("two", "Two", Lane.DISK, lambda *_: None, ModelKind.DIARIZATION, after=("one",)),
    Step("three", "Three", Lane.DISK, lambda *_: None, after=("one",), is_wanted=lambda call: call.wants_summary),
)


def name_of(step: Step | None) -> str | None:
    return None if step is None else step.name


def test_steps_go_in_their_order() -> None:
    assert [name_of(next_step(STEPS, call(*done))) for done in ((), ("one",), ("one", "two"))] == [
        "one",
        "two",
        "three",
    ]
    assert next_step(STEPS, call("one", "two", "three")) is None


def test_a_step_waits_for_those_that_it_needs() -> None:
    assert next_step(STEPS[1:], call()) is None


def test_a_step_without_its_model_is_passed_over_and_made_up_for_later() -> None:
    assert next_step(STEPS, call(), lambda _: False) is None
    assert name_of(next_step(STEPS, call("one"), lambda kind: kind is ModelKind.SPEECH)) == "three"
    assert name_of(next_step(STEPS, call("one", "three"))) == "two"


def test_a_step_that_is_not_wanted_is_passed_over() -> None:
    assert next_step(STEPS, call("one", "two", wants_summary=False)) is None
