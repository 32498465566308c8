"""The paths of the data and models folders, on which the product and the download worker must agree."""

import os
from pathlib import Path

import platformdirs


def data_folder() -> Path:
    """The default folder for the vault and the models."""
    return Path(platformdirs.user_data_dir("tacit", appauthor=False))


def faults_file() -> Path:
    """The file in which faults of the program are kept, without content."""
    return Path(platformdirs.user_state_dir("tacit", appauthor=False)) / "faults.json"


def models_folder(named: Path | None) -> Path:
    """The models folder: the one named, or the environment's, or the platform's."""
    in_environment = os.environ.get("TACIT_MODELS")
    return (named or (Path(in_environment) if in_environment else data_folder() / "models")).absolute()
