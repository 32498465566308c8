"""Doubles of what inspects models, and of what proves the walls."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from app.core.engines import ModelEngine
from app.core.fit import HeaderFacts, Need, Profile
from app.core.inspection import Inspection, Portion
from app.core.job import Progress
from app.core.sandbox_report import Confinement, Layer


class ScriptedModels(ModelEngine):
    """Plans the file's size and 64 bytes per token; every model has one type (`core.engines.ModelEngine`)."""

    def need(self, profile: Profile, path: Path | None = None, facts: HeaderFacts | None = None, size: int = 0) -> Need:
        """See `ModelEngine.need`."""
        weights = path.stat().st_size if path else size
        return Need(weights, 64 * profile.context_tokens, 0, 0, profile.context_tokens)

    def inspect(self, path: Path) -> Inspection:
        """See `ModelEngine.inspect`."""
        whole = Portion("words", "F16", 1, path.stat().st_size)
        return Inspection("scripted", "scripted", path.stem, 2048, 0, "", "", (whole,))

    def quantised_size(self, path: Path, type_name: str) -> int:
        """See `ModelEngine.quantised_size`."""
        return path.stat().st_size

    def quantise(self, path: Path, target: Path, type_name: str) -> Iterator[Progress]:
        """See `ModelEngine.quantise`; this one only copies."""
        target.write_bytes(path.read_bytes())
        yield Progress("Quantizing", 1, 1, "tensors")

    def bytes_per_second(self) -> float:
        """See `ModelEngine.bytes_per_second`."""
        return 10e9

    def close(self) -> None:
        """Nothing to release."""


class ScriptedProver:
    """Returns the standings that it was given (`core.sandbox_report.Prover`)."""

    def __init__(self, standings: Sequence[Confinement] = ()) -> None:
        self._standings = standings

    def own_layers(self) -> tuple[Layer, ...]:
        """See `Prover.here`."""
        return self._standings[0].layers if self._standings else ()

    def confinements(self) -> Iterator[Confinement]:
        """See `Prover.standings`."""
        yield from self._standings
