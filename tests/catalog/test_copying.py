"""A file is copied whole, of its stated size and hash, and starting as its kind does; or it is refused."""

import hashlib
import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.catalog.catalogue import CatalogFile
from app.catalog.installed.copying import copy_file, copy_stream
from app.catalog.installed.staging import StagingFolder
from app.core.errors import ModelDamaged

RAW = b"GGUF" + bytes(range(256)) * 9000  # more than two blocks
SHA256 = hashlib.sha256(RAW).hexdigest()


@pytest.fixture
def staging(tmp_path: Path) -> Iterator[StagingFolder]:
    with StagingFolder(tmp_path / "models", "a-model") as folder:
        yield folder
        folder.discard()


def test_a_file_is_copied_and_described(tmp_path: Path, staging: StagingFolder) -> None:
    (tmp_path / "a.gguf").write_bytes(RAW)
    blocks: list[int] = []
    assert copy_file(tmp_path / "a.gguf", staging, "b.gguf", blocks.append) == CatalogFile("b.gguf", len(RAW), SHA256)
    assert (staging.folder / "b.gguf").read_bytes() == RAW
    assert sum(blocks) == len(RAW)


@pytest.mark.parametrize("size", [len(RAW) - 1, len(RAW) + 1])
def test_another_size_than_stated_is_refused(staging: StagingFolder, size: int) -> None:
    with pytest.raises(ModelDamaged, match="not what its list says"):
        copy_stream(io.BytesIO(RAW), staging, "a.gguf", size, lambda _: None)


def test_another_hash_than_stated_is_refused(staging: StagingFolder) -> None:
    copy_stream(io.BytesIO(RAW), staging, "a.gguf", len(RAW), lambda _: None, SHA256)
    with pytest.raises(ModelDamaged, match="not what its list says"):
        copy_stream(io.BytesIO(RAW), staging, "a.gguf", len(RAW), lambda _: None, "0" * 64)


def test_a_beginning_of_another_kind_is_refused_before_anything_is_written(staging: StagingFolder) -> None:
    with pytest.raises(ModelDamaged):
        copy_stream(io.BytesIO(b"PK\x03\x04" + RAW), staging, "a.onnx", len(RAW) + 4, lambda _: None)
    assert (staging.folder / "a.onnx").read_bytes() == b""


def test_a_link_in_the_way_is_not_written_through(tmp_path: Path, staging: StagingFolder) -> None:
    (tmp_path / "precious").write_text("kept")
    (staging.folder / "a.gguf").symlink_to(tmp_path / "precious")
    copy_stream(io.BytesIO(RAW), staging, "a.gguf", len(RAW), lambda _: None)
    assert (tmp_path / "precious").read_text() == "kept"
    assert (staging.folder / "a.gguf").read_bytes() == RAW


def test_a_source_that_cant_be_read_is_refused(tmp_path: Path, staging: StagingFolder) -> None:
    with pytest.raises(ModelDamaged, match="can't be read"):
        copy_file(tmp_path / "missing.gguf", staging, "a.gguf", lambda _: None)
    closed = io.BytesIO(RAW)
    closed.close()
    with pytest.raises(ModelDamaged, match="can't be read"):
        copy_stream(closed, staging, "a.gguf", len(RAW), lambda _: None)
