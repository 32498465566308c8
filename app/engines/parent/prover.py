"""Tests the confinement of each kind of process: this one, and a worker of each kind, started as for real work."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec

from app.core.errors import AssistantError
from app.core.sandbox_report import Confinement, Holder, Layer
from app.engines import protocol
from app.engines.parent.process import Worker
from app.engines.sandbox import confine, seccomp

WORKERS = ("media", "speech", "language", "embedding", "voices", "documents", "models")
_LAUNCHER_NETWORK = (
    Layer("network", Holder.KERNEL, "has the window's filter; it holds no key, and reads no file of yours")
    if seccomp.can_forbid_network()
    else Layer("network", Holder.NOBODY, "holds no key, reads no file of yours and has no code that connects")
)


class LocalProver:
    """Tests the processes on this computer (`core.sandbox_report.Prover`)."""

    def own_layers(self) -> tuple[Layer, ...]:
        """See `Prover.here`."""
        return confine.layers()

    def confinements(self) -> Iterator[Confinement]:
        """See `Prover.standings`."""
        from app.engines.sandbox import probes  # late: it imports `socket`, which nothing else needs

        yield _with_kernel_facts(probes.own_confinement())
        for name in WORKERS:
            worker = Worker(name)
            try:
                yield _with_kernel_facts(worker.call_one(protocol.Probe(), Confinement))
            except AssistantError as error:
                yield Confinement(name, 0, (), (), problem=error.title)
            finally:
                worker.close()
        pid = _launcher_pid()
        if pid:
            yield _with_kernel_facts(Confinement("launcher", pid, (_LAUNCHER_NETWORK,), (), probes.count_sockets(pid)))


def _with_kernel_facts(standing: Confinement) -> Confinement:
    """The same, with what the kernel reports about the process from outside."""
    try:
        status = Path(f"/proc/{standing.pid}/status").read_text()
    except OSError:
        return standing
    facts = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    filters = {"2": f"{facts.get('Seccomp_filters', '1')} filters of system calls in force", "0": "no filter"}
    findings = [filters.get(facts.get("Seccomp", ""), "").replace("1 filters", "1 filter")]
    if facts.get("NoNewPrivs") == "1":
        findings.append("can gain no rights")
    return msgspec.structs.replace(standing, seen=", ".join(filter(None, findings)))


def _launcher_pid() -> int | None:
    """The id of the process that started this one, if it is our launcher; the command line has none."""
    if sys.platform != "linux" or confine.applied.process != "window":
        return None
    return os.getppid()
