"""Where the models folder is, for whoever needs it: the product and the download worker must agree."""

import os
from pathlib import Path

import platformdirs


def data_folder() -> Path:
    """Where the vault and the models lie unless something else is said."""
    return Path(platformdirs.user_data_dir("tacit", appauthor=False))


def models_folder(named: Path | None) -> Path:
    """The models folder: the one named, else the environment's, else the platform's."""
    in_environment = os.environ.get("TACIT_MODELS")
    return (named or (Path(in_environment) if in_environment else data_folder() / "models")).absolute()
