"""The launcher: standard library only, no keys, no network; it starts the window and ends with it."""

import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from app.download_broker import Doorkeeper

LOCKED = 75  # the window's exit status that asks for a fresh one, at the lock screen
DEMO = "--demo"  # the first window makes a vault with the passphrase that it reads, and imports the demo call


def window_command(arguments: list[str]) -> list[str]:
    """The command that runs the window, in a checkout, a wheel and a frozen tree."""
    return [*_program(), "--window", *arguments]


def _program() -> list[str]:
    # -I: a folder called "app" where the person happens to be must not be taken for ours.
    return [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-I", "-m", "app"]


def command(arguments: list[str]) -> int:
    """Run a command that may download: a child without a network, and here the door."""
    keeper = Doorkeeper(_named(arguments, "--models"))
    signal.signal(signal.SIGINT, lambda *_: keeper.stop())  # the child, in the same terminal, hears of it too
    child = keeper.start([*_program(), *arguments])
    _harden()
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda number, _: child.send_signal(number))
    status = child.wait()
    keeper.close()
    return status if status >= 0 else 128 - status


def main(arguments: list[str]) -> int:
    """Run the window on the folders named until it ends for good."""
    options = _normal(arguments)
    if options is None:
        sys.stderr.write("tacit: the window takes --vault DIR and --models DIR; see «tacit --help».\n")
        return 2
    return run(options)


def run(options: list[str], demo_passphrase: str = "") -> int:
    """Run the window until it ends for good; a window that locked itself is followed by a fresh one."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    keeper = Doorkeeper(_named(options, "--models"))
    try:
        return _windows(options, demo_passphrase, keeper)
    finally:
        keeper.close()


def _windows(options: list[str], demo_passphrase: str, keeper: Doorkeeper) -> int:
    ending: list[int] = []
    while True:
        window = _started(options, demo_passphrase, keeper)
        demo_passphrase = ""
        _harden()  # while the window starts: a person waits for that

        def end(number: int, _: object, window: "subprocess.Popen[bytes]" = window) -> None:
            ending.append(number)
            window.send_signal(number)

        for name in ("SIGTERM", "SIGHUP"):
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), end)
        try:
            status = window.wait()
        except KeyboardInterrupt:
            return _ended(window)
        if status != LOCKED or ending:  # told to end while one window followed the other: no fresh one
            return status if status >= 0 else 128 - status


def _started(options: list[str], demo_passphrase: str, keeper: Doorkeeper) -> "subprocess.Popen[bytes]":
    if not demo_passphrase:
        return keeper.start(window_command(options))
    window = keeper.start(window_command([*options, DEMO]), stdin=subprocess.PIPE)
    assert window.stdin is not None
    with suppress(OSError), window.stdin as pipe:  # no argument and no variable, which other programs could read
        pipe.write(demo_passphrase.encode())
    return window


def _harden() -> None:
    """No core dumps and no tracing of this process either, though it holds nothing."""
    from app.engines.sandbox import seccomp

    seccomp.harden()


def _ended(window: "subprocess.Popen[bytes]") -> int:
    """Ctrl-C reached the window too: give it time to save."""
    try:
        window.wait(15)
    except subprocess.TimeoutExpired:
        window.kill()
        window.wait()
    return 130


def _named(arguments: list[str], option: str) -> str:
    """What an option names, as a whole path; "" where it is not there."""
    found = ""
    for place, word in enumerate(arguments):
        name, is_joined, value = word.partition("=")
        if name == option:
            found = value if is_joined else "".join(arguments[place + 1 : place + 2])
    return str(Path(found).absolute()) if found else ""


def _normal(arguments: list[str]) -> list[str] | None:
    """`--vault DIR` and `--models DIR` as pairs with whole paths, or None if something else is there."""
    pairs: list[str] = []
    rest = list(arguments)
    while rest:
        option, is_joined, value = rest.pop(0).partition("=")
        if not is_joined:
            value = rest.pop(0) if rest else ""
        if option not in ("--vault", "--models") or not value:
            return None
        pairs += [option, str(Path(value).absolute())]
    return pairs
