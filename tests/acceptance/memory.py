"""What lies in the memory of other processes, read from outside."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

_PIECE = 1 << 24
_OVERLAP = 256


def can_read(pid: int) -> bool:
    """Whether the system lets this process read another's memory."""
    try:
        os.close(os.open(f"/proc/{pid}/mem", os.O_RDONLY))
    except OSError:
        return False
    return True


def _pieces(pid: int) -> Iterator[bytes]:
    """All that is mapped for writing, in pieces that overlap."""
    maps = [line.split() for line in Path(f"/proc/{pid}/maps").read_text().splitlines()]
    memory = os.open(f"/proc/{pid}/mem", os.O_RDONLY)
    try:
        for fields in maps:
            if not fields[1].startswith("rw"):
                continue
            start, end = (int(edge, 16) for edge in fields[0].split("-"))
            for at in range(start, end, _PIECE):
                try:
                    yield os.pread(memory, min(_PIECE + _OVERLAP, end - at), at)
                except OSError:
                    continue  # let go meanwhile, or of a device
    finally:
        os.close(memory)


def found_in(pid: int, wanted: Iterable[bytes]) -> set[bytes]:
    """Which of these byte strings lie in a process's memory."""
    left = set(wanted)
    found: set[bytes] = set()
    for piece in _pieces(pid):
        here = {one for one in left if one in piece}
        found |= here
        left -= here
    return found
