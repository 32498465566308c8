"""The wheel holds the product whole: models and assets lie inside the package and are found there."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built here and laid out as an installer does."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("tacit-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def test_the_locator_finds_what_lies_in_the_wheel(unpacked: Path) -> None:
    finds = (
        "from app.core import resources; from app.catalog import catalogue; "
        "from app.catalog.installed import models_folder; "
        "whole = resources.demo_call().is_file() and bool(catalogue.catalog().model); "
        "print(whole, *sorted(m.path.exists() for m in models_folder.bundled_models()), resources.__file__)"
    )
    command = [sys.executable, "-c", finds]
    said = subprocess.run(command, cwd=unpacked, check=True, capture_output=True, text=True).stdout.split()
    assert said[:3] == ["True", "True", "True"]
    assert Path(said[3]).is_relative_to(unpacked)


def test_the_wheel_holds_nothing_beside_the_package(unpacked: Path) -> None:
    beside = {path.name for path in unpacked.iterdir()}
    assert beside == {"app", *(name for name in beside if name.endswith(".dist-info"))}
    licences = {path.name for path in unpacked.glob("*.dist-info/licenses/**/*") if path.is_file()}
    assert licences == {"LICENSE", "OFL.txt"}
