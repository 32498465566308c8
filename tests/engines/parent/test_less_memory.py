"""Engines that have less memory than they wish, that run out of it, that idle, that end again and again."""

import shutil
import struct
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import psutil
import pytest

from app.core.engines import Prompt
from app.core.errors import ContextOverflow, EngineCrashed, EngineOutOfMemory, ModelDamaged, ModelTooLarge
from app.core.fit import CacheType, Need, Profile
from app.core.model import Model, ModelKind
from app.core.resources import demo_call, demo_models
from app.engines.model_files import gguf
from app.engines.parent import process
from app.engines.parent.engines import LocalEngines, RemoteLanguage, RemoteMedia
from app.engines.parent.loading import NoMonitor
from app.engines.parent.model_tools import RemoteModelTools
from app.services.engine_pool import EnginePool
from app.services.models.crash_count import CrashCount
from app.services.models.selection import ModelSelection
from app.services.settings import SettingsFile
from tests.conftest import ALWAYS_A_CHOICE, Bytes, demo_model
from tests.hostile import damage
from tests.making_models import language

ROOMY = demo_models() / "language.gguf"
PROMPT = Prompt((("user", "hello"),))


class Watched(CrashCount):
    """A crash count that says how much is free, and keeps what it tells."""

    def __init__(self, free: int) -> None:
        super().__init__()
        self._free = free
        self.told: list[str] = []
        self.deaths = 0
        self.observe(self.told.append)

    def free_bytes(self) -> int:
        return self._free

    def record_crash(self, model: Model) -> None:
        self.deaths += 1
        super().record_crash(model)


def need(path: Path, tokens: int, cache: CacheType = CacheType.F16) -> Need:
    looking = RemoteModelTools(2, [path])
    try:
        return looking.need(Profile(tokens, cache), path)
    finally:
        looking.close()


