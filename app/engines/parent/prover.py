"""Each kind of process asked to try its walls: this one, and one of each worker, started as for real work."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec

from app.core.errors import AssistantError
from app.core.sandbox_report import Holder, Layer, Standing
from app.engines import protocol
from app.engines.parent.process import Worker
from app.engines.sandbox import confine

WORKERS = ("media", "speech", "language", "models")
_NOTHING_THERE = Layer(
    "network", Holder.NOBODY,
    "stays free to start a download; it holds no key, reads no file of yours and has no code that connects",
)  # fmt: skip


class LocalProver:
    """The processes of this computer (`core.walls.Prover`)."""

    def here(self) -> tuple[Layer, ...]:
        """See `Prover.here`."""
        return confine.layers()

    def standings(self) -> Iterator[Standing]:
        """See `Prover.standings`."""
        from app.engines.sandbox import probes  # with sockets, which nothing else needs

        yield _seen(probes.standing())
        for name in WORKERS:
            worker = Worker(name)
            try:
                yield _seen(worker.one(protocol.Probe(), Standing))
            except AssistantError as error:
                yield Standing(name, 0, (), (), problem=error.title)
            finally:
                worker.close()
        launcher = _launcher()
        if launcher:
            yield _seen(Standing("launcher", launcher, (_NOTHING_THERE,), (), probes.sockets(launcher)))


def _seen(standing: Standing) -> Standing:
    """With what the kernel says of the process, read from outside of it."""
    try:
        status = Path(f"/proc/{standing.pid}/status").read_text()
    except OSError:
        return standing
    facts = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    filters = {"2": f"{facts.get('Seccomp_filters', '1')} filters of system calls in force", "0": "no filter"}
    said = [filters.get(facts.get("Seccomp", ""), "").replace("1 filters", "1 filter")]
    if facts.get("NoNewPrivs") == "1":
        said.append("can gain no rights")
    return msgspec.structs.replace(standing, seen=", ".join(filter(None, said)))


def _launcher() -> int | None:
    """The process that started this one, if it is our launcher; the command line has none."""
    if sys.platform != "linux" or confine.built.process != "window":
        return None
    return os.getppid()
