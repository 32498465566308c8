"""The engine for model files, run in a worker process."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import TypeVar

from app.core.engines import ModelEngine
from app.core.errors import EngineCrashed, ModelDamaged
from app.core.fit import HeaderFacts, Need, Profile
from app.core.inspection import Bandwidth, Inspection, Planned
from app.core.job import Progress
from app.engines import protocol
from app.engines.parent.process import Worker
from app.engines.sandbox.file_rules import leads_elsewhere, model_file_paths

T = TypeVar("T")
_IDLE = 60.0  # seconds


def check_links(path: Path) -> None:
    """Check that no file of a model is a link that its worker would not be given.

    Raises:
        ModelDamaged: one is.
    """
    if leads_elsewhere(path):
        advice = "Your calls are safe; put the model's files themselves into its folder."
        raise ModelDamaged("A file of this model is a link that leads out of it, which is not followed.", advice)


class RemoteModelTools(ModelEngine):
    """A `ModelEngine` that runs in the models worker; a file that crashes the worker counts as damaged."""

    def __init__(self, threads: int, reads: Sequence[Path] = (), writes: Sequence[Path] = ()) -> None:
        self._threads = threads
        files = tuple(file for path in reads for file in model_file_paths(path))
        folders = tuple(str(path.resolve()) for path in writes)
        self.worker = Worker("models", reads=files, writes=folders, idle_seconds=_IDLE)

    def need(self, profile: Profile, path: Path | None = None, facts: HeaderFacts | None = None, size: int = 0) -> Need:
        """See `ModelEngine.need`."""
        return self._call_one(protocol.WeighModel(profile, str(path.resolve()) if path else "", facts, size), Need)

    def inspect(self, path: Path) -> Inspection:
        """See `ModelEngine.inspect`."""
        check_links(path)
        return self._call_one(protocol.InspectModel(str(path.resolve())), Inspection)

    def quantised_size(self, path: Path, type_name: str) -> int:
        """See `ModelEngine.quantised_size`."""
        return self._call_one(protocol.PlanQuantised(str(path.resolve()), type_name, self._threads), Planned).size

    def quantise(self, path: Path, target: Path, type_name: str) -> Iterator[Progress]:
        """See `ModelEngine.quantise`."""
        request = protocol.WriteQuantised(str(path.resolve()), str(target.resolve()), type_name, self._threads)
        with closing(self.worker.call(request)) as values:
            for value in values:
                if isinstance(value, Progress):
                    yield value

    def bytes_per_second(self) -> float:
        """See `ModelEngine.bytes_per_second`."""
        return self.worker.call_one(protocol.MeasureMemory(self._threads), Bandwidth).bytes_per_second

    def close(self) -> None:
        """End the process."""
        self.worker.close()

    def _call_one(self, request: protocol.Request, kind: type[T]) -> T:
        try:
            return self.worker.call_one(request, kind)
        except EngineCrashed as error:
            if self.worker.was_killed or self.worker.is_closed:
                raise
            raise ModelDamaged from error
