"""The memory, fast cores and load of this computer, and a key under which to keep its measurements."""

import hashlib
import os
import platform
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

_CGROUP = Path("/sys/fs/cgroup")
_PROCESSORS = Path("/sys/devices/system/cpu")


def _psutil() -> Any:
    import psutil  # late: the lock screen needs nothing of it

    return psutil


def total_bytes() -> int:
    """The memory for all programs here: the computer's, or the container's if that is less."""
    return min([int(_psutil().virtual_memory().total), *(limit for limit, _ in _limits())])


def sold_gb(total: int) -> float:
    """The nominal memory of a computer in GB; the system does not count what the firmware takes."""
    return total * 1.1 / 1e9


def free_bytes() -> int:
    """Memory that is free now, or that the system's cache would give up at once (MemAvailable on Linux)."""
    return max(0, min([int(_psutil().virtual_memory().available), *(limit - used for limit, used in _limits())]))


def performance_cores(processors: Path = _PROCESSORS, cgroup: Path = _CGROUP) -> int:
    """The fast physical cores that this process may use: the best number of threads for an engine.

    A second thread on a core shares its arithmetic units, and a slow core makes the fast ones wait
    at each layer.
    """
    count = 0
    if sys.platform == "linux":
        count = _fast_cores_of_linux(processors)
    elif sys.platform == "darwin":
        count = _sysctl("hw.perflevel0.physicalcpu")
    elif sys.platform == "win32":
        count = _fast_cores_of_windows()
    count = count or _psutil().cpu_count(logical=False) or os.cpu_count() or 1
    return max(1, min(count, _cpu_quota(cgroup) or count))


def machine_key() -> str:
    """A short one-way key of this machine, for measurements that hold only here."""
    facts = f"{platform.machine()} {_processor()} {performance_cores()} {total_bytes() >> 30}"
    return hashlib.sha256(facts.encode()).hexdigest()[:12]


def busy_seconds() -> float:
    """The processor time that all programs have used since the computer started, on all cores together."""
    times = _psutil().cpu_times()
    return float(times.user + times.system + getattr(times, "nice", 0.0))


def has_energy_meter() -> bool:
    """Whether the energy that the processor uses can be read here."""
    return energy_joules() is not None


def energy_joules(root: Path = Path("/sys/class/powercap")) -> float | None:
    """The processor's energy counter (RAPL) in joules; None where there is none or it can't be read."""
    total = 0.0
    found = False
    with suppress(OSError, ValueError):
        for zone in sorted(root.glob("intel-rapl:?")):
            total += int((zone / "energy_uj").read_text()) / 1e6
            found = True
    return total if found else None


def _fast_cores_of_linux(processors: Path) -> int:
    """The cores in the topology; where there are several kinds, those of the highest capacity or frequency."""
    allowed = os.sched_getaffinity(0) if processors == _PROCESSORS and hasattr(os, "sched_getaffinity") else None
    cores: dict[tuple[str, str], int] = {}
    for folder in processors.glob("cpu[0-9]*"):
        if allowed is not None and int(folder.name[3:]) not in allowed:
            continue
        try:
            core = (_read_text(folder / "topology/physical_package_id"), _read_text(folder / "topology/core_id"))
        except OSError:
            continue
        speed = _read_number(folder / "cpu_capacity") or _read_number(folder / "cpufreq/cpuinfo_max_freq")
        cores[core] = max(cores.get(core, 0), speed)
    if not cores:
        return 0
    # Cores of one kind differ by a few percent in frequency (favoured cores of a die); kinds differ by more.
    return sum(speed >= 0.8 * max(cores.values()) for speed in cores.values())


def _fast_cores_of_windows() -> int:
    """The cores of the highest efficiency class, from GetLogicalProcessorInformationEx (RelationProcessorCore)."""
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
    classes, offset = [], 0
    while offset + 10 <= size.value:
        _, length, _, efficiency = struct.unpack_from("<IIBB", buffer.raw, offset)
        if not length:
            break
        classes.append(efficiency)
        offset += length
    return sum(found == max(classes) for found in classes)


def _sysctl(name: str) -> int:
    """An integer from macOS sysctl; 0 where it is missing (Intel Macs have one kind of core and no such name)."""
    import ctypes

    with suppress(OSError, AttributeError):
        value, size = ctypes.c_int32(0), ctypes.c_size_t(4)
        call = ctypes.CDLL(None).sysctlbyname
        if call(name.encode(), ctypes.byref(value), ctypes.byref(size), None, 0) == 0:
            return value.value
    return 0


def _cpu_quota(cgroup: Path) -> int:
    """The number of processors that a container may use at once; 0 for no limit."""
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
    """Memory limit and use of this process's control groups in bytes, from its own to the outermost."""
    return [
        (most, max(0, _read_number(group / used) - _read_named_number(group / "memory.stat", cache)))
        for group, (limit, used, cache) in _groups(cgroup, own)
        if (most := _read_number(group / limit))
    ]


def _groups(cgroup: Path, own: Path) -> Iterator[tuple[Path, tuple[str, str, str]]]:
    with suppress(OSError, ValueError):
        for line in own.read_text().splitlines():
            _, controllers, path = line.split(":", 2)
            if controllers in _GROUP_FILES:
                root = cgroup / controllers
                innermost = root / path.lstrip("/")
                for group in (innermost, *innermost.parents[: len(innermost.parts) - len(root.parts)]):
                    yield group, _GROUP_FILES[controllers]


_GROUP_FILES = {
    "": ("memory.max", "memory.current", "inactive_file"),
    "memory": ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
}
"""The files with limit, use and the part of it that is file cache, which is given up at once: for version 2 of
control groups, whose name is empty, and for version 1."""


def _read_named_number(path: Path, name: str) -> int:
    """The number after a name in a file of such pairs; 0 where it is missing."""
    with suppress(OSError, ValueError):
        for line in path.read_text().splitlines():
            key, _, value = line.partition(" ")
            if key == name:
                return int(value)
    return 0


def _read_text(path: Path) -> str:
    return path.read_text().strip()


def _read_number(path: Path) -> int:
    """The integer in a system file; 0 where it is missing."""
    with suppress(OSError, ValueError):
        return int(_read_text(path))
    return 0
