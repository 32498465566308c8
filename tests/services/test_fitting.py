"""What to take on machines of several sizes."""

from pathlib import Path

import pytest

from app.core.fit import Verdict
from app.core.model import ModelKind
from app.engines.remote import LocalEngines
from app.services import machine
from app.services.fitting import Choice, Fitting
from app.services.measuring import Measuring
from app.services.provisioning import Provisioning
from app.services.settings import SettingsKeeper

GB = 10**9


def recommended(folder: Path, monkeypatch: pytest.MonkeyPatch, total: float, free: float, fast: float) -> list[Choice]:
    """What is recommended on a machine of so many gigabytes whose memory reads so many gigabytes a second."""
    monkeypatch.setattr(machine, "total_bytes", lambda: int(total * GB))
    monkeypatch.setattr(machine, "free_bytes", lambda: int(free * GB))
    monkeypatch.setattr(machine, "performance_cores", lambda: 4)
    monkeypatch.setattr(Measuring, "bytes_per_second", lambda _: fast * GB)

    def engines() -> LocalEngines:
        return LocalEngines(2, 8192)

    models = Provisioning(folder / "models", SettingsKeeper(folder / "settings.json"))
    return Fitting(models, engines, Measuring(folder / "measured.json", engines)).recommend()


def test_a_larger_machine_takes_larger_models_and_all_fit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = []
    for total, free in ((4, 2.9), (8, 5.5), (16, 12), (32, 27)):
        choices = recommended(tmp_path, monkeypatch, total, free, 60)
        assert [c.entry.kind for c in choices] == [ModelKind.LANGUAGE, ModelKind.SPEECH], total
        language = choices[0]
        assert language.fit is not None
        assert language.fit.verdict is not Verdict.NOT
        assert language.fit.total <= free * GB
        assert all(c.entry.is_confirmed and c.entry.ram_tier_gb <= total for c in choices)
        sizes.append(language.entry.size)
    assert sizes == sorted(sizes)
    assert sizes[0] < sizes[-1]


def test_a_slow_machine_takes_what_can_be_read_along(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slow, quick = (recommended(tmp_path, monkeypatch, 16, 12, speed)[0] for speed in (9, 90))
    assert slow.fit is not None
    assert slow.fit.tokens_per_second >= 4
    assert slow.entry.size < quick.entry.size


def test_nothing_is_recommended_where_nothing_fits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [c for c in recommended(tmp_path, monkeypatch, 4, 0.2, 60) if c.entry.kind is ModelKind.LANGUAGE] == []
