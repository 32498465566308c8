"""Pages that hold keys are locked against swapping."""

import mmap
import sys
from pathlib import Path

import pytest

from app.storage.keys.memory_lock import lock_in_memory

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def locked_at(address: int) -> bool:
    """Whether the mapping that holds an address is locked."""
    is_here = False
    for line in Path("/proc/self/smaps").read_text().splitlines():
        edges = line.split()[0].split("-")
        if len(edges) == 2:
            is_here = int(edges[0], 16) <= address < int(edges[1], 16)
        elif is_here and line.startswith("VmFlags:"):
            return " lo" in line
    raise AssertionError("no such mapping")


def test_the_page_of_a_key_is_locked() -> None:
    key = bytes(range(32)) * (mmap.PAGESIZE // 8)  # large, so that no page of other tests is locked with it
    address = id(key) + bytes.__basicsize__ - 1
    assert not locked_at(address)
    if not lock_in_memory(key):
        pytest.skip("the system allows this process no locked memory")
    assert locked_at(address)
    assert locked_at(address + len(key) - 1)
