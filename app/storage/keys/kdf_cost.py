"""The cost of trying one passphrase: Argon2id parameters, calibrated on this machine when a slot is made."""

import time
from collections.abc import Callable

import msgspec

TARGET_SECONDS = 0.65
"""Seconds one try should take on this machine."""
LEAST_SECONDS, MOST_SECONDS = 0.5, 0.8
_MOST_MEMORY_KIB, _MOST_PASSES = 512 * 1024, 64
_ROUNDS = 5


class KdfCost(msgspec.Struct, frozen=True):
    """Argon2id parameters: memory in KiB, passes and lanes."""

    m_kib: int
    t: int
    p: int


LEAST_COST = KdfCost(64 * 1024, 3, 4)
"""RFC 9106, section 4, second recommended option: no vault gets less, however slow the machine."""


def calibrate(
    derive: Callable[[KdfCost], bytes],
    clock: Callable[[], float] = time.perf_counter,
    most_kib: Callable[[], int] | None = None,
) -> tuple[KdfCost, bytes]:
    """Derive with growing costs until one takes long enough; return that cost and the key derived with it.

    Memory grows first, because it is what makes guessing expensive on other hardware; passes grow once memory is at
    its limit.

    Raises:
        MemoryError: there is not enough memory even for the lowest cost.
    """
    most = (most_kib or _most_kib)()
    cost, key, took = LEAST_COST, *_time_derivation(derive, LEAST_COST, clock)
    for _ in range(_ROUNDS - 1):
        if LEAST_SECONDS <= took <= MOST_SECONDS:
            break
        wanted = _scaled(cost, TARGET_SECONDS / max(took, 1e-3), most)
        if wanted == cost:
            break
        try:
            found, spent = _time_derivation(derive, wanted, clock)
        except MemoryError:  # keep the last cost that fitted
            break
        cost, key, took = wanted, found, spent
    return cost, key


def _time_derivation(
    derive: Callable[[KdfCost], bytes], cost: KdfCost, clock: Callable[[], float]
) -> tuple[bytes, float]:
    began = clock()
    return derive(cost), clock() - began


def _scaled(cost: KdfCost, times: float, most_kib: int) -> KdfCost:
    """A cost with `times` the work, within the limits; work is memory times passes."""
    work = cost.m_kib * cost.t * min(times, 16.0)
    memory = min(max(int(work / LEAST_COST.t) // 1024 * 1024, LEAST_COST.m_kib), most_kib)
    return KdfCost(memory, min(max(round(work / memory), LEAST_COST.t), _MOST_PASSES), LEAST_COST.p)


def _most_kib() -> int:
    """An eighth of this machine's memory in KiB, within fixed bounds."""
    import psutil  # late: needed only when a slot is made

    eighth = int(psutil.virtual_memory().total) // 8 // 1024
    return max(LEAST_COST.m_kib, min(_MOST_MEMORY_KIB, eighth // 1024 * 1024))
