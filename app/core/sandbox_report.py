"""What confines our processes, and the results of testing it."""

from collections.abc import Iterator
from enum import Enum
from typing import Protocol

import msgspec


class Holder(Enum):
    """Who enforces a sandbox layer."""

    KERNEL = "kernel"
    OURSELVES = "ourselves"
    NOBODY = "nobody"

    @property
    def words(self) -> str:
        """The holder in words for the user."""
        return {
            Holder.KERNEL: "enforced by the system's kernel",
            Holder.OURSELVES: "by our own code only",
            Holder.NOBODY: "not on this system",
        }[self]


class Layer(msgspec.Struct, frozen=True):
    """One sandbox layer of a process: its name, who enforces it, and what it does or why it is missing."""

    name: str
    holder: Holder
    detail: str


class Attempt(msgspec.Struct, frozen=True):
    """One attempt to break out, made just now; `answer` is the system's response."""

    name: str
    is_refused: bool
    answer: str
    is_network: bool = True  # else an attempt on files or programs


class Confinement(msgspec.Struct, frozen=True, tag="Standing"):
    """The confinement of one of our processes, as it reports itself: layers, attempts, open sockets.

    `sockets` counts by family ("unix", "internet", "other"); None if the system does not say.
    `seen` is what the system reports about it from outside; `problem` is why a process did not answer.
    """

    process: str
    pid: int
    layers: tuple[Layer, ...]
    attempts: tuple[Attempt, ...]
    sockets: dict[str, int] | None = None
    seen: str = ""
    problem: str = ""

    @property
    def has_no_internet_socket(self) -> bool:
        """Whether no open socket can reach beyond this computer, as far as the system says."""
        held = self.sockets or {}
        return not held.get("internet") and not held.get("other")

    @property
    def is_offline(self) -> bool:
        """Whether every attempt on the network was refused, and no such socket is open."""
        tried = [attempt for attempt in self.attempts if attempt.is_network]
        return not self.problem and bool(tried) and all(a.is_refused for a in tried) and self.has_no_internet_socket


class Prover(Protocol):
    """Asks each kind of our processes to test its sandbox."""

    def own_layers(self) -> tuple[Layer, ...]:
        """The sandbox layers of this process, without testing them."""

    def confinements(self) -> Iterator[Confinement]:
        """This process first, then a newly started worker of each kind, then the launcher, if there is one."""
