"""The downloads of models and what is brought from this disk: how far each is, and which ended badly."""

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from app.core.download import FETCHING
from app.core.job import Job, Progress, State
from app.ui.style.phrases import remaining, size

if TYPE_CHECKING:
    from app.core.model import Model
    from app.services.application import Tacit
    from app.services.session import Session
    from app.ui.runtime.bridge import Bridge

_WINDOW = 8.0  # seconds over which a speed is measured: a line that stalls shows it, one slow block does not
_LOOK = 1000  # milliseconds between two looks at the door


class Pace:
    """Bytes a second of late, and seconds until the rest is here."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seen: deque[tuple[float, float]] = deque()

    def take(self, done: float) -> None:
        """Note how many bytes are here now; going back, as for another step, begins anew."""
        now = self._clock()
        if self._seen and done < self._seen[-1][1]:
            self._seen.clear()
        self._seen.append((now, done))
        while now - self._seen[0][0] > _WINDOW:
            self._seen.popleft()

    @property
    def bytes_per_second(self) -> float | None:
        """None in the first second."""
        if not self._seen:
            return None
        (began, first), (now, last) = self._seen[0], self._seen[-1]
        return (last - first) / (now - began) if now - began >= 1.0 else None

    def seconds(self, left: float) -> float | None:
        """How long so many bytes will take, if that is known."""
        speed = self.bytes_per_second
        return left / speed if speed else None


@dataclass(eq=False)
class Fetch:
    """One download that waits or runs."""

    job: Job[Any]
    progress: Progress | None = None
    pace: Pace = field(default_factory=Pace)

    def take(self, progress: Progress) -> None:
        """Keep the newest progress."""
        if progress.total and progress.step == FETCHING:
            self.pace.take(progress.done)
        self.progress = progress

    @property
    def seconds(self) -> float | None:
        """How long the rest will take, if that is known."""
        if self.progress is None or not self.progress.total or self.progress.step != FETCHING:
            return None
        return self.pace.seconds(self.progress.total - self.progress.done)

    @property
    def words(self) -> str:
        """`4.6 GB loaded, 38 MB/s, about 2 min left`."""
        if self.job.is_stopping:
            return "Stopping"
        if self.job.state is State.WAITING:
            return "Waiting for its turn"
        if self.progress is None or not self.progress.total:
            return "Connecting"
        if self.progress.step != FETCHING:
            return "Checking what has arrived"
        parts = [f"{size(self.progress.done)} loaded"]
        if (speed := self.pace.bytes_per_second) is not None:
            parts.append(f"{size(speed)}/s" if speed >= 1 else "nothing arrives")
        if (seconds := self.seconds) is not None:
            parts.append(remaining(seconds))
        return ", ".join(parts)


class ModelWork(QObject):
    """Starts, pauses and follows downloads; joins in those that went on while Tacit was locked.

    `changed` brings a model's id when it is to be shown anew; `ended` one that is here now, or gone wrong;
    `door_moved` says that the network may be open for another time than before, or closed.
    """

    changed = Signal(str)
    ended = Signal(str)
    door_moved = Signal()

    def __init__(self, tacit: "Tacit", session: "Session", bridge: "Bridge", parent: QObject) -> None:
        super().__init__(parent)
        self._tacit, self._session, self._bridge = tacit, session, bridge
        self._fetches: dict[str, Fetch] = {}
        self._left: set[str] = set()  # paused, and perhaps still ending
        self.errors: dict[str, Exception] = {}
        bridge.job_changed.connect(self._take)
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK)
        self._timer.timeout.connect(self._look)
        self._timer.start()

    def of(self, model: str) -> Fetch | None:
        """The download of a model."""
        return self._fetches.get(model)

    def pull(self, model: str) -> None:
        """Download a model, or go on with it."""
        if model in self._fetches:
            return
        self.errors.pop(model, None)
        self._left.discard(model)
        self._bridge.apart(self._tacit.offering.keep_choice, lambda _: None)
        self._fetches[model] = Fetch(self._session.pull(model))
        self.changed.emit(model)
        self.door_moved.emit()

    def pause(self, model: str) -> None:
        """Stop a download; what has arrived is kept."""
        if (fetch := self._fetches.get(model)) is not None:
            fetch.job.cancel()
            self._left.add(model)
            self.changed.emit(model)

    def bring(
        self,
        paths: Sequence[Path],
        then: Callable[[list["Model"]], None],
        failed: Callable[[Exception], None],
        *,
        cancelled: Callable[[], None],
        event: Callable[[object], None],
    ) -> "Job[list[Model]]":
        """Take in files, folders or packs from this disk."""

        def work(context: Any) -> "list[Model]":
            self._tacit.offering.keep_choice()
            return [model for path in paths for model in self._tacit.bringing.add(path, context)]

        return self._bridge.ask(
            work, then, failed, cancelled=cancelled, event=event, lane="keeping", title="Adding a model"
        )

    @property
    def is_door_open(self) -> bool:
        """Whether the one process that may connect is there."""
        is_running = any(fetch.job.state is State.RUNNING for fetch in self._fetches.values())
        return is_running or bool(self._tacit.models.door.under_way())

    @property
    def seconds(self) -> float | None:
        """How long the door stays open, if that is known."""
        found = [fetch.seconds for fetch in self._fetches.values() if fetch.job.state is State.RUNNING]
        known = [seconds for seconds in found if seconds is not None]
        return max(known) if known and len(known) == len(self._fetches) else None

    def _look(self) -> None:
        """Join in what is under way for nobody: it was asked for before the window locked."""
        under_way = self._tacit.models.door.under_way()
        self._left &= under_way | self._fetches.keys()
        for model in under_way - self._fetches.keys() - self._left:
            self.pull(model)
        self.door_moved.emit()

    def _take(self, job: Job[Any], events: list[object]) -> None:
        fetch = self._fetches.get(job.subject)
        if fetch is None or fetch.job is not job:
            return
        for event in events:
            if isinstance(event, Progress):
                fetch.take(event)
        has_turned = any(isinstance(event, State) for event in events)
        if has_turned and job.state in (State.DONE, State.FAILED, State.CANCELLED):
            del self._fetches[job.subject]
            if job.error is not None:
                self.errors[job.subject] = job.error
            self.ended.emit(job.subject)
        if has_turned:
            self.door_moved.emit()
        self.changed.emit(job.subject)
