"""Making the passages of calls in the window while nobody waits for anything else."""

import threading
from collections.abc import Callable
from typing import Any

from app.core.errors import AssistantError
from app.core.job import Job, JobContext, JobKind, JobState, Lane
from app.services.calls.passage_index import PassageIndex
from app.services.jobs.lanes import Lanes

_PRIORITY = 9  # it has a lane of its own, whose only job it is
_AWAITED = (Lane.SPEECH, Lane.LANGUAGE, Lane.DISK)  # lanes whose jobs somebody waits for
_BRINGS_MORE = (JobKind.IMPORT, JobKind.STEP, JobKind.DOWNLOAD)


class IdleIndexing:
    """Submits a job that completes the index whenever it may be incomplete and no other job is under way.

    The job ends as soon as another one begins, and is submitted again when that is over.
    """

    def __init__(self, index: PassageIndex, lanes: Lanes, notify: Callable[[str], None]) -> None:
        self._index = index
        self._lanes = lanes
        self._notify = notify
        self._mutex = threading.Lock()
        self._is_due = False
        self._last_problem = ""
        lanes.observe(self._on_job)

    def request(self) -> None:
        """Note that something may be missing."""
        self._is_due = True
        self._submit_if_idle()

    def _on_job(self, job: Job[Any], event: object) -> None:
        if event is not job.state or not job.is_over or job.lane is Lane.DRAFTS:
            return
        if job.lane is Lane.INDEX and event is not JobState.DONE:
            return  # one of ours that was cancelled, since the session closes, must not come again
        if job.kind in _BRINGS_MORE or job.lane is Lane.BACKGROUND:  # on the last one models are added
            self._is_due = True
        if self._is_due:
            self._submit_if_idle()

    def _may_begin(self) -> bool:
        is_making = any(job.lane is Lane.INDEX for job in self._lanes.live())
        return self._is_idle() and not is_making and self._index.may_have_model

    def _is_idle(self) -> bool:
        return not any(job.lane in _AWAITED for job in self._lanes.live())

    def _submit_if_idle(self) -> None:
        with self._mutex:
            if self._may_begin():
                self._lanes.submit(Job("Indexing", self._work, Lane.INDEX, _PRIORITY, kind=JobKind.INDEX))

    def _work(self, context: JobContext) -> None:
        self._is_due = False
        try:
            is_complete = self._index.complete(context, is_wanted=self._is_idle)
        except AssistantError as error:  # it is tried again after the next change; the person is told once
            if error.title != self._last_problem:
                self._last_problem = error.title
                self._notify(f"Search goes by words alone for now. {error.title}")
            return
        if not is_complete:
            self._is_due = True
