"""Models that tell voices apart: brought, put there by hand, chosen, packed; and ONNX files that are none."""

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import faster_whisper
import msgspec
import pytest

from app.catalog.catalogue import CatalogFile, catalog
from app.catalog.installed import models_folder, receipts
from app.core.errors import ModelDamaged, ModelError, ModelMissing
from app.core.model import Model, ModelKind
from app.engines.parent.engines import LocalEngines
from app.engines.parent.model_tools import RemoteModelTools
from app.services.file_kinds import sort_dropped
from app.services.hardware import memory_and_cores
from app.services.models.benchmark import Benchmark
from app.services.models.forecast import Forecasting
from app.services.models.installing import Installing
from app.services.models.listing import ModelListing
from app.services.models.recognised_kinds import RecognisedKinds
from app.services.models.selection import ModelSelection
from app.services.outputs import Outputs
from app.services.settings import SettingsFile
from tests.making_models.voice_prints import make
from tests.services.models.test_listing import machine
from tests.services.stage import GGUF, Watching, here, left_over, provisioning

VOICES = ModelKind.DIARIZATION
VOICE_ACTIVITY = Path(faster_whisper.__file__).parent / "assets" / "silero_vad_v6.onnx"


def engines() -> LocalEngines:
    return LocalEngines(1, 512)


def segmentation(folder: Path, monkeypatch: pytest.MonkeyPatch, id_: str = "pyannote-segmentation-3.0") -> Path:
    """A file that the catalogue has no use for, in a folder as a download leaves it."""
    path = folder / id_ / "model.onnx"
    path.parent.mkdir(parents=True)
    make(path, bands=7)
    files = (CatalogFile(path.name, path.stat().st_size, receipts.sha256(path)),)
    entry = msgspec.structs.replace(catalog().find("pyannote-segmentation-3.0"), files=files)
    known = msgspec.structs.replace(catalog(), model=(entry, *catalog().model[:3]))
    monkeypatch.setattr(models_folder, "catalog", lambda: known)
    receipts.write(receipts.of_catalogue(entry), path.parent)
    return path


def test_a_file_is_brought_used_checked_and_removed(installing: Installing, tmp_path: Path) -> None:
    source = make(tmp_path / "My voices.ONNX")
    models = provisioning(tmp_path)
    assert models.in_use(VOICES) is None
    with pytest.raises(ModelMissing, match="no voice print model"):
        models.needed(VOICES)
    (added,) = installing.add(source, Watching())
    assert (added.name, added.kind, added.path.name) == ("my-voices", VOICES, "My voices.onnx")
    assert added.path.read_bytes() == source.read_bytes()
    assert models.in_use(VOICES) == added
    installing.add(make(tmp_path / "another.onnx", seed=6), Watching())
    models.use("my-voices")
    assert provisioning(tmp_path).needed(VOICES) == added
    assert SettingsFile(tmp_path / "config" / "settings.json").current.voice_model == "my-voices"
    assert [finding.is_good for finding in installing.verify(Watching())] == [True, True]
    installing.remove("my-voices")
    assert provisioning(tmp_path).needed(VOICES).name == "another"


@pytest.mark.parametrize(
    "write",
    [
        lambda path: path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 500), lambda path: path.write_bytes(b""),
        lambda path: make(path, bands=7), lambda path: shutil.copy(VOICE_ACTIVITY, path),
        lambda path: path.write_bytes(make(path).read_bytes()[:-900]),
    ],
    ids=["picture", "empty", "segmentation", "voice activity", "cut"],
)  # fmt: skip
def test_an_onnx_file_that_is_no_voice_print_model_is_refused(
    installing: Installing, tmp_path: Path, write: Callable[[Path], object]
) -> None:
    write(path := tmp_path / "some.onnx")
    with pytest.raises(ModelDamaged, match="no voice print model") as caught:
        installing.add(path, Watching())
    assert "left as it is" in caught.value.advice
    assert here(tmp_path) == []
    assert left_over(tmp_path) == []


def test_content_decides_where_a_gguf_file_is_called_onnx(installing: Installing, tmp_path: Path) -> None:
    shutil.copy(GGUF, tmp_path / "writer.onnx")
    (added,) = installing.add(tmp_path / "writer.onnx", Watching())
    assert (added.kind, added.path.name) == (ModelKind.LANGUAGE, "writer.gguf")


