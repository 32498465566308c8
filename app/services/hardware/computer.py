"""This computer as a person knows it who chooses a model: cores, memory, graphics, the room on its disk."""

import platform
import shutil
from dataclasses import dataclass
from pathlib import Path

from app.services.hardware import graphics, memory_and_cores

_FEATURES = (("avx512f", "AVX-512"), ("avx2", "AVX2"), ("asimd", "NEON"))


@dataclass(frozen=True, slots=True)
class Computer:
    """Sizes in bytes; `features` names the widest instructions that engines use, empty where that is not known.

    `graphics` is what is built in, empty if nothing is; engines compute on the processor all the same (decision 0013).
    """

    cores: int
    features: str
    memory: int
    free_memory: int
    free_disk: int
    graphics: str = ""

    @property
    def memory_gb(self) -> float:
        """The memory in GB by which it is sold."""
        return memory_and_cores.sold_gb(self.memory)


def this_computer(folder: Path) -> Computer:
    """The computer as it is now; the disk is the one that holds this folder, which may not be there yet."""
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
