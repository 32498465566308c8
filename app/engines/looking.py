"""Looking at models without using them, inside a worker of their own: weighing, inspecting, writing anew."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

from app.core.errors import ModelDamaged
from app.core.fit import Need
from app.core.inspection import Bandwidth
from app.engines import inspecting, limits, quantising, weighing, wire
from app.engines.worker import Line

_PATIENCE = 8.0  # seconds for one look at a file
_READ = 256 * 1024 * 1024  # bytes that are read to see how fast memory is: more than any cache holds
_ROUNDS = 3


class Looking:
    """The worker that looks at models: nothing of a stranger's file is parsed anywhere else."""

    def __init__(self) -> None:
        self._kept: weighing.Sayings | None = None

    def answer(self, request: wire.Request, line: Line) -> Iterator[wire.Value]:
        """Weigh, inspect or write a model, or measure this computer's memory."""
        if isinstance(request, wire.WeighModel):
            with limits.deadline(_PATIENCE):
                yield self._weighed(request)
        elif isinstance(request, wire.InspectModel):
            path = Path(request.path)
            with limits.deadline(_PATIENCE):
                yield inspecting.of_whisper(path) if path.is_dir() else inspecting.of_gguf(path)
        elif isinstance(request, wire.PlanQuantised):
            with limits.deadline(_PATIENCE):
                yield quantising.planned(request.path, request.type_name, request.threads, self._sayings())
        elif isinstance(request, wire.WriteQuantised):
            what = (request.path, request.target, request.type_name, request.threads)
            yield from quantising.written(*what, self._sayings(), line)
        elif isinstance(request, wire.MeasureMemory):
            yield Bandwidth(_bytes_per_second(request.threads))
        else:
            raise wire.WireError("not for this worker")

    def _sayings(self) -> weighing.Sayings:
        if self._kept is None:
            self._kept = weighing.Sayings()
            weighing.remember_fresh()
        return self._kept

    def _weighed(self, request: wire.WeighModel) -> Need:
        sayings = self._sayings()
        if request.facts is None:
            try:
                return weighing.of_file(request.path, request.profile, sayings)[0]
            except OSError as error:  # a piece is missing
                raise ModelDamaged from error
        return weighing.of_facts(request.facts, request.size, request.profile, sayings)


def _bytes_per_second(threads: int) -> float:
    """How fast so many threads together read memory by plain sums; the best of some rounds."""
    import numpy as np

    block = np.ones(_READ // 8, np.float64)
    parts = np.array_split(block, threads)
    best = 0.0
    for _ in range(_ROUNDS):
        workers = [threading.Thread(target=np.sum, args=(part,)) for part in parts]
        began = time.monotonic()
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        best = max(best, _READ / (time.monotonic() - began))
    return best
