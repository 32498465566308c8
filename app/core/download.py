"""A model download as the window and the command line see it: the client protocol and its events."""

from collections.abc import Generator
from datetime import datetime
from typing import Protocol

import msgspec

from app.core.job import Progress

FETCHING, CHECKING = "Downloading", "Checking"  # the steps of a download's progress


class DownloadProgress(msgspec.Struct, frozen=True, tag="advance"):
    """How far the download of a model is, in bytes."""

    model: str
    step: str
    done: int
    total: int


class Arrived(msgspec.Struct, frozen=True, tag="arrived"):
    """The model is installed, complete and verified."""

    model: str


class Stopped(msgspec.Struct, frozen=True, tag="stopped"):
    """The download was stopped, or its process ended; the partial file is kept."""

    model: str


class Failed(msgspec.Struct, frozen=True, tag="failed"):
    """The download failed: the class name of an `AssistantError`, and its two sentences."""

    model: str
    kind: str
    title: str
    advice: str


Event = DownloadProgress | Arrived | Stopped | Failed
"""One line of the download worker's output."""


class DownloadClient(Protocol):
    """A client of the download broker; only the download worker behind it may connect."""

    def pull(self, model: str) -> Generator[Progress, None, None]:
        """Download a model of the catalogue; ends when it is installed, complete and verified.

        Yields at least once a second, even while nothing arrives. Closing the generator
        stops the download; the partial file is kept.

        Raises:
            DownloadError: it failed.
            Cancelled: it was stopped from elsewhere.
        """

    def active_downloads(self) -> set[str]:
        """The ids of the models being downloaded; `pull` on one of them joins its download."""

    def detach(self) -> None:
        """Detach from running downloads, which go on: the window is locking or closing."""


class NetworkLogEntry(msgspec.Struct, frozen=True):
    """A network log entry: for which model the network was used, when, and what came from which host.

    `hosts` maps each contacted host to the bytes received from it. `ending` is "arrived", "stopped", "refused",
    the class name of an error, or empty while it is open or if its process was killed.
    """

    id: str
    model: str
    opened: datetime
    closed: datetime | None = None
    hosts: dict[str, int] = {}
    ending: str = ""

    @property
    def size(self) -> int:
        """Bytes received."""
        return sum(self.hosts.values())
