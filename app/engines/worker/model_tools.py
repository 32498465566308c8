"""Tools for model files, run in the models worker: memory plan, inspection, conversion, memory bandwidth."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

from app.core.errors import ModelDamaged
from app.core.fit import Need
from app.core.inspection import Bandwidth, Inspection
from app.engines import protocol
from app.engines.model_files import inspection, memory_plan, quantize
from app.engines.sandbox import resource_limits
from app.engines.worker.channel import Channel

_TIMEOUT = 8.0  # seconds for reading one file's header
_TRIAL_TIMEOUT = 30.0  # seconds for loading a voice print model and trying it
_BYTES_READ = 256 * 1024 * 1024  # bytes read to measure memory bandwidth: more than any cache holds
_ROUNDS = 3


class ModelTools:
    """The models worker's engine: only here are untrusted model files inspected and converted."""

    def __init__(self) -> None:
        self._log: memory_plan.LlamaLog | None = None

    def answer(self, request: protocol.Request, channel: Channel) -> Iterator[protocol.Value]:
        """Plan the memory of a model, inspect or convert it, or measure this computer's memory bandwidth."""
        if isinstance(request, protocol.WeighModel):
            with resource_limits.deadline(_TIMEOUT):
                yield self._need(request)
        elif isinstance(request, protocol.InspectModel):
            path = Path(request.path)
            with resource_limits.deadline(_TRIAL_TIMEOUT if path.suffix.casefold() == ".onnx" else _TIMEOUT):
                yield _inspection(path)
        elif isinstance(request, protocol.PlanQuantised):
            with resource_limits.deadline(_TIMEOUT):
                yield quantize.plan(request.path, request.type_name, request.threads, self._llama_log())
        elif isinstance(request, protocol.WriteQuantised):
            arguments = (request.path, request.target, request.type_name, request.threads)
            yield from quantize.write(*arguments, self._llama_log(), channel.checkpoint)
        elif isinstance(request, protocol.MeasureMemory):
            yield Bandwidth(_bytes_per_second(request.threads))
        else:
            raise protocol.WireError("not for this worker")

    def _llama_log(self) -> memory_plan.LlamaLog:
        if self._log is None:
            self._log = memory_plan.LlamaLog()
            memory_plan.record_baseline()
        return self._log

    def _need(self, request: protocol.WeighModel) -> Need:
        log = self._llama_log()
        if request.facts is None:
            try:
                return memory_plan.need_of_file(request.path, request.profile, log)[0]
            except OSError as error:  # a shard is missing
                raise ModelDamaged from error
        return memory_plan.need_of_facts(request.facts, request.size, request.profile, log)


def _inspection(path: Path) -> Inspection:
    if path.is_dir():
        return inspection.inspect_whisper(path)
    if path.suffix.casefold() == ".onnx":
        from app.engines.model_files import onnx_inspection

        return onnx_inspection.inspect_onnx(path)
    return inspection.inspect_gguf(path)


def _bytes_per_second(threads: int) -> float:
    """The memory bandwidth that so many threads reach together by summing an array: the best of three rounds."""
    import numpy as np

    block = np.ones(_BYTES_READ // 8, np.float64)
    parts = np.array_split(block, threads)
    best = 0.0
    for _ in range(_ROUNDS):
        workers = [threading.Thread(target=np.sum, args=(part,)) for part in parts]
        began = time.monotonic()
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        best = max(best, _BYTES_READ / (time.monotonic() - began))
    return best
