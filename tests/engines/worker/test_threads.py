"""What engines compute on: as many threads as there are fast cores, and no card that this build can't drive."""

from pathlib import Path

import psutil
import pytest

from app import assembly
from app.core.engines import Prompt
from app.core.model import ModelKind
from app.engines.parent.engines import RemoteLanguage
from app.services.hardware import memory_and_cores
from tests.conftest import ALWAYS_A_CHOICE, demo_model


def threads_at_work(threads: int) -> int:
    engine = RemoteLanguage(demo_model(ModelKind.LANGUAGE), threads, 1024)
    try:
        values = engine.generate(Prompt((("user", "hello"),)), ALWAYS_A_CHOICE, 200)
        next(values)
        found = int(psutil.Process(engine.worker.pid).num_threads())
        list(values)
        return found
    finally:
        engine.close()


def test_a_worker_computes_on_the_threads_that_it_is_given() -> None:
    assert threads_at_work(4) - threads_at_work(1) == 3


def test_threads_are_the_fast_cores_unless_a_person_says_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setattr(memory_and_cores, "performance_cores", lambda: 3)
    tacit = assembly.build(tmp_path / "vault", tmp_path / "models", is_offline_enforced=False)
    given = [vars(tacit.benchmark._engines())["_threads"]]
    tacit.settings.change(threads=2)
    given.append(vars(tacit.benchmark._engines())["_threads"])
    assert given == [3, 2]


def test_this_build_drives_no_graphics_card() -> None:
    """Layers are kept on the processor. A build that could drive a card needs a try in a process of its own first."""
    import llama_cpp

    assert not llama_cpp.llama_supports_gpu_offload()
