"""The downloads of models and the models added from disk: how far each has come, and which failed."""

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from app.core.download import FETCHING
from app.core.figures import remaining, size
from app.core.job import Job, JobState, Lane, Progress

if TYPE_CHECKING:
    from app.core.model import Model
    from app.services.application import Application
    from app.ui.runtime.bridge import Bridge, JobRequest

_RATE_WINDOW = 8.0  # seconds that a rate is averaged over: a stall shows within them, one slow block does not
_POLL_INTERVAL = 1000  # milliseconds between two looks at the download client


class DownloadRate:
    """The recent rate in bytes per second, and the seconds until the rest has arrived."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._samples: deque[tuple[float, float]] = deque()

    def take(self, done: float) -> None:
        """Record how many bytes have arrived; a lower number, as in a new step, starts over."""
        now = self._clock()
        if self._samples and done < self._samples[-1][1]:
            self._samples.clear()
        self._samples.append((now, done))
        while now - self._samples[0][0] > _RATE_WINDOW:
            self._samples.popleft()

    @property
    def bytes_per_second(self) -> float | None:
        """The recent rate; None during the first second."""
        if not self._samples:
            return None
        (began, first), (now, last) = self._samples[0], self._samples[-1]
        return (last - first) / (now - began) if now - began >= 1.0 else None

    def seconds(self, left: float) -> float | None:
        """The seconds that this many bytes will take, or None if unknown."""
        rate = self.bytes_per_second
        return left / rate if rate else None


@dataclass(eq=False)
class ModelDownload:
    """One waiting or running download."""

    job: Job[Any]
    progress: Progress | None = None
    pace: DownloadRate = field(default_factory=DownloadRate)

    def take(self, progress: Progress) -> None:
        """Store the latest progress."""
        if progress.total and progress.step == FETCHING:
            self.pace.take(progress.done)
        self.progress = progress

    @property
    def remaining_seconds(self) -> float | None:
        """The seconds that the rest will take, or None if unknown."""
        if self.progress is None or not self.progress.total or self.progress.step != FETCHING:
            return None
        return self.pace.seconds(self.progress.total - self.progress.done)

    @property
    def status(self) -> str:
        """The status line, such as `4.6 GB loaded, 38 MB/s, about 2 min left`."""
        if self.job.is_stopping:
            return "Stopping"
        if self.job.state is JobState.WAITING:
            return "Waiting for its turn"
        if self.progress is None or not self.progress.total:
            return "Connecting"
        if self.progress.step != FETCHING:
            return "Checking what has arrived"
        parts = [f"{size(self.progress.done)} loaded"]
        if (rate := self.pace.bytes_per_second) is not None:
            parts.append(f"{size(rate)}/s" if rate >= 1 else "nothing arrives")
        if (seconds := self.remaining_seconds) is not None:
            parts.append(remaining(seconds))
        return ", ".join(parts)


class ModelDownloads(QObject):
    """Starts, pauses and follows downloads, and adopts those that went on while Tacit was locked."""

    changed = Signal(str)  # the id of a model that must be redrawn
    ended = Signal(str)  # the id of a model whose download is done, failed or cancelled
    network_changed = Signal()  # the network may have been opened or closed, or stay open for another time than before

    def __init__(
        self, tacit: "Application", pull: Callable[[str], Job[Any]], bridge: "Bridge", parent: QObject
    ) -> None:
        super().__init__(parent)
        self._tacit, self._pull, self._bridge = tacit, pull, bridge
        self._downloads: dict[str, ModelDownload] = {}
        self._paused: set[str] = set()  # may still be ending
        self.errors: dict[str, Exception] = {}
        bridge.job_changed.connect(self._on_job_changed)
        self._timer = QTimer(self)
        self._timer.setInterval(_POLL_INTERVAL)
        self._timer.timeout.connect(self._adopt_downloads)
        self._timer.start()

    def download_of(self, model: str) -> ModelDownload | None:
        """The download of a model, if there is one."""
        return self._downloads.get(model)

    def pull(self, model: str) -> None:
        """Start or resume the download of a model."""
        if model in self._downloads:
            return
        self.errors.pop(model, None)
        self._paused.discard(model)
        self._bridge.run_in_thread(self._tacit.listing.keep_choice, lambda _: None)
        self._downloads[model] = ModelDownload(self._pull(model))
        self.changed.emit(model)
        self.network_changed.emit()

    def pause(self, model: str) -> None:
        """Pause a download; what has arrived is kept."""
        if (fetch := self._downloads.get(model)) is not None:
            fetch.job.cancel()
            self._paused.add(model)
            self.changed.emit(model)

    def add_models(
        self,
        paths: Sequence[Path],
        then: Callable[[list["Model"]], None],
        failed: Callable[[Exception], None],
    ) -> "JobRequest[list[Model]]":
        """Add models from files, folders or packs on this disk."""

        def work(context: Any) -> "list[Model]":
            self._tacit.listing.keep_choice()
            return [model for path in paths for model in self._tacit.installing.add(path, context)]

        return self._bridge.run_job(work, then, failed, lane=Lane.BACKGROUND, title="Adding a model")

    @property
    def is_network_open(self) -> bool:
        """Whether the one process that may connect is running."""
        is_running = any(fetch.job.state is JobState.RUNNING for fetch in self._downloads.values())
        return is_running or bool(self._tacit.models.download_client.active_downloads())

    @property
    def remaining_seconds(self) -> float | None:
        """The seconds until the running downloads are done, or None if unknown."""
        times = [fetch.remaining_seconds for fetch in self._downloads.values() if fetch.job.state is JobState.RUNNING]
        known = [seconds for seconds in times if seconds is not None]
        return max(known) if known and len(known) == len(self._downloads) else None

    def _adopt_downloads(self) -> None:
        """Adopt downloads that nobody follows: they were requested before the window was locked."""
        under_way = self._tacit.models.download_client.active_downloads()
        self._paused &= under_way | self._downloads.keys()
        for model in under_way - self._downloads.keys() - self._paused:
            self.pull(model)
        self.network_changed.emit()

    def _on_job_changed(self, job: Job[Any], events: list[object]) -> None:
        fetch = self._downloads.get(job.subject)
        if fetch is None or fetch.job is not job:
            return
        for event in events:
            if isinstance(event, Progress):
                fetch.take(event)
        is_new_state = any(isinstance(event, JobState) for event in events)
        if is_new_state and job.state in (JobState.DONE, JobState.FAILED, JobState.CANCELLED):
            del self._downloads[job.subject]
            if job.error is not None:
                self.errors[job.subject] = job.error
            self.ended.emit(job.subject)
        if is_new_state:
            self.network_changed.emit()
        self.changed.emit(job.subject)
