"""What the pages before the workspace ask it to do first, and to remind of."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple


@dataclass(frozen=True)
class ImportDemo:
    """Import the demo call."""


@dataclass(frozen=True)
class PullModels:
    """Download the models with these ids."""

    ids: Sequence[str]


@dataclass(frozen=True)
class BringFiles:
    """Install these files and folders as models, and import recordings among them."""

    paths: Sequence[Path]


FirstWork = ImportDemo | PullModels | BringFiles


class Reminder(NamedTuple):
    """A notice that stays until it is closed, with a button called `action` that runs the command with an id."""

    title: str
    advice: str
    action: str
    command: str
