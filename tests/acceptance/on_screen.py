"""The product on a display of its own, as a person meets it: keys are typed, windows looked for from outside."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.running import ROOT, Home


def until(is_so: Callable[[], object], seconds: float, what: str) -> float:
    """Wait until something is so; the seconds it took.

    Raises:
        AssertionError: it is not so after that time.
    """
    began = time.monotonic()
    while not is_so():
        assert time.monotonic() - began < seconds, f"waited {seconds} s in vain for {what}"
        time.sleep(0.01)
    return time.monotonic() - began


def command_of(pid: int) -> list[str]:
    """The command line of a process; empty if it is gone or a zombie."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_text().split("\0")[:-1]
    return []


def children(pid: int) -> list[int]:
    """The processes that a process has started, and theirs."""
    found: list[int] = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with suppress(OSError, IndexError):
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                if parent == pid and command_of(int(entry.name)):
                    found.append(int(entry.name))
    return found + [below for child in found for below in children(child)]


class OnScreen:
    """The launcher with its window on a display; `variables` are added to their environment."""

    def __init__(self, home: Home, display: str, variables: dict[str, str], *arguments: str) -> None:
        self.environment = home.environment | {"DISPLAY": display, "QT_QPA_PLATFORM": "xcb"} | variables
        command = [sys.executable, "-m", "app", *arguments]
        if not arguments:
            command += ["--vault", str(home.vault), "--models", str(home.models)]
        self.launcher = subprocess.Popen(
            command, cwd=ROOT, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    @property
    def processes(self) -> list[int]:
        """The launcher, the window and every worker that run now."""
        return [self.launcher.pid, *children(self.launcher.pid)]

    @property
    def window(self) -> int | None:
        """The process of the window, once it runs."""
        return next((pid for pid in children(self.launcher.pid) if "--window" in command_of(pid)), None)

    def do(self, *what: str) -> str:
        """Have xdotool do something on the display; what it printed."""
        done = subprocess.run(
            ["xdotool", *what], env=self.environment, capture_output=True, text=True, check=False, timeout=20
        )
        return done.stdout.strip()

    @property
    def shown(self) -> list[str]:
        """The names of the windows that can be seen."""
        found = self.do("search", "--onlyvisible", "--name", ".+").split()
        return [self.do("getwindowname", number) for number in found]

    def wait_for_window(self, before: int | None = None, seconds: float = 30.0) -> int:
        """Wait until a window process other than `before` shows its window; its number."""
        until(lambda: self.window not in (None, before) and self.top(), seconds, "the window")
        self.do("windowfocus", "--sync", self.top())  # there is no window manager to do it
        found = self.window
        assert found is not None
        return found

    def top(self) -> str:
        """The window's number on the display; "" while it can't be seen."""
        found = self.do("search", "--all", "--onlyvisible", "--pid", str(self.window), "--name", "^Tacit$")
        return found.partition("\n")[0]

    def keys(self, *keys: str) -> None:
        """Press keys."""
        self.do("key", "--delay", "40", *keys)

    def type(self, text: str) -> None:
        """Type text."""
        self.do("type", "--delay", "12", text)

    def unlock(self, passphrase: str) -> None:
        """Type the passphrase at the lock screen."""
        self.type(passphrase)
        self.keys("Return")

    def picture(self, path: Path) -> None:
        """Keep what the display shows, to be looked at."""
        subprocess.run(["import", "-window", "root", str(path)], env=self.environment, check=False)


@contextmanager
def display(folder: Path) -> Iterator[str]:
    """A display of its own."""
    reading, writing = os.pipe()
    # -noreset: else it begins anew when its last window closes, and misses the one that comes at that moment.
    options = ["-displayfd", str(writing), "-screen", "0", "1400x900x24", "-nolisten", "tcp", "-noreset"]
    server = subprocess.Popen(
        ["Xvfb", *options, "-fbdir", str(folder)],
        pass_fds=[writing], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(writing)
    try:
        with os.fdopen(reading) as pipe:
            yield f":{pipe.readline().strip()}"
    finally:
        server.terminate()
        server.wait(10)


@contextmanager
def running(
    home: Home, display: str, variables: dict[str, str] | None = None, arguments: tuple[str, ...] = ()
) -> Iterator[OnScreen]:
    """The product on a display, ended at the end."""
    product = OnScreen(home, display, variables or {}, *arguments)
    try:
        yield product
    except BaseException:
        _end(product)
        raise
    said = _end(product)
    assert (product.launcher.returncode, "unexpected" in said) == (0, False), said


def _end(product: OnScreen) -> str:
    product.launcher.send_signal(signal.SIGTERM)
    try:
        return product.launcher.communicate(timeout=20)[1]
    except subprocess.TimeoutExpired:
        product.launcher.kill()
        product.launcher.communicate()
        raise
