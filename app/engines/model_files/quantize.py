"""Writing a language model in another type by llama.cpp's own quantiser, inside a worker."""

import queue
import re
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from app.core.errors import EngineOutOfMemory, ModelDamaged
from app.core.inspection import QUANTISED, Planned
from app.core.job import Progress
from app.engines.model_files.memory_plan import Sayings

_STEP = re.compile(r"^\[\s*(\d+)\s*/\s*(\d+)\]")
_PLANNED = re.compile(r"quant size\s*=\s*([\d.]+) MiB")
_LOOK = 0.2  # seconds between two looks at how far it is
_MOST_ROWS = 512 * 1024 * 1024  # bytes of a tensor held at once


def planned(source: str, type_name: str, threads: int, sayings: Sayings) -> Planned:
    """The size that the file will have; nothing is written.

    Raises:
        ModelDamaged: llama.cpp can't read the model, or not write it so.
    """
    sayings.forget()
    _quantise(source, "/dev/null", type_name, threads, is_dry=True, sayings=sayings)
    found = _PLANNED.search("".join(sayings.lines))
    if found is None:
        raise ModelDamaged
    return Planned(int(float(found[1]) * 1024 * 1024))


def written(
    source: str, target: str, type_name: str, threads: int, sayings: Sayings, checkpoint: Callable[[], None]
) -> Iterator[Progress | Planned]:
    """Write the model to `target`; the last value is what was planned for it; `checkpoint` may raise to end it."""
    sayings.forget()
    ended: queue.Queue[BaseException | None] = queue.Queue()

    def work() -> None:
        try:
            _quantise(source, target, type_name, threads, is_dry=False, sayings=sayings)
            ended.put(None)
        except BaseException as error:  # noqa: BLE001 - handed on below
            ended.put(error)

    threading.Thread(target=work, name="quantiser", daemon=True).start()
    seen = 0
    while ended.empty():
        time.sleep(_LOOK)
        checkpoint()
        lines, seen = sayings.lines[seen:], len(sayings.lines)
        steps = [found for said in lines if (found := _STEP.match(said))]
        if steps:
            yield Progress("Quantizing", float(steps[-1][1]), float(steps[-1][2]), "tensors")
    failure = ended.get()
    if failure is not None:
        raise failure
    found = _PLANNED.search("".join(sayings.lines))
    yield Planned(int(float(found[1]) * 1024 * 1024) if found else 0)


def _quantise(source: str, target: str, type_name: str, threads: int, *, is_dry: bool, sayings: Sayings) -> None:
    import ctypes

    import llama_cpp

    llama_cpp.llama_backend_init()
    settings: Any = llama_cpp.llama_model_quantize_default_params()
    settings.nthread, settings.ftype, settings.dry_run = threads, QUANTISED[type_name], is_dry
    settings.allow_requantize, settings.max_buf_size = True, _MOST_ROWS
    if llama_cpp.llama_model_quantize(source.encode(), target.encode(), ctypes.byref(settings)):
        raise EngineOutOfMemory if sayings.means_no_memory() else ModelDamaged
