"""What a passphrase costs is measured, within its limits, on machines of every speed."""

import pytest

from app.core.errors import VaultError
from app.storage.keys import vault_header
from app.storage.keys.kdf_cost import LEAST_COST, LEAST_SECONDS, MOST_SECONDS, KdfCost, calibrate
from app.storage.keys.vault_header import new_header, unwrap_master_key
from tests.running import CHEAP

MIB = 1024


class Machine:
    """A machine that fills so many MiB a second; its clock runs only while it derives."""

    def __init__(self, speed: float, memory_mib: float = 1e9) -> None:
        self.speed, self.memory, self.now = speed, memory_mib, 0.0
        self.tried: list[KdfCost] = []

    def derive(self, cost: KdfCost) -> bytes:
        if cost.m_kib > self.memory * MIB:
            raise MemoryError
        self.tried.append(cost)
        self.now += cost.m_kib / MIB * cost.t / self.speed
        return repr(cost).encode()

    def seconds(self, cost: KdfCost) -> float:
        return cost.m_kib / MIB * cost.t / self.speed

    def calibrate(self, most_mib: int = 512) -> tuple[KdfCost, bytes]:
        return calibrate(self.derive, lambda: self.now, lambda: most_mib * MIB)


@pytest.mark.parametrize(
    ("speed", "most"),
    [(speed, most) for speed in (300, 500, 700, 960, 1_500, 2_400, 5_000) for most in (64, 128, 512)] + [(20_000, 512)],
)
def test_one_try_takes_as_long_as_is_aimed_at(speed: float, most: int) -> None:
    machine = Machine(speed)
    cost, key = machine.calibrate(most)
    assert key == repr(cost).encode(), "what is handed back was made with the cost that is stored"
    assert LEAST_SECONDS <= machine.seconds(cost) <= MOST_SECONDS
    assert LEAST_COST.m_kib <= cost.m_kib <= most * MIB
    assert cost.t >= LEAST_COST.t
    assert machine.now < 3.0


def test_a_slow_machine_keeps_the_least_cost() -> None:
    for speed in (1, 20, 100, 200):
        assert Machine(speed).calibrate()[0] == LEAST_COST


def test_a_machine_without_the_room_keeps_what_fits() -> None:
    assert Machine(5_000, memory_mib=100).calibrate()[0] == LEAST_COST
    with pytest.raises(MemoryError):
        Machine(5_000, memory_mib=32).calibrate()


def test_no_memory_is_told_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> bytes:
        raise MemoryError

    header, _ = new_header("correct horse", CHEAP)
    monkeypatch.setattr(vault_header, "_stretched", refuse)
    with pytest.raises(VaultError, match="memory"):
        new_header("correct horse")
    with pytest.raises(VaultError, match="memory"):
        unwrap_master_key(header, "correct horse")


def test_here_it_costs_at_least_what_is_promised() -> None:
    header, master = new_header("correct horse battery staple")
    (slot,) = header.slots
    assert slot.m_kib >= 64 * MIB
    assert (slot.t >= 3, slot.p) == (True, 4)
    assert unwrap_master_key(header, "correct horse battery staple") == master
