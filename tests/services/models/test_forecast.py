"""What to take on machines of several sizes."""

from pathlib import Path

import pytest

from app.catalog.catalogue import RAM_TIERS_GB, catalog
from app.core.fit import Verdict
from app.core.model import ModelKind
from app.engines.parent.engines import LocalEngines
from app.services.hardware import memory_and_cores
from app.services.models.benchmark import Benchmark
from app.services.models.forecast import Choice, Forecasting
from app.services.models.selection import ModelSelection
from app.services.settings import SettingsFile

GB = 10**9


def recommended(
    folder: Path, monkeypatch: pytest.MonkeyPatch, total: float, free: float, fast: float, cores: int = 4
) -> list[Choice]:
    """What is recommended on a machine of so many gigabytes whose memory reads so many gigabytes a second."""
    monkeypatch.setattr(memory_and_cores, "total_bytes", lambda: int(total * GB))
    monkeypatch.setattr(memory_and_cores, "free_bytes", lambda: int(free * GB))
    monkeypatch.setattr(memory_and_cores, "performance_cores", lambda: cores)
    monkeypatch.setattr(Benchmark, "bytes_per_second", lambda _: fast * GB)

    def engines() -> LocalEngines:
        return LocalEngines(2, 8192)

    models = ModelSelection(folder / "models", SettingsFile(folder / "settings.json"))
    return Forecasting(models, engines, Benchmark(folder / "measured.json", engines)).recommend()


def ids(choices: list[Choice]) -> list[str]:
    return [choice.entry.id for choice in choices]


@pytest.mark.parametrize("tier", RAM_TIERS_GB)
def test_a_usual_computer_is_recommended_what_the_catalogue_proposes_for_its_memory(
    tier: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    total = tier / 1.024  # a little of what was bought is the firmware's
    found = recommended(tmp_path, monkeypatch, total, total * 0.75, fast=60, cores=8)
    assert [c.entry.kind for c in found] == [ModelKind.LANGUAGE, ModelKind.SPEECH]
    assert [[entry.id for entry in catalog().defaults(c.entry.kind, tier)] for c in found] == [[i] for i in ids(found)]
    language = found[0].fit
    assert language is not None
    assert language.verdict is not Verdict.NOT
    assert language.minutes >= 20
    assert all(c.entry.is_confirmed for c in found)


def test_what_is_recommended_does_not_follow_what_happens_to_be_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    quiet, busy, full = (recommended(tmp_path, monkeypatch, 8, free, 60) for free in (7.0, 5.9, 0.4))
    assert ids(quiet) == ids(busy) == ids(full)
    fits = [choices[0].fit for choices in (quiet, busy, full)]
    assert [fit.verdict for fit in fits if fit] == [Verdict.WELL, Verdict.TIGHT, Verdict.NOT]
    assert "runs well: " in quiet[0].reason
    assert "close other programs" in full[0].reason


def test_a_slow_machine_takes_what_can_be_read_along(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    still, slow, quick = (recommended(tmp_path, monkeypatch, 16, 12, speed)[0] for speed in (1, 9, 90))
    assert slow.fit is not None
    assert slow.fit.tokens_per_second >= 4
    assert still.entry.size < slow.entry.size < quick.entry.size


def test_few_cores_take_a_smaller_speech_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = [recommended(tmp_path, monkeypatch, 32, 24, 60, cores)[-1].entry.size for cores in (1, 2, 8)]
    assert sizes == sorted(set(sizes))


def test_nothing_is_recommended_where_nothing_fits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert recommended(tmp_path, monkeypatch, 0.7, 0.6, 60) == []
