"""What this computer has: memory that is free, processors that are fast, and a name to keep measurements by."""

import hashlib
import os
import platform
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil

_CGROUP = Path("/sys/fs/cgroup")
_PROCESSORS = Path("/sys/devices/system/cpu")


def total_bytes() -> int:
    """Memory that programs here may use together: the computer's, or the container's if that is less."""
    return min([int(psutil.virtual_memory().total), *(limit for limit, _ in _limits())])


def sold_gb(total: int) -> float:
    """The memory in GB by which a computer is sold; some of it is the firmware's, and is not counted by the system."""
    return total * 1.1 / 1e9


def free_bytes() -> int:
    """Memory that is free now, or would be given back at once by the system's cache (MemAvailable on Linux)."""
    return max(0, min([int(psutil.virtual_memory().available), *(limit - used for limit, used in _limits())]))


def performance_cores(processors: Path = _PROCESSORS, cgroup: Path = _CGROUP) -> int:
    """Physical cores of the fast kind that this process may use: what an engine's threads are best set to.

    A second thread of a core shares its arithmetic, and a slow core makes the fast ones wait at
    each layer.
    """
    count = 0
    if sys.platform == "linux":
        count = _fast_cores_of_linux(processors)
    elif sys.platform == "darwin":
        count = _sysctl("hw.perflevel0.physicalcpu")
    elif sys.platform == "win32":
        count = _fast_cores_of_windows()
    count = count or psutil.cpu_count(logical=False) or os.cpu_count() or 1
    return max(1, min(count, _quota(cgroup) or count))


def key() -> str:
    """This machine in a few letters, for measurements that are only true here; nobody can read it back."""
    facts = f"{platform.machine()} {_processor()} {performance_cores()} {total_bytes() >> 30}"
    return hashlib.sha256(facts.encode()).hexdigest()[:12]


def has_energy_meter() -> bool:
    """Whether the energy that the processor uses can be read here."""
    return energy_joules() is not None


def energy_joules(root: Path = Path("/sys/class/powercap")) -> float | None:
    """The processor's energy counter (RAPL) in joules; None where there is none or it may not be read."""
    total = 0.0
    found = False
    with suppress(OSError, ValueError):
        for zone in sorted(root.glob("intel-rapl:?")):
            total += int((zone / "energy_uj").read_text()) / 1e6
            found = True
    return total if found else None


def _fast_cores_of_linux(processors: Path) -> int:
    """Cores by their place in the topology; of several kinds those of the highest capacity or frequency."""
    allowed = os.sched_getaffinity(0) if processors == _PROCESSORS and hasattr(os, "sched_getaffinity") else None
    cores: dict[tuple[str, str], int] = {}
    for folder in processors.glob("cpu[0-9]*"):
        if allowed is not None and int(folder.name[3:]) not in allowed:
            continue
        try:
            place = (_text(folder / "topology/physical_package_id"), _text(folder / "topology/core_id"))
        except OSError:
            continue
        speed = _number(folder / "cpu_capacity") or _number(folder / "cpufreq/cpuinfo_max_freq")
        cores[place] = max(cores.get(place, 0), speed)
    if not cores:
        return 0
    # Frequencies of equal cores differ by some percent (the favoured cores of a die); kinds differ by more.
    return sum(speed >= 0.8 * max(cores.values()) for speed in cores.values())


def _fast_cores_of_windows() -> int:
    """Cores of the highest efficiency class, by GetLogicalProcessorInformationEx (RelationProcessorCore)."""
    import ctypes
    import struct

    kernel = ctypes.WinDLL("kernel32") if hasattr(ctypes, "WinDLL") else None
    if kernel is None:
        return 0
    size = ctypes.c_ulong(0)
    kernel.GetLogicalProcessorInformationEx(0, None, ctypes.byref(size))
    buffer = ctypes.create_string_buffer(size.value)
    if not size.value or not kernel.GetLogicalProcessorInformationEx(0, buffer, ctypes.byref(size)):
        return 0
    classes, at = [], 0
    while at + 10 <= size.value:
        _, length, _, efficiency = struct.unpack_from("<IIBB", buffer.raw, at)
        if not length:
            break
        classes.append(efficiency)
        at += length
    return sum(found == max(classes) for found in classes)


def _sysctl(name: str) -> int:
    """A number of macOS; 0 where there is none (Intel Macs have one kind of core and no such name)."""
    import ctypes

    with suppress(OSError, AttributeError):
        value, size = ctypes.c_int32(0), ctypes.c_size_t(4)
        call = ctypes.CDLL(None).sysctlbyname
        if call(name.encode(), ctypes.byref(value), ctypes.byref(size), None, 0) == 0:
            return value.value
    return 0


def _quota(cgroup: Path) -> int:
    """Whole processors that a container may use at once; 0 for no limit."""
    with suppress(OSError, ValueError):
        quota, period = (cgroup / "cpu.max").read_text().split()
        if quota != "max":
            return max(1, round(int(quota) / int(period)))
    return 0


def _processor() -> str:
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor()


def _limits(cgroup: Path = _CGROUP, own: Path = Path("/proc/self/cgroup")) -> list[tuple[int, int]]:
    """What this process's control groups may take and have taken, from its own up to the outermost; bytes."""
    return [
        (most, max(0, _number(group / used) - _named_number(group / "memory.stat", cache)))
        for group, (limit, used, cache) in _groups(cgroup, own)
        if (most := _number(group / limit))
    ]


def _groups(cgroup: Path, own: Path) -> Iterator[tuple[Path, tuple[str, str, str]]]:
    with suppress(OSError, ValueError):
        for line in own.read_text().splitlines():
            _, controllers, path = line.split(":", 2)
            if controllers in _GROUP_FILES:
                root = cgroup / controllers
                place = root / path.lstrip("/")
                for group in (place, *place.parents[: len(place.parts) - len(root.parts)]):
                    yield group, _GROUP_FILES[controllers]


_GROUP_FILES = {
    "": ("memory.max", "memory.current", "inactive_file"),
    "memory": ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
}
"""Where version 2 of control groups, which has no name, and version 1 keep a limit, what is used, and what of
that is a cache of files, which is given back at once."""


def _named_number(path: Path, name: str) -> int:
    """The number beside a name in a file of such pairs; 0 where there is none."""
    with suppress(OSError, ValueError):
        for line in path.read_text().splitlines():
            key, _, value = line.partition(" ")
            if key == name:
                return int(value)
    return 0


def _text(path: Path) -> str:
    return path.read_text().strip()


def _number(path: Path) -> int:
    """A whole number in a file of the system; 0 where there is none."""
    with suppress(OSError, ValueError):
        return int(_text(path))
    return 0
