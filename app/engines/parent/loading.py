"""Loading a model in a worker, and what is noted of a model whose worker dies."""

from typing import NoReturn, Protocol

from app.core.errors import AssistantError, EngineCrashed, ModelDamaged, ModelStalls
from app.core.model import Model
from app.engines import protocol
from app.engines.parent.model_tools import check_links
from app.engines.parent.process import Worker

IDLE = 300.0  # seconds without a request after which an engine's process is stopped to free its memory


class EngineMonitor(Protocol):
    """What engines need from their parent: free memory, messages to the user, and a count of crashes per model."""

    def free_bytes(self) -> int:
        """Memory that is free now, in bytes; 0 if unknown."""

    def notify(self, sentence: str) -> None:
        """Show the user a sentence about what changed."""

    def record_crash(self, model: Model) -> None:
        """Count a crash of a worker that used this model."""

    def record_success(self, model: Model) -> None:
        """Note that a worker finished its work with this model."""


class NoMonitor(EngineMonitor):
    """A parent that knows nothing and records nothing."""

    def free_bytes(self) -> int:
        """Unknown."""
        return 0

    def notify(self, sentence: str) -> None:
        """Do nothing."""

    def record_crash(self, model: Model) -> None:
        """Do nothing."""

    def record_success(self, model: Model) -> None:
        """Do nothing."""


def load_model(worker: Worker, request: protocol.LoadModel, model: Model, care: EngineMonitor) -> list[protocol.Value]:
    """Load a model; if the worker dies meanwhile, the file is damaged, unless it was killed from outside."""
    check_links(model.path)
    try:
        return list(worker.call(request))
    except EngineCrashed as error:
        count_crash(worker, model, care)
        if worker.was_killed:  # not the file's fault: loading can be retried
            raise
        raise ModelDamaged from error
    except ModelStalls:
        count_crash(worker, model, care)
        raise


def raise_for_model(
    error: AssistantError, worker: Worker, model: Model, care: EngineMonitor, *, has_worked: bool
) -> NoReturn:
    """Count the death of a worker against its model, and raise what it means.

    Raises:
        ModelDamaged: the engine never worked with this model.
        AssistantError: the error itself, if it did.
    """
    count_crash(worker, model, care)
    if (damage := model_damage(error, worker, has_worked=has_worked)) is None:
        raise error
    raise damage from error


def model_damage(error: AssistantError, worker: Worker, *, has_worked: bool) -> ModelDamaged | None:
    """The model's damage, if this engine never worked with it: a restarted worker would crash again."""
    if has_worked or worker.was_killed or worker.is_closed or not isinstance(error, EngineCrashed):
        return None
    advice = "Your calls are safe; copy the model's file again, or choose another with «tacit models use»."
    return ModelDamaged("The engine can't work with this model's file.", advice)


def count_crash(worker: Worker, model: Model, care: EngineMonitor) -> None:
    """Count the death of a worker that used this model, unless it was killed or closed from outside."""
    if not worker.was_killed and not worker.is_closed and worker.pid is None:
        care.record_crash(model)
