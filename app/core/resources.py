"""Where the product's own files are: in a checkout, a wheel or a frozen build."""

import sys
from pathlib import Path


def _root() -> Path:
    frozen = getattr(sys, "_MEIPASS", None)
    if frozen:
        return Path(frozen)
    package = Path(__file__).resolve().parent.parent
    return package if (package / "assets").is_dir() else package.parent


def assets() -> Path:
    """The folder of icons, fonts and the demo call."""
    return _root() / "assets"


def demo_models() -> Path:
    """The folder of the two demo models."""
    return _root() / "models" / "demo"


def catalogue() -> Path:
    """The catalogue file: the models that can be downloaded."""
    return _root() / "models" / "catalog.toml"


def demo_call() -> Path:
    """The demo call: a recording of two synthetic voices."""
    return assets() / "demo" / "website-launch.opus"


def summary_templates() -> Path:
    """The folder of the summary templates that come with the program."""
    return assets() / "templates"


def licences() -> Path:
    """The folder with the licences of what a package has inside; a checkout has none."""
    return _root() / "licences"


def icon() -> Path:
    """The program's icon."""
    return assets() / "icons" / "tacit.svg"
