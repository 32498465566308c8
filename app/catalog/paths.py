"""The paths of the data and models folders, on which the product and the download worker must agree."""

from pathlib import Path

import platformdirs

from app.options import MODELS


def data_folder() -> Path:
    """The default folder for the vault and the models."""
    return Path(platformdirs.user_data_dir("tacit", appauthor=False))


def faults_file() -> Path:
    """The file in which faults of the program are kept, without content."""
    return Path(platformdirs.user_state_dir("tacit", appauthor=False)) / "faults.json"


def models_folder(named: Path | None) -> Path:
    """The models folder: the one named, or the environment's, or the platform's."""
    return (named or MODELS.in_environment() or data_folder() / "models").absolute()
