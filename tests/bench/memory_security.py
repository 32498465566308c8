"""What SQLCipher's `cipher_memory_security` costs on the vault's own work.

python -m tests.bench.memory_security [ROUNDS]
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from app.storage.database import connection
from app.storage.tables.calls import CallStore
from tests.conftest import opened_vault
from tests.storage.calls import add, line

_LINES = 2_000
_SETTING = "PRAGMA cipher_memory_security={};"


def seconds(work: Callable[[], object]) -> float:
    """How long it takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def measure(folder: Path, setting: str) -> dict[str, float]:
    """Seconds of each piece of work. Once on, it stays on in a process: each measurement has its own."""
    connection._PRAGMAS = _SETTING.format(setting) + connection._PRAGMAS
    vault = opened_vault(folder)
    store = CallStore(vault)
    made = add(store, "hello")
    lines = [line(f"we send the price list number {n} by friday", 10.0 * n) for n in range(_LINES)]
    found = {"save 2,000 lines": seconds(lambda: store.save_utterances(made, 0, 1.0, lines, "en"))}
    singly = [[said] for said in lines[:50]]

    def save_singly() -> None:
        for one in singly:
            store.save_utterances(made, 0, 1.0, one, "en")

    found["save 50 lines, one by one"] = seconds(save_singly)
    found["open the call, 20 times"] = seconds(lambda: [store.transcript(made) for _ in range(20)])
    found["search, 20 times"] = seconds(lambda: [store.search('"price" "list"', 50) for _ in range(20)])
    vault.close()
    again = opened_vault(folder)
    found["open the vault"] = seconds(lambda: CallStore(again).all())
    again.close()
    return found


def measured(setting: str) -> dict[str, float]:
    """The same, in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "tests.bench.memory_security", setting, folder]
        found: dict[str, float] = json.loads(subprocess.check_output(command))
    return found


def main() -> int:
    """Print how many times as long each piece of work takes with the setting on."""
    if sys.argv[1:2] in (["ON"], ["OFF"]):
        print(json.dumps(measure(Path(sys.argv[2]), sys.argv[1])))
        return 0
    ratios: dict[str, list[float]] = {}
    for _ in range(int(sys.argv[1]) if len(sys.argv) > 1 else 5):
        off, on = measured("OFF"), measured("ON")
        for name in off:
            ratios.setdefault(name, []).append(on[name] / off[name])
    for name, found in ratios.items():
        print(f"{name:28} {statistics.median(found):.2f} times as long ({min(found):.2f} to {max(found):.2f})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
