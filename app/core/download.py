"""A download as the window and the command line see it: the values that come through the door, and the door."""

from collections.abc import Generator
from datetime import datetime
from typing import Protocol

import msgspec

from app.core.job import Progress

FETCHING, CHECKING = "Downloading", "Checking"  # the steps of a download's progress


class Advance(msgspec.Struct, frozen=True, tag="advance"):
    """How far the download of a model is, in bytes."""

    model: str
    step: str
    done: int
    total: int


class Arrived(msgspec.Struct, frozen=True, tag="arrived"):
    """The model is here, whole and checked."""

    model: str


class Stopped(msgspec.Struct, frozen=True, tag="stopped"):
    """The download was stopped, or its process ended; what has arrived is kept."""

    model: str


class Failed(msgspec.Struct, frozen=True, tag="failed"):
    """The download failed: an error of ours by its class, in its two sentences."""

    model: str
    kind: str
    title: str
    advice: str


Event = Advance | Arrived | Stopped | Failed
"""One line of the download worker."""


class Door(Protocol):
    """The way to the one process that may connect."""

    def pull(self, model: str) -> Generator[Progress, None, None]:
        """Fetch a model of the catalogue; ends when it is here, whole and checked.

        A value comes at least every second, also while nothing arrives. Closing it
        stops the download; what has arrived is kept.

        Raises:
            DownloadError: it failed.
            Cancelled: it was stopped from elsewhere.
        """

    def under_way(self) -> set[str]:
        """The models that are being fetched; `pull` joins in."""

    def leave(self) -> None:
        """Let downloads go on without who asked for them: the window locks, or ends."""


class Opening(msgspec.Struct, frozen=True):
    """One time that the door was open: for which model, when, and what came from which host.

    `hosts` counts the bytes that came from each host that was asked. `ending` is "arrived",
    "stopped", the class of an error, or empty while it is open or where its process was killed.
    """

    id: str
    model: str
    opened: datetime
    closed: datetime | None = None
    hosts: dict[str, int] = {}
    ending: str = ""

    @property
    def size(self) -> int:
        """Bytes that came in."""
        return sum(self.hosts.values())
