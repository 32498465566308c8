"""From launch to an unlock field that takes a key, beside a bare PySide6 window; and `tacit --help`.

python -m tests.bench.start [RUNS]
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.running import ROOT, Home

PROBE = Path(__file__).with_name("start_probe.py")
MOST_SECONDS, MOST_RATIO, MOST_HELP = 1.5, 3.0, 0.3


def seconds_to_key(home: Home, kind: str) -> float:
    """Seconds from the start of the process to a key in its field."""
    arguments = ["--vault", str(home.vault), "--models", str(home.models)] if kind == "launched" else []
    environment = home.environment | {"QT_QPA_PLATFORM": "offscreen"}
    del environment["PYTHONDONTWRITEBYTECODE"]
    began = time.monotonic()
    ended = subprocess.run(
        [sys.executable, str(PROBE), kind, *arguments], env=environment, cwd=ROOT, capture_output=True, text=True,
        check=False, timeout=60,
    )  # fmt: skip
    if not ended.stdout.strip():
        raise RuntimeError(ended.stderr)
    return float(ended.stdout.split()[-1]) - began


def seconds_of_help(home: Home) -> float:
    """Seconds that `tacit --help` takes as a whole process."""
    environment = home.environment
    del environment["PYTHONDONTWRITEBYTECODE"]
    command = Path(sys.executable).with_name("tacit")
    began = time.monotonic()
    subprocess.run([str(command), "--help"], env=environment, cwd=ROOT, capture_output=True, check=True)
    return time.monotonic() - began


def measure(runs: int) -> dict[str, float]:
    """Medians over `runs` runs, each product's run beside a bare one."""
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        if home.run("list").status:
            raise RuntimeError("no vault could be made")
        for kind in ("launched", "bare"):
            seconds_to_key(home, kind)  # warm: bytecode and the disk's cache
        pairs = [(seconds_to_key(home, "launched"), seconds_to_key(home, "bare")) for _ in range(runs)]
        helps = [seconds_of_help(home) for _ in range(runs + 1)][1:]
    return {
        "launch": statistics.median(a for a, _ in pairs),
        "bare": statistics.median(b for _, b in pairs),
        "ratio": statistics.median(a / b for a, b in pairs),
        "help": statistics.median(helps),
    }


def main() -> int:
    """Print the figures; 1 if one misses its bar."""
    found = measure(int(sys.argv[1]) if len(sys.argv) > 1 else 7)
    print(f"launch to a key in the unlock field  {found['launch']:.2f} s  (at most {MOST_SECONDS} s)")
    print(f"the same in a bare PySide6 window    {found['bare']:.2f} s")
    print(f"ratio, pair by pair                  {found['ratio']:.2f}    (at most {MOST_RATIO:.0f})")
    print(f"tacit --help                         {found['help']:.2f} s  (at most {MOST_HELP} s)")
    print(f"on {os.cpu_count()} processors")
    good = found["launch"] <= MOST_SECONDS and found["ratio"] <= MOST_RATIO and found["help"] <= MOST_HELP
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
