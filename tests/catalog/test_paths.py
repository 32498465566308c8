"""The data, the faults and the models lie where the platform wants them, unless another folder is named."""

import sys
from pathlib import Path

import pytest

from app.catalog import paths
from app.options import MODELS

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="sets the folders of the XDG specification")


def test_the_folders_follow_the_platform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("TACIT_MODELS", raising=False)
    assert paths.data_folder() == tmp_path / "data/tacit"
    assert paths.faults_file() == tmp_path / "state/tacit/faults.json"
    assert MODELS.in_environment() is None
    assert paths.models_folder(None) == tmp_path / "data/tacit/models"


def test_a_named_models_folder_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TACIT_MODELS", str(tmp_path / "environment"))
    assert paths.models_folder(None) == tmp_path / "environment"
    assert paths.models_folder(Path("named")) == tmp_path / "named"
