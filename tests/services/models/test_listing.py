"""What is offered to a person who chooses a model: in which order, for which computer, and what stays as it was."""

from pathlib import Path

import pytest

from app.catalog.installed.staging import StagingFolder
from app.core.errors import DownloadError
from app.core.model import ModelKind
from app.services.hardware.computer import Computer, this_computer
from app.services.models.listing import ModelListing, Offer, title_of
from tests.services.stage import provisioning
from tests.ui.models.download_broker import demo, laid_out

GIB = 1 << 30


def machine(gib: float) -> Computer:
    return Computer(4, "AVX2", int(gib * GIB), int(gib * GIB / 2), 100 * 10**9)


def offers(folder: Path, gib: float = 15.4) -> list[Offer]:
    return ModelListing(provisioning(folder)).offers(machine(gib))


@pytest.mark.parametrize(("gib", "sold_as"), [(3.7, 4), (7.2, 8), (15.4, 16), (31.1, 32)])
def test_memory_is_counted_as_it_is_sold(gib: float, sold_as: int) -> None:
    assert machine(gib).memory_gb >= sold_as
    assert machine(gib).memory_gb < 1.25 * sold_as


def test_only_a_handful_is_shown_at_first_and_the_used_one_leads(tmp_path: Path) -> None:
    for kind in (ModelKind.LANGUAGE, ModelKind.SPEECH):
        found = [offer for offer in offers(tmp_path) if offer.kind is kind]
        near = [offer for offer in found if offer.is_near]
        assert found[0].is_in_use
        assert found[0].name.startswith("Demo")
        assert 3 <= len(near) <= 8 < len(found) + 1


def test_what_is_half_here_is_offered_with_what_has_arrived_and_can_be_thrown_away(tmp_path: Path) -> None:
    part = tmp_path / "models" / ".incoming" / "qwen3-14b" / "part"
    part.parent.mkdir(parents=True)
    part.write_bytes(b"x" * 1000)
    known = next(offer for offer in offers(tmp_path) if offer.id == "qwen3-14b")
    assert (known.arrived, known.is_near, known.is_here) == (1000, True, False)
    listing = ModelListing(provisioning(tmp_path))
    with StagingFolder(tmp_path / "models", "qwen3-14b"), pytest.raises(DownloadError):
        listing.discard_download("qwen3-14b")
    listing.discard_download("qwen3-14b")
    assert next(offer for offer in offers(tmp_path) if offer.id == "qwen3-14b").arrived == 0


def test_models_of_the_catalogue_packs_and_own_files_are_called_as_people_know_them(tmp_path: Path) -> None:
    folder = tmp_path / "models"
    laid_out(folder, demo(ModelKind.LANGUAGE), "qwen3-0.6b", "Qwen3 0.6B (Q8_0)", "catalogue")
    laid_out(folder, demo(ModelKind.SPEECH), "brought", "My speech", "pack")
    (folder / "loose.gguf").write_bytes(b"GGUF" + b"\0" * 20)
    found = {offer.id: offer for offer in offers(tmp_path) if offer.is_here}
    assert found["qwen3-0.6b"].name == "Qwen3 0.6B"
    assert found["qwen3-0.6b"].type == "Q8_0"
    assert (found["brought"].name, found["brought"].good_for) == ("My speech", "Came in a model pack.")
    assert found["loose"].good_for == "Put here by hand."
    assert [title_of(offer.model) for offer in found.values() if offer.model] == [
        offer.name for offer in found.values()
    ]


def test_another_model_beside_it_does_not_take_the_place_of_the_one_in_use(tmp_path: Path) -> None:
    models = provisioning(tmp_path)
    laid_out(tmp_path / "models", demo(ModelKind.LANGUAGE), "qwen3-8b", "Qwen3 8B")
    ModelListing(models).keep_choice()
    laid_out(tmp_path / "models", demo(ModelKind.LANGUAGE), "gemma-4-e4b", "Gemma 4 E4B")
    assert models.needed(ModelKind.LANGUAGE).name == "qwen3-8b"
    assert models.needed(ModelKind.SPEECH).is_demo, "nobody has chosen the demo model: the first own one follows it"
    laid_out(tmp_path / "models", demo(ModelKind.SPEECH), "faster-whisper-base", "Whisper base")
    assert models.needed(ModelKind.SPEECH).name == "faster-whisper-base"


def test_the_computer_is_asked_also_before_the_models_folder_is_there(tmp_path: Path) -> None:
    found = this_computer(tmp_path / "not" / "yet")
    assert found.cores >= 1
    assert 0 < found.free_memory <= found.memory
    assert found.free_disk > 0
