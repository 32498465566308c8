"""Memory over all processes while three hours are transcribed, beside three minutes.

    python -m tests.bench.memory [LONG_SECONDS [SHORT_SECONDS]]

The proportional set size is summed over the command line and its workers, ten times a second, so
that pages they share count once; the peak is what counts.
"""

import sys
import tempfile
import time
from pathlib import Path

import psutil

from tests.running import Home, joined_call

MOST_MORE = 400e6  # bytes


def total(process: psutil.Process) -> int:
    """Bytes of a process and all below it."""
    found = 0
    try:
        family = [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0
    for member in family:
        try:
            found += member.memory_full_info().pss
        except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
            continue
    return found


def peak_of(folder: Path, seconds: float) -> tuple[int, float, int]:
    """(peak in bytes, seconds it took, lines heard) of importing a call of that length."""
    home = Home(folder)
    call = joined_call(folder / "call.wav", seconds)
    began = time.monotonic()
    run = home.start("import", str(call), "--no-summary", "--json")
    process, peak = psutil.Process(run.pid), 0
    while run.poll() is None:
        peak = max(peak, total(process))
        time.sleep(0.1)
    out, err = run.communicate()
    if run.returncode:
        raise RuntimeError(err + out)
    taken = time.monotonic() - began
    found = home.run("list", "--json").json[0]["id"]
    lines = len(home.run("show", found, "--json").json["transcript"]["utterances"])
    call.unlink()
    return peak, taken, lines


def measure(long: float, short: float) -> dict[str, float]:
    """Peaks of both, and the difference."""
    with tempfile.TemporaryDirectory() as folder:
        few, few_seconds, few_lines = peak_of(Path(folder) / "short", short)
        many, many_seconds, many_lines = peak_of(Path(folder) / "long", long)
    print(f"{short / 60:6.1f} min of call: peak {few / 1e6:7.1f} MB, {few_seconds:6.1f} s, {few_lines} lines")
    print(f"{long / 60:6.1f} min of call: peak {many / 1e6:7.1f} MB, {many_seconds:6.1f} s, {many_lines} lines")
    print(f"more memory: {(many - few) / 1e6:.1f} MB (at most {MOST_MORE / 1e6:.0f} MB), ratio {many / few:.2f}")
    return {"more": many - few, "ratio": many / few, "lines": many_lines / few_lines * short / long}


def main() -> int:
    """Print the figures; 1 if the bar is missed."""
    numbers = [float(a) for a in sys.argv[1:]]
    found = measure(numbers[0] if numbers else 3 * 3600, numbers[1] if len(numbers) > 1 else 180)
    return 0 if found["more"] <= MOST_MORE else 1


if __name__ == "__main__":
    sys.exit(main())
