"""The way of a call through its steps: in line for the command line, and as jobs for the window."""

from collections.abc import Callable, Sequence
from typing import Any

from app.core.call import EXPORT, FIND_SPEAKERS, SUMMARIZE, TRANSCRIBE, Call, CallState
from app.core.change import Change
from app.core.errors import NotFound
from app.core.ids import CallId
from app.core.job import Cancelled, Job, JobContext, JobKind, Lane
from app.core.model import ModelKind
from app.core.pipeline import Step, next_step
from app.services.calls.finding_speakers import FindingSpeakers
from app.services.calls.planned_exports import PlannedExports
from app.services.calls.summarizing import Summarizing
from app.services.calls.transcribing import Transcribing
from app.storage.tables.calls import CallStore


def call_steps(
    transcribing: Transcribing, speakers: FindingSpeakers, summarizing: Summarizing, exports: PlannedExports
) -> tuple[Step, ...]:
    """Every step of a call, in order; whatever walks them reads this."""
    return (
        Step(TRANSCRIBE, "Transcribing", Lane.SPEECH, transcribing.run, ModelKind.SPEECH),
        Step(
            FIND_SPEAKERS, "Telling the speakers apart", Lane.SPEECH, speakers.run, after=(TRANSCRIBE,),
            is_wanted=lambda call: call.awaits_speakers,
        ),
        Step(
            SUMMARIZE, "Summarizing", Lane.LANGUAGE, summarizing.run, ModelKind.LANGUAGE, after=(TRANSCRIBE,),
            is_wanted=lambda call: call.wants_summary and call.state is not CallState.SILENT,
        ),
        Step(EXPORT, "Exporting", Lane.DISK, exports.run, after=(TRANSCRIBE,), is_wanted=_is_ready_for_export),
    )  # fmt: skip


def _is_ready_for_export(call: Call) -> bool:
    has_summary = SUMMARIZE in call.steps_done or not call.wants_summary
    return call.wants_export and has_summary and call.state is not CallState.SILENT


class Pipeline:
    """Takes calls from step to step."""

    def __init__(
        self,
        steps: Sequence[Step],
        calls: CallStore,
        has_model: Callable[[ModelKind], bool],
        publish: Callable[[Change], None],
    ) -> None:
        self._steps = {step.name: step for step in steps}
        self._calls = calls
        self._has_model = has_model
        self._publish = publish

    def next_step(self, call: Call) -> Step | None:
        """The next step that a call can take with the installed models."""
        return next_step(tuple(self._steps.values()), call, self._has_model)

    def is_unfinished(self, call: Call) -> bool:
        """Whether a step is left, with the installed models or without."""
        return self.open_step(call) is not None

    def open_step(self, call: Call) -> Step | None:
        """The next step that a call is to take, whether there is a model for it or not."""
        return next_step(tuple(self._steps.values()), call)

    def carry_through(self, call: Call, context: JobContext) -> Call:
        """Run every remaining step on the calling thread, as the command line does."""
        while (step := self.next_step(call)) is not None:
            context.checkpoint()
            self._run(step, call.id, context)
            call = self._calls.get(call.id)
        return call

    def job(self, name: str, call: CallId, priority: int) -> Job[Any]:
        """The job that runs the step of this name on a call; it ends as cancelled if the call is deleted meanwhile."""
        step = self._steps[name]

        def work(context: JobContext) -> object:
            try:
                return self._run(step, call, context)
            except NotFound as error:
                raise Cancelled from error

        return Job(step.title, work, step.lane, priority, call, JobKind.STEP)

    def _run(self, step: Step, call: CallId, context: JobContext) -> object:
        result = step.run(call, context)
        if not step.is_done(self._calls.get(call)):  # a step may save this together with its result
            self._calls.finish_step(call, step.name)
            self._publish(Change("recording", call))
        return result
