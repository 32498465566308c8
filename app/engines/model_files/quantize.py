"""Converting a language model to another type with llama.cpp's quantizer, inside a worker."""

import queue
import re
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from app.core.errors import EngineOutOfMemory, ModelDamaged
from app.core.inspection import QUANTISED, Planned
from app.core.job import Progress
from app.engines.model_files.llama_library import begun_library
from app.engines.model_files.memory_plan import LlamaLog

_STEP = re.compile(r"^\[\s*(\d+)\s*/\s*(\d+)\]")
_PLANNED = re.compile(r"quant size\s*=\s*([\d.]+) MiB")
_POLL_INTERVAL = 0.2  # seconds between two progress checks
_MOST_TENSOR_BYTES = 512 * 1024 * 1024  # bytes of a tensor in memory at a time


def plan(source: str, type_name: str, threads: int, log: LlamaLog) -> Planned:
    """Compute the size that the file would have, without writing it.

    Raises:
        ModelDamaged: llama.cpp can't read the model, or can't convert it to this type.
    """
    log.clear()
    _quantise(source, "/dev/null", type_name, threads, is_dry=True, log=log)
    found = _PLANNED.search("".join(log.lines))
    if found is None:
        raise ModelDamaged
    return Planned(int(float(found[1]) * 1024 * 1024))


def write(
    source: str, target: str, type_name: str, threads: int, log: LlamaLog, checkpoint: Callable[[], None]
) -> Iterator[Progress | Planned]:
    """Write the model to `target`; the last value is the planned size. `checkpoint` may raise to stop."""
    log.clear()
    ended: queue.Queue[BaseException | None] = queue.Queue()

    def work() -> None:
        try:
            _quantise(source, target, type_name, threads, is_dry=False, log=log)
            ended.put(None)
        except BaseException as error:  # noqa: BLE001 - raised below
            ended.put(error)

    threading.Thread(target=work, name="quantiser", daemon=True).start()
    seen = 0
    while ended.empty():
        time.sleep(_POLL_INTERVAL)
        checkpoint()
        lines, seen = log.lines[seen:], len(log.lines)
        steps = [found for line in lines if (found := _STEP.match(line))]
        if steps:
            yield Progress("Quantizing", float(steps[-1][1]), float(steps[-1][2]), "tensors")
    failure = ended.get()
    if failure is not None:
        raise failure
    found = _PLANNED.search("".join(log.lines))
    yield Planned(int(float(found[1]) * 1024 * 1024) if found else 0)


def _quantise(source: str, target: str, type_name: str, threads: int, *, is_dry: bool, log: LlamaLog) -> None:
    import ctypes

    llama_cpp = begun_library()
    settings: Any = llama_cpp.llama_model_quantize_default_params()
    settings.nthread, settings.ftype, settings.dry_run = threads, QUANTISED[type_name], is_dry
    settings.allow_requantize, settings.max_buf_size = True, _MOST_TENSOR_BYTES
    if llama_cpp.llama_model_quantize(source.encode(), target.encode(), ctypes.byref(settings)):
        raise EngineOutOfMemory if log.shows_out_of_memory() else ModelDamaged
