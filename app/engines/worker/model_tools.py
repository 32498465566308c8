"""Looking at models without using them, inside a worker of their own: weighing, inspecting, writing anew."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

from app.core.errors import ModelDamaged
from app.core.fit import Need
from app.core.inspection import Bandwidth
from app.engines import protocol
from app.engines.model_files import inspection, memory_plan, quantize
from app.engines.sandbox import resource_limits
from app.engines.worker.channel import Channel

_PATIENCE = 8.0  # seconds for one look at a file
_READ = 256 * 1024 * 1024  # bytes that are read to see how fast memory is: more than any cache holds
_ROUNDS = 3


class Looking:
    """The worker that looks at models: nothing of a stranger's file is parsed anywhere else."""

    def __init__(self) -> None:
        self._kept: memory_plan.Sayings | None = None

    def answer(self, request: protocol.Request, channel: Channel) -> Iterator[protocol.Value]:
        """Weigh, inspect or write a model, or measure this computer's memory."""
        if isinstance(request, protocol.WeighModel):
            with resource_limits.deadline(_PATIENCE):
                yield self._weighed(request)
        elif isinstance(request, protocol.InspectModel):
            path = Path(request.path)
            with resource_limits.deadline(_PATIENCE):
                yield inspection.of_whisper(path) if path.is_dir() else inspection.of_gguf(path)
        elif isinstance(request, protocol.PlanQuantised):
            with resource_limits.deadline(_PATIENCE):
                yield quantize.planned(request.path, request.type_name, request.threads, self._sayings())
        elif isinstance(request, protocol.WriteQuantised):
            what = (request.path, request.target, request.type_name, request.threads)
            yield from quantize.written(*what, self._sayings(), channel.checkpoint)
        elif isinstance(request, protocol.MeasureMemory):
            yield Bandwidth(_bytes_per_second(request.threads))
        else:
            raise protocol.WireError("not for this worker")

    def _sayings(self) -> memory_plan.Sayings:
        if self._kept is None:
            self._kept = memory_plan.Sayings()
            memory_plan.remember_fresh()
        return self._kept

    def _weighed(self, request: protocol.WeighModel) -> Need:
        sayings = self._sayings()
        if request.facts is None:
            try:
                return memory_plan.of_file(request.path, request.profile, sayings)[0]
            except OSError as error:  # a piece is missing
                raise ModelDamaged from error
        return memory_plan.of_facts(request.facts, request.size, request.profile, sayings)


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
