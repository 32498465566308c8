"""Looking at models without using them, inside a worker of their own."""

from collections.abc import Iterator

from app.core.fit import Need
from app.engines import limits, weighing, wire
from app.engines.worker import Line

_PATIENCE = 8.0  # seconds for one look at a file


class Looking:
    """The worker that weighs models: nothing of a stranger's file is parsed anywhere else."""

    def __init__(self) -> None:
        self._sayings: weighing.Sayings | None = None

    def answer(self, request: wire.Request, line: Line) -> Iterator[wire.Value]:
        """Weigh a model."""
        if isinstance(request, wire.WeighModel):
            with limits.deadline(_PATIENCE):
                yield self._weighed(request)
        else:
            raise wire.WireError("not for this worker")

    def _weighed(self, request: wire.WeighModel) -> Need:
        if self._sayings is None:
            self._sayings = weighing.Sayings()
            weighing.remember_fresh()
        if request.facts is None:
            return weighing.of_file(request.path, request.profile, self._sayings)[0]
        return weighing.of_facts(request.facts, request.size, request.profile, self._sayings)
