"""What this computer has that a model needs: cores, memory, room on the disk."""

import os
import platform
import shutil
from dataclasses import dataclass
from pathlib import Path

_FEATURES = (("avx512f", "AVX-512"), ("avx2", "AVX2"), ("asimd", "NEON"))


@dataclass(frozen=True, slots=True)
class Machine:
    """Sizes in bytes; `features` names the widest instructions that engines use, empty where that is not known."""

    cores: int
    features: str
    memory: int
    free_memory: int
    free_disk: int


def this_machine(folder: Path) -> Machine:
    """The computer as it is now; the disk is the one that holds this folder, which may not be there yet."""
    import psutil  # late: the lock screen asks nothing of it

    memory = psutil.virtual_memory()
    cores = psutil.cpu_count(logical=False) or os.cpu_count() or 1
    return Machine(cores, _features(), memory.total, memory.available, _free(folder))


def memory_gb(machine: Machine) -> float:
    """The memory in GB by which a computer is sold; some of it is the firmware's, and is not counted by the system."""
    return machine.memory * 1.1 / 1e9


def _free(folder: Path) -> int:
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
