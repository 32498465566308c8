"""The package that was made here beside the checkout: its size, the start of its window, how fast it reads and writes.

[TACIT_REAL=FOLDER] python -m tests.bench.package [RUNS]

FOLDER/models holds a language model; without it the demo's is measured. Needs Xvfb and xdotool.
"""

import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.packaging.package import TREE, module
from tests.running import ROOT, Home

MOST_INSTALLED, MOST_DOWNLOAD, MOST_START, MOST_RATIO, LEAST_SPEED = 350, 130, 2.0, 1.3, 0.95
_COMMANDS = {"package": [str(TREE / "tacit")], "checkout": [str(Path(sys.executable).with_name("tacit"))]}
_READ_AT_START = {"package": (TREE,), "checkout": (Path(sys.prefix), ROOT / "app", ROOT / "assets")}


@contextmanager
def display() -> Iterator[str]:
    """An X server of our own; yields its name."""
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1360x900x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL)
    os.close(writing)
    try:
        with os.fdopen(reading) as told:
            yield f":{told.readline().strip()}"
    finally:
        server.terminate()
        server.wait()


def forget_files(folders: tuple[Path, ...]) -> None:
    """Have the system forget what it keeps in memory of these files, as after a start of the computer."""
    for folder in folders:
        for path in folder.rglob("*"):
            if path.is_file():
                with path.open("rb") as file:
                    os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def seconds_to_window(name: str, screen: str, *, is_cold: bool) -> float:
    """Seconds from the command to a window on the screen."""
    with tempfile.TemporaryDirectory() as folder:
        environment = Home(Path(folder)).environment | {"DISPLAY": screen, "QT_QPA_PLATFORM": "xcb"}
        del environment["PYTHONDONTWRITEBYTECODE"]
        if is_cold:
            forget_files(_READ_AT_START[name])
        began = time.monotonic()
        program = subprocess.Popen(_COMMANDS[name], env=environment, stderr=subprocess.DEVNULL)
        try:
            search = ["xdotool", "search", "--sync", "--onlyvisible", "--name", "^Tacit$"]
            subprocess.run(search, env=environment, check=True, capture_output=True, timeout=60)
            return time.monotonic() - began
        finally:
            program.terminate()
            program.wait()


def tokens_per_second(name: str, model: Path | None) -> float:
    """Tokens that its language model writes in a second, by `tacit bench`."""
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        if model is not None:
            (home.models / model.name).symlink_to(model)
        wished = model.stem if model is not None else "demo-language"
        command = [*_COMMANDS[name], "bench", "--quick", wished]
        said = subprocess.run(command, env=home.environment, capture_output=True, text=True, check=False, timeout=300)
        found = re.search(r"writes ([\d.,]+)", said.stdout + said.stderr)
        if found is None:
            raise RuntimeError(said.stdout + said.stderr)
        return float(found[1].replace(",", ""))


def main() -> int:
    """Print the figures; 1 if one misses its bar."""
    if not (TREE / "tacit").is_file() or not shutil.which("Xvfb") or not shutil.which("xdotool"):
        print("There is no package here, or no Xvfb and xdotool; `make package` makes one.")
        return 2
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    installed = module("debian").size_of(TREE) / 1e6
    downloads = [path.stat().st_size / 1e6 for path in (ROOT / "dist").glob("tacit_*_amd64.deb")]
    download = min(downloads, default=0.0)
    print(f"installed                      {installed:6.0f} MB  (at most {MOST_INSTALLED} MB)")
    print(f"download                       {download:6.0f} MB  (at most {MOST_DOWNLOAD} MB)")
    is_good = installed <= MOST_INSTALLED and 0 < download <= MOST_DOWNLOAD
    with display() as screen:
        for kind, is_cold in (("warm", False), ("cold", True)):
            pairs = [[seconds_to_window(name, screen, is_cold=is_cold) for name in _COMMANDS] for _ in range(runs)]
            package, checkout = (statistics.median(column) for column in zip(*pairs, strict=True))
            print(f"to the window, {kind}            {package:6.2f} s   (checkout {checkout:.2f} s)")
            if is_cold:
                is_good &= package <= MOST_START and package <= MOST_RATIO * checkout
    real = os.environ.get("TACIT_REAL")
    model = min((Path(real) / "models").glob("*.gguf"), key=lambda path: path.stat().st_size) if real else None
    speeds = [[tokens_per_second(name, model) for name in _COMMANDS] for _ in range(runs)]
    package, checkout = (max(column) for column in zip(*speeds, strict=True))
    print(
        f"tokens written in a second     {package:6.1f}     (checkout {checkout:.1f}; {package / checkout:.2f} times)"
    )
    print(f"on {os.cpu_count()} processors; cold at most {MOST_START} s and {MOST_RATIO} times the checkout")
    return 0 if is_good and package >= LEAST_SPEED * checkout else 1


if __name__ == "__main__":
    sys.exit(main())