@pytest.fixture(scope="module")
def sizes(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The demo model in sixteen and in four bits: nine and three megabytes."""
    folder = tmp_path_factory.mktemp("sizes")
    looking = RemoteModelTools(2, [ROOMY], [folder])
    try:
        for type_name in ("F16", "Q4_0"):
            list(looking.quantise(ROOMY, folder / f"{type_name}.gguf", type_name))
    finally:
        looking.close()
    return folder / "F16.gguf", folder / "Q4_0.gguf"


def test_a_model_takes_the_first_profile_that_fits_and_the_person_is_told() -> None:
    whole, half = need(ROOMY, 2048).total, need(ROOMY, 1024).total
    assert whole - half > 4_000_000
    care = Watched((whole + half) // 2)
    engine = RemoteLanguage(demo_model(ModelKind.LANGUAGE), 2, 2048, care)
    try:
        facts = engine.facts()
        assert (facts.context_tokens, facts.trained_tokens, facts.cache) == (1024, 2048, CacheType.F16)
        assert list(engine.generate(PROMPT, reply_tokens=4))
        assert len(care.told) == 1
        assert "1,024 tokens" in care.told[0]
    finally:
        engine.close()


def test_a_model_that_fits_with_no_profile_says_so_and_takes_nothing() -> None:
    engine = RemoteLanguage(demo_model(ModelKind.LANGUAGE), 2, 2048, Watched(30_000_000))
    try:
        with pytest.raises(ModelTooLarge):
            engine.facts()
    finally:
        engine.close()


def test_a_smaller_model_stands_in_for_one_that_does_not_fit(tmp_path: Path, sizes: tuple[Path, Path]) -> None:
    models = tmp_path / "models"
    models.mkdir()
    for path, name in zip(sizes, ("big", "small"), strict=True):
        shutil.copy(path, models / f"{name}.gguf")
    least = [min(need(path, 1024, cache).total for cache in CacheType) for path in sizes]
    assert least[0] - least[1] > 5_000_000
    care = Watched(least[1])
    provisioning = ModelSelection(models, SettingsFile(tmp_path / "settings.json"), crash_count=care)
    engine_pool = EnginePool(LocalEngines(2, 2048, care), provisioning)
    try:
        model, engine = engine_pool.language()
        assert model.name == "small"
        assert engine_pool.language()[1] is engine
        assert list(engine.generate(PROMPT, reply_tokens=4))
        assert "big does not fit" in care.told[0]
        assert care.told[0].endswith("small.")
    finally:
        engine_pool.close()


_DYING = """
import sys
from app.core.conversation import StopReason
from app.core.engines import Delta, Generated
from app.core.model import LanguageFacts
from app.engines import protocol
incoming, out = open(0, "rb", buffering=0), protocol.Sender(open(1, "wb"))
protocol.receive(incoming)
out.send(protocol.Hello(protocol.PROTOCOL, True))
while (body := protocol.receive(incoming)) is not None:
    asked = protocol.to_worker.decode(body)
    if isinstance(asked, protocol.LoadModel):
        first = asked.profiles[0]
        if first.context_tokens > 1024:
            print("ggml: failed to allocate a buffer", file=sys.stderr, flush=True)
            sys.exit(1)
        out.send(LanguageFacts("dying", "llama", first.context_tokens, 8192, first.cache))
    elif isinstance(asked, protocol.Generate):
        if len(asked.prompt.messages[0][1]) > 600:
            out.send(protocol.Failed("ContextOverflow"))
            continue
        if "die" in asked.prompt.messages[0][1]:
            out.send(Delta("one"))
            print("GGML_ASSERT(ctx->mem_buffer != NULL) failed", *range(80), sep="\\n", file=sys.stderr, flush=True)
            sys.exit(1)
        out.send(Generated(StopReason.FINISHED, 1, 0, 1, 0.0, 0.0))
    else:
        out.send(protocol.Counts(tuple(len(text) for text in asked.texts)))
    out.send(protocol.Done())
"""


def test_a_worker_that_died_for_memory_is_started_again_with_less(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "worker_command", lambda _: [sys.executable, "-c", _DYING])
    care = Watched(0)
    engine = RemoteLanguage(demo_model(ModelKind.LANGUAGE), 2, 4096, care)
    try:
        assert engine.count(["abc"]) == [3]
        assert engine.facts().context_tokens == 1024
        assert len(care.told) == 1
        assert "instead of 4,096" in care.told[0]
    finally:
        engine.close()


def test_a_question_that_less_does_not_hold_and_a_reply_that_began_are_left_to_be_planned_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(process, "worker_command", lambda _: [sys.executable, "-c", _DYING])
    care = Watched(0)
    engine = RemoteLanguage(demo_model(ModelKind.LANGUAGE), 2, 2048, care)
    try:
        with pytest.raises(EngineOutOfMemory):  # and no ContextOverflow: it held it when it was asked for
            list(engine.generate(Prompt((("user", "x" * 700),))))
        assert list(engine.generate(PROMPT))
        with pytest.raises(ContextOverflow):
            list(engine.generate(Prompt((("user", "x" * 700),))))
        die = Prompt((("user", "die"),))
        with pytest.raises(EngineOutOfMemory):  # it had begun; the next time there is less
            list(engine.generate(die))
        with pytest.raises(ModelTooLarge):
            list(engine.generate(die))
        with pytest.raises(ModelTooLarge):
            engine.facts()
        assert list(engine.generate(PROMPT)), "memory may be free again"
        assert not care.deaths
    finally:
        engine.close()


@pytest.mark.skipif(sys.platform != "linux", reason="the limit is Linux's")
def test_a_worker_with_little_memory_takes_less_or_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """What is free is not what the worker may really take: allocations fail in the middle of loading."""
    hungry = msgspec.structs.replace(language.SHAPES["llama, Q4_0"], blocks=1, embedding=256, vocabulary=2000)
    path = language.make(tmp_path_factory.mktemp("hungry") / "model.gguf", hungry)
    started = process.worker_command
    found = []
    for limit in (700, 380, 240, 60):
        limited = f"import os,resource,sys; resource.setrlimit(resource.RLIMIT_DATA, ({limit} << 20,) * 2); "
        limited += "os.execv(sys.argv[1], sys.argv[1:])"
        monkeypatch.setattr(
            process, "worker_command", lambda name, way=limited: [sys.executable, "-c", way, *started(name)]
        )
        care = Watched(20 << 30)
        engine = RemoteLanguage(Model("hungry", ModelKind.LANGUAGE, path, path.stat().st_size), 2, 8192, care)
        try:
            facts = engine.facts()
            assert list(engine.generate(PROMPT, reply_tokens=4))
            found.append((facts.context_tokens, facts.cache))
            assert len(care.told) == (facts.context_tokens < 8192)
        except ModelTooLarge:
            found.append((0, CacheType.Q8))
        finally:
            engine.close()
        assert not care.deaths, "the model is not to blame"
    assert found[0] == (8192, CacheType.F16)
    assert found[1] == (4096, CacheType.F16)
    assert found[2][1] is CacheType.Q8
    assert found[2][0] >= 1024
    assert found[3][0] == 0


def test_a_model_that_ends_two_workers_is_set_aside_until_it_is_chosen_again(tmp_path: Path) -> None:
    models = tmp_path / "models"
    models.mkdir()
    path = models / "deadly.gguf"
    path.write_bytes(damage.ggufs()["a tensor of another type"]())
    crash_count = CrashCount(tmp_path / "engines.json")
    told: list[str] = []
    crash_count.observe(told.append)
    provisioning = ModelSelection(models, SettingsFile(tmp_path / "settings.json"), crash_count=crash_count)
    deadly = provisioning.needed(ModelKind.LANGUAGE)
    assert deadly.name == "deadly"
    engine = RemoteLanguage(deadly, 1, 512, crash_count)
    try:
        for _ in range(2):
            with pytest.raises(ModelDamaged):
                list(engine.generate(PROMPT, reply_tokens=4))
    finally:
        engine.close()
    assert provisioning.needed(ModelKind.LANGUAGE).is_demo
    assert len(told) == 1
    again = CrashCount(tmp_path / "engines.json")  # the next start knows it too
    assert again.is_set_aside(deadly)
    provisioning.use("deadly")
    assert provisioning.needed(ModelKind.LANGUAGE) == deadly


def test_a_person_who_kills_a_worker_is_not_the_models_fault(tmp_path: Path) -> None:
    crash_count = CrashCount(tmp_path / "engines.json")
    model = demo_model(ModelKind.LANGUAGE)
    engine = RemoteLanguage(model, 2, 2048, crash_count)
    try:
        for _ in range(3):
            values = engine.generate(PROMPT, ALWAYS_A_CHOICE, 1900)
            next(values)
            psutil.Process(engine.worker.pid).kill()
            with pytest.raises(EngineCrashed):
                list(values)
    finally:
        engine.close()
    assert not crash_count.is_set_aside(model)


def test_an_idle_engine_ends_its_process_and_comes_back_when_it_is_asked() -> None:
    engine = RemoteLanguage(demo_model(ModelKind.LANGUAGE), 2, 512, NoMonitor())
    engine.worker._idle_seconds = 0.3
    try:
        assert engine.count(["hello"])
        pids = [engine.worker.pid]
        values = engine.generate(PROMPT, ALWAYS_A_CHOICE, 200)
        next(values)
        time.sleep(0.5)
        pids.append(engine.worker.pid)  # it works: between two pieces it is not idle
        list(values)
        until = time.monotonic() + 10
        while engine.worker.pid is not None and time.monotonic() < until:
            time.sleep(0.05)
        pids.append(engine.worker.pid)
        assert engine.count(["hello"])
        pids.append(engine.worker.pid)
        assert pids[0] == pids[1]
        assert pids[2] is None
        assert pids[3] not in (None, pids[0])
    finally:
        engine.close()


@pytest.mark.skipif(not Path("/proc/self/oom_score_adj").exists(), reason="the order is Linux's")
def test_a_worker_goes_before_the_window_when_memory_runs_out() -> None:
    media = RemoteMedia()
    try:
        list(media.survey(Bytes(demo_call().read_bytes())))
        assert Path(f"/proc/{media.worker.pid}/oom_score_adj").read_text().strip() == "800"
    finally:
        media.close()


def test_a_models_engine_that_is_closed_says_so() -> None:
    looking = RemoteModelTools(2, [ROOMY])
    looking.close()
    with pytest.raises(EngineCrashed):
        looking.inspect(ROOMY)


def test_a_model_in_pieces_is_weighed_whole_and_loads(tmp_path: Path) -> None:
    whole, tensors = gguf.read_shards(ROOMY)
    metadata, raw = damage.whole_metadata(), ROOMY.read_bytes()
    in_one = dict(zip((t.name for t in tensors), _places(tensors, whole.data_start), strict=True))
    for number, part in enumerate((tensors[:20], tensors[20:])):
        split: dict[str, gguf.Value | bytes] = {
            "split.no": struct.pack("<IH", 2, number), "split.count": struct.pack("<IH", 2, 2),
            "split.tensors.count": struct.pack("<Ii", 5, len(tensors)),
        }  # fmt: skip
        with (tmp_path / f"model-0000{number + 1}-of-00002.gguf").open("wb") as file:
            places = gguf.write(file, split | metadata if number == 0 else split, part)
            for tensor in part:
                file.seek(places[tensor.name])
                file.write(raw[in_one[tensor.name] : in_one[tensor.name] + tensor.size])
            file.write(bytes(-file.tell() % gguf.ALIGNMENT))
    first = tmp_path / "model-00001-of-00002.gguf"
    assert need(first, 1024).weights == need(ROOMY, 1024).weights
    engine = RemoteLanguage(Model("pieces", ModelKind.LANGUAGE, first, 1), 2, 1024)
    try:
        assert list(engine.generate(PROMPT, reply_tokens=4))
    finally:
        engine.close()
    (tmp_path / "model-00002-of-00002.gguf").unlink()
    with pytest.raises(ModelDamaged):
        need(first, 1024)


def _places(tensors: list[gguf.Tensor], start: int) -> Iterator[int]:
    for tensor in tensors:
        yield start
        start += tensor.size + -tensor.size % gguf.ALIGNMENT


def test_a_look_at_what_is_no_model_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.gguf"
    path.write_bytes(b"GGUF" + bytes(100))
    looking = RemoteModelTools(2, [path, tmp_path])
    try:
        for what in (path, tmp_path):
            with pytest.raises(ModelDamaged):
                looking.inspect(what)
        with pytest.raises(ModelDamaged):
            looking.need(Profile(512), path)
    finally:
        looking.close()


def test_a_look_reaches_no_other_file(tmp_path: Path) -> None:
    other = tmp_path / "other.gguf"
    shutil.copy(ROOMY, other)
    looking = RemoteModelTools(2, [ROOMY])
    try:
        with pytest.raises(ModelDamaged):
            looking.inspect(other)
        assert looking.inspect(ROOMY).architecture == "llama"
    finally:
        looking.close()
