"""Which models count as installed, and what is told of one that can't be removed."""

import sys
from pathlib import Path

import msgspec
import pytest

from app.catalog.catalogue import catalog
from app.catalog.installed import models_folder, receipts
from app.core.errors import ModelError
from app.core.model import Model, ModelKind
from tests.catalog.download.model_server import content, entry_of

RAW = content(1000)


def test_a_model_that_lacks_a_file_is_not_installed(tmp_path: Path) -> None:
    record = receipts.of_catalogue(entry_of({"a.gguf": RAW, "b.gguf": RAW}))
    folder = tmp_path / record.id
    folder.mkdir()
    receipts.write(record, folder)
    (folder / "a.gguf").write_bytes(RAW)
    assert models_folder.models_in(tmp_path) == []
    (folder / "b.gguf").write_bytes(RAW)
    assert [model.name for model in models_folder.models_in(tmp_path)] == [record.id]


def test_the_sampling_of_a_fetched_model_is_the_catalogues(tmp_path: Path) -> None:
    sampled = next(entry for entry in catalog().model if entry.sampling is not None)
    for origin, expected in (("catalogue", sampled.sampling), ("own", None)):
        record = msgspec.structs.replace(receipts.of_catalogue(entry_of({"a.gguf": RAW})), id=sampled.id, origin=origin)
        folder = tmp_path / origin / record.id
        folder.mkdir(parents=True)
        receipts.write(record, folder)
        (folder / "a.gguf").write_bytes(RAW)
        assert [model.sampling for model in models_folder.models_in(tmp_path / origin)] == [expected]


def test_a_model_that_is_gone_already_could_not_be_removed(tmp_path: Path) -> None:
    model = Model("gone", ModelKind.LANGUAGE, tmp_path / "gone.gguf", 1)
    with pytest.raises(ModelError, match="could not be removed"):
        models_folder.remove(model)


@pytest.mark.skipif(sys.platform != "linux", reason="needs a file that opens and can't be read")
def test_a_file_that_the_disk_cannot_read_is_no_model(tmp_path: Path) -> None:
    (tmp_path / "unreadable.gguf").symlink_to("/proc/self/mem")  # its first bytes are at an address that is not mapped
    (tmp_path / "good.gguf").write_bytes(RAW)
    assert [model.name for model in models_folder.models_in(tmp_path)] == ["good"]
