"""This computer as it matters for choosing a model: cores, memory, graphics and free disk space."""

import platform
import shutil
from dataclasses import dataclass
from pathlib import Path

from app.services.hardware import graphics, memory_and_cores

_FEATURES = (("avx512f", "AVX-512"), ("avx2", "AVX2"), ("asimd", "NEON"))


@dataclass(frozen=True, slots=True)
class Computer:
    """Sizes in bytes; `features` names the widest vector instructions that engines use, empty if unknown.

    `graphics` names the graphics, empty if there are none; engines use only the processor anyway (decision 0013).
    """

    cores: int
    features: str
    memory: int
    free_memory: int
    free_disk: int
    graphics: str = ""

    @property
    def memory_gb(self) -> float:
        """The nominal memory in GB, as on the box."""
        return memory_and_cores.sold_gb(self.memory)


def this_computer(folder: Path) -> Computer:
    """The computer as it is now; the disk is that of `folder`, which need not exist yet."""
    cores, memory, free = (
        memory_and_cores.performance_cores(),
        memory_and_cores.total_bytes(),
        memory_and_cores.free_bytes(),
    )
    return Computer(cores, _features(), memory, free, _free_disk(folder), graphics.built_in())


def _free_disk(folder: Path) -> int:
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return shutil.disk_usage(folder).free


def _features() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace")
    except OSError:
        return "NEON" if platform.machine() == "arm64" else ""
    line = next((line for line in text.splitlines() if line.startswith(("flags", "Features"))), "")
    known = line.split()
    return next((name for flag, name in _FEATURES if flag in known), "")
