"""Cores of which only the fast ones count, and the limits of a container."""

from pathlib import Path

import pytest

from app.services.hardware import memory_and_cores


def processors(folder: Path, kinds: list[tuple[int, int, int]]) -> Path:
    """/sys/devices/system/cpu: for each logical processor its core, its capacity and its highest frequency."""
    for number, (core, capacity, frequency) in enumerate(kinds):
        place = folder / f"cpu{number}"
        (place / "topology").mkdir(parents=True)
        (place / "cpufreq").mkdir()
        (place / "topology/physical_package_id").write_text("0\n")
        (place / "topology/core_id").write_text(f"{core}\n")
        if capacity:
            (place / "cpu_capacity").write_text(f"{capacity}\n")
        if frequency:
            (place / "cpufreq/cpuinfo_max_freq").write_text(f"{frequency}\n")
    return folder


@pytest.mark.parametrize(
    ("kinds", "fast"),
    [
        ([(0, 0, 0), (0, 0, 0), (1, 0, 0), (1, 0, 0)], 2),  # two cores with two threads each
        ([(n // 2, 0, 5_000_000) for n in range(8)] + [(9 + n, 0, 3_800_000) for n in range(8)], 4),  # P and E cores
        ([(n, 1024 if n < 2 else 400, 0) for n in range(8)], 2),  # big and little of ARM
        ([(n, 0, 4_700_000 if n else 4_900_000) for n in range(6)], 6),  # a favoured core is of the same kind
    ],
    ids=["hyperthreads", "hybrid", "big.LITTLE", "favoured"],
)
def test_only_fast_physical_cores_count(tmp_path: Path, kinds: list[tuple[int, int, int]], fast: int) -> None:
    assert memory_and_cores.performance_cores(processors(tmp_path / "cpu", kinds), tmp_path) == fast


def test_a_container_gets_no_more_than_its_quota(tmp_path: Path) -> None:
    cores = processors(tmp_path / "cpu", [(n, 0, 0) for n in range(16)])
    (tmp_path / "cpu.max").write_text("250000 100000\n")
    assert memory_and_cores.performance_cores(cores, tmp_path) == 2
    (tmp_path / "cpu.max").write_text("max 100000\n")
    assert memory_and_cores.performance_cores(cores, tmp_path) == 16


def test_memory_ends_where_a_control_group_ends_it_and_files_that_are_cached_count_as_free(tmp_path: Path) -> None:
    own = tmp_path / "cgroup"
    own.write_text("4:memory:/box\n0::/user/app\n")
    second, first = tmp_path / "user/app", tmp_path / "memory/box"
    for folder in (second, first):
        folder.mkdir(parents=True)
    (tmp_path / "user/memory.max").write_text("5000\n")
    (tmp_path / "user/memory.current").write_text("3000\n")
    (tmp_path / "user/memory.stat").write_text("anon 900\ninactive_file 1200\n")
    (second / "memory.max").write_text("max\n")
    assert memory_and_cores._limits(tmp_path, own) == [(5000, 1800)]
    (first / "memory.limit_in_bytes").write_text("4000\n")
    (first / "memory.usage_in_bytes").write_text("100\n")
    assert sorted(memory_and_cores._limits(tmp_path, own)) == [(4000, 100), (5000, 1800)]
    own.write_text("nonsense\n")
    assert memory_and_cores._limits(tmp_path, own) == memory_and_cores._limits(tmp_path, tmp_path / "none") == []


def test_energy_is_the_sum_of_the_packages_or_unknown(tmp_path: Path) -> None:
    assert memory_and_cores.energy_joules(tmp_path) is None
    for number in (0, 1):
        (tmp_path / f"intel-rapl:{number}").mkdir()
        (tmp_path / f"intel-rapl:{number}/energy_uj").write_text("1500000\n")
    assert memory_and_cores.energy_joules(tmp_path) == 3.0


def test_memory_is_what_the_system_says() -> None:
    assert 0 < memory_and_cores.free_bytes() <= memory_and_cores.total_bytes()
    assert memory_and_cores.machine_key() == memory_and_cores.machine_key()
