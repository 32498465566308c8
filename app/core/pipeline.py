"""The steps that take a call from its sound to its summary, and which one is next."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.core.call import Call
from app.core.ids import CallId
from app.core.job import JobContext, Lane
from app.core.model import ModelKind


def _always(_: Call) -> bool:
    return True


@dataclass(frozen=True)
class Step:
    """One step: `name` is stored once it is done, `title` is what people read while it runs.

    It needs a model of the kind `model`, if any, and every step named in `after`. `run` does the work and saves its
    result; it never deletes a call. A step that is not wanted (`is_wanted`) is passed over.
    """

    name: str
    title: str
    lane: Lane
    run: Callable[[CallId, JobContext], object]
    model: ModelKind | None = None
    after: tuple[str, ...] = ()
    is_wanted: Callable[[Call], bool] = _always

    def is_done(self, call: Call) -> bool:
        """Whether the call has this step behind it."""
        return self.name in call.steps_done


def next_step(
    steps: Sequence[Step], call: Call, has_model: Callable[[ModelKind], bool] = lambda _: True
) -> Step | None:
    """The first step, in their order, that is wanted, not done, and has what it needs; None if there is none."""
    for step in steps:
        is_open = step.is_wanted(call) and not step.is_done(call) and call.steps_done.issuperset(step.after)
        if is_open and (step.model is None or has_model(step.model)):
            return step
    return None
