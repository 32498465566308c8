"""What trying one passphrase costs: Argon2id's parameters, measured on this machine when a slot is made."""

import time
from collections.abc import Callable

import msgspec

AIM = 0.65
"""Seconds that one try should take here."""
LEAST_SECONDS, MOST_SECONDS = 0.5, 0.8
_MOST_MEMORY_KIB, _MOST_PASSES = 512 * 1024, 64
_ROUNDS = 5


class Cost(msgspec.Struct, frozen=True):
    """Argon2id's memory in KiB, its passes and its lanes."""

    m_kib: int
    t: int
    p: int


LEAST = Cost(64 * 1024, 3, 4)
"""RFC 9106, section 4, second recommended option: no vault is made with less, however slow the machine is."""


def calibrated(
    derive: Callable[[Cost], bytes],
    clock: Callable[[], float] = time.perf_counter,
    most_kib: Callable[[], int] | None = None,
) -> tuple[Cost, bytes]:
    """Derive with growing costs until one takes as long as is aimed at; that cost, and what it gave.

    Memory grows first, as it is what makes guessing dear on other hardware; passes grow when no more may be taken.

    Raises:
        MemoryError: there is not even room for the least cost.
    """
    most = (most_kib or _most_kib)()
    cost, key, took = LEAST, *_timed(derive, LEAST, clock)
    for _ in range(_ROUNDS - 1):
        if LEAST_SECONDS <= took <= MOST_SECONDS:
            break
        wanted = _scaled(cost, AIM / max(took, 1e-3), most)
        if wanted == cost:
            break
        try:
            found, spent = _timed(derive, wanted, clock)
        except MemoryError:  # what was tried before fits
            break
        cost, key, took = wanted, found, spent
    return cost, key


def _timed(derive: Callable[[Cost], bytes], cost: Cost, clock: Callable[[], float]) -> tuple[bytes, float]:
    began = clock()
    return derive(cost), clock() - began


def _scaled(cost: Cost, times: float, most_kib: int) -> Cost:
    """A cost of `times` the work, within the limits; the work is memory times passes."""
    work = cost.m_kib * cost.t * min(times, 16.0)
    memory = min(max(int(work / LEAST.t) // 1024 * 1024, LEAST.m_kib), most_kib)
    return Cost(memory, min(max(round(work / memory), LEAST.t), _MOST_PASSES), LEAST.p)


def _most_kib() -> int:
    """An eighth of this machine's memory, within reason."""
    import psutil  # late: only who makes a slot asks

    eighth = int(psutil.virtual_memory().total) // 8 // 1024
    return max(LEAST.m_kib, min(_MOST_MEMORY_KIB, eighth // 1024 * 1024))
