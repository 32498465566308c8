"""What keeps a process of ours from the network and from files, and what came of trying it."""

from collections.abc import Iterator
from enum import Enum
from typing import Protocol

import msgspec


class Holder(Enum):
    """Who holds a wall up."""

    KERNEL = "kernel"
    OURSELVES = "ourselves"
    NOBODY = "nobody"

    @property
    def words(self) -> str:
        """As a person reads it."""
        return {
            Holder.KERNEL: "enforced by the system's kernel",
            Holder.OURSELVES: "by our own code only",
            Holder.NOBODY: "not on this system",
        }[self]


class Layer(msgspec.Struct, frozen=True):
    """One wall around a process: its name, who holds it, and what it does or why it is not there."""

    name: str
    holder: Holder
    detail: str


class Attempt(msgspec.Struct, frozen=True):
    """One try to get out, made here and now; `answer` is what the process was told."""

    name: str
    is_refused: bool
    answer: str
    is_network: bool = True  # else it is about files and programs


class Standing(msgspec.Struct, frozen=True, tag=True):
    """One process of ours, by its own account: its walls, what it tried, the sockets that it holds.

    `sockets` counts by family ("unix", "internet", "other"); None where the system does not tell.
    `seen` is what the system says of it from outside. A process that did not answer tells why in `problem`.
    """

    process: str
    pid: int
    layers: tuple[Layer, ...]
    attempts: tuple[Attempt, ...]
    sockets: dict[str, int] | None = None
    seen: str = ""
    problem: str = ""

    @property
    def holds_no_way_out(self) -> bool:
        """Whether no socket is open that can reach beyond this computer, as far as the system tells."""
        held = self.sockets or {}
        return not held.get("internet") and not held.get("other")

    @property
    def is_offline(self) -> bool:
        """Whether every attempt at the network was refused, and nothing is open."""
        tried = [attempt for attempt in self.attempts if attempt.is_network]
        return not self.problem and bool(tried) and all(a.is_refused for a in tried) and self.holds_no_way_out


class Prover(Protocol):
    """Asks each kind of process of ours to try its walls."""

    def here(self) -> tuple[Layer, ...]:
        """The walls of this process, without trying them."""

    def standings(self) -> Iterator[Standing]:
        """This process first, then one of each kind of worker, freshly started; then the launcher, if there is one."""
