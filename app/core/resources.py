"""Where the product's own files lie: in a checkout, a wheel or a frozen tree."""

import sys
from pathlib import Path


def _root() -> Path:
    frozen = getattr(sys, "_MEIPASS", None)
    if frozen:
        return Path(frozen)
    package = Path(__file__).resolve().parent.parent
    return package if (package / "assets").is_dir() else package.parent


def assets() -> Path:
    """Icons, fonts, the demo call."""
    return _root() / "assets"


def demo_models() -> Path:
    """The two demo models."""
    return _root() / "models" / "demo"


def catalogue() -> Path:
    """The models that can be fetched."""
    return _root() / "models" / "catalog.toml"


def demo_call() -> Path:
    """The demo call, two synthetic voices."""
    return assets() / "demo" / "website-launch.opus"