def test_a_file_put_there_by_hand_is_of_use_once_a_worker_looked_into_it(tmp_path: Path) -> None:
    folder = tmp_path / "models"
    folder.mkdir()
    make(folder / "mine.onnx")
    make(folder / "other.onnx", bands=7)
    kinds = tmp_path / "recognised.json"
    started: list[list[Path]] = []

    class Counted(LocalEngines):
        def models(self, reads: Sequence[Path] = (), writes: Sequence[Path] = ()) -> RemoteModelTools:
            started.append(list(reads))
            return super().models(reads, writes)

    def selection() -> ModelSelection:
        return ModelSelection(folder, SettingsFile(tmp_path / "settings.json"), kinds=RecognisedKinds(kinds))

    models = selection()
    assert models.in_use(VOICES) is None
    assert not models.may_have_embedding
    models.recognise(Counted(1, 512))
    assert models.needed(VOICES).name == "mine"
    models.recognise(Counted(1, 512))
    selection().recognise(Counted(1, 512))
    assert len(started) == 1, "each file is looked into once"
    assert [m.name for m in selection().of_kind(VOICES)] == ["mine"]
    with pytest.raises(ModelError, match="no use for this model"):
        models.use("other")
    Installing(models, engines).remove("other")
    assert not (folder / "other.onnx").exists()


def test_a_segmentation_model_of_the_catalogue_is_never_used(
    installing: Installing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    segmentation(tmp_path / "models", monkeypatch)
    models = provisioning(tmp_path)
    assert [m.has_use for m in models.here() if m.kind is VOICES] == [False]
    assert models.in_use(VOICES) is None
    assert models.of_kind(VOICES) == []
    with pytest.raises(ModelError, match="can't tell voices apart"):
        models.use("pyannote-segmentation-3.0")
    models.recognise(engines())
    shown = [offer for offer in ModelListing(models).offers(machine(16)) if offer.kind is VOICES]
    assert {o.id: o.is_near for o in shown} == {"3dspeaker-campplus-en": True, "wespeaker-campplus-en": False}
    added = installing.add(make(tmp_path / "zz.onnx"), Watching())
    assert [models.in_use(VOICES)] == added


def test_packs_carry_them_and_what_the_catalogue_has_no_use_for(
    installing: Installing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    segmentation(tmp_path / "models", monkeypatch)
    installing.add(make(tmp_path / "mine.onnx"), Watching())
    out = tmp_path / "voices.zip"
    installing.pack(["mine", "pyannote-segmentation-3.0"], Outputs().named(out), Watching())
    elsewhere = Installing(provisioning(tmp_path / "else"), engines)
    added = elsewhere.add(out, Watching())
    assert [(model.name, model.has_use) for model in added] == [("mine", True), ("pyannote-segmentation-3.0", False)]
    monkeypatch.undo()  # no catalogue knows the second file, and it is none for voice prints
    with pytest.raises(ModelDamaged, match="no voice print model"):
        Installing(provisioning(tmp_path / "third"), engines).add(out, Watching())


def test_it_is_offered_as_optional_with_an_estimate_of_its_memory(
    installing: Installing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forecasting = Forecasting(provisioning(tmp_path), engines, Benchmark(tmp_path / "measured.json", engines))
    monkeypatch.setattr(memory_and_cores, "total_bytes", lambda: 8 * 10**9)
    assert [choice.entry.kind for choice in forecasting.optional()] == [ModelKind.EMBEDDING, VOICES]
    assert forecasting.optional()[1].reason.startswith("not needed: tells the voices on one microphone apart; needs")
    monkeypatch.setattr(memory_and_cores, "total_bytes", lambda: 2 * 10**9)
    assert [choice.entry.id for choice in forecasting.optional()] == ["3dspeaker-campplus-en"]
    monkeypatch.setattr(memory_and_cores, "total_bytes", lambda: 8 * 10**8)
    assert forecasting.optional() == []
    (added,) = installing.add(make(tmp_path / "mine.onnx"), Watching())
    listing = ModelListing(provisioning(tmp_path), forecasting)
    offer = next(o for o in listing.with_forecasts(listing.offers(machine(16))) if o.id == "mine")
    assert (offer.type, offer.is_in_use, offer.good_for) == ("ONNX", True, "Brought from this disk.")
    assert offer.forecast is not None
    assert (offer.forecast.need, offer.forecast.is_exact) == (3 * added.size + 150_000_000, False)


def test_another_one_does_not_take_its_place(installing: Installing, tmp_path: Path) -> None:
    installing.add(make(tmp_path / "mine.onnx"), Watching())
    models = provisioning(tmp_path)
    ModelListing(models).keep_choice()
    installing.add(make(tmp_path / "first.onnx", seed=6), Watching())
    assert models.needed(VOICES).name == "mine"


def test_a_dropped_onnx_file_is_taken_for_a_model(tmp_path: Path) -> None:
    path = tmp_path / "voices.onnx"
    path.touch()
    assert sort_dropped([path]).models == (path,)


def test_a_folder_called_onnx_is_no_model(tmp_path: Path) -> None:
    (tmp_path / "models" / "voices.onnx").mkdir(parents=True)
    found: list[Model] = models_folder.models_in(tmp_path / "models")
    assert found == []
