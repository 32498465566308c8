"""The launcher: standard library only, no keys, no network; it starts the window and ends with it."""

import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

LOCKED = 75  # the window's exit status that asks for a fresh one, at the lock screen
DEMO = "--demo"  # the first window makes a vault with the passphrase that it reads, and imports the demo call


def window_command(arguments: list[str]) -> list[str]:
    """The command that runs the window, in a checkout, a wheel and a frozen tree."""
    # -I: a folder called "app" where the person happens to be must not be taken for ours.
    program = [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-I", "-m", "app"]
    return [*program, "--window", *arguments]


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
    ending: list[int] = []
    while True:
        window = _started(options, demo_passphrase)
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


def _started(options: list[str], demo_passphrase: str) -> "subprocess.Popen[bytes]":
    if not demo_passphrase:
        return subprocess.Popen(window_command(options))  # noqa: S603 - our own executable
    command = window_command([*options, DEMO])
    window = subprocess.Popen(command, stdin=subprocess.PIPE)  # noqa: S603 - our own executable
    assert window.stdin is not None
    with suppress(OSError), window.stdin as pipe:  # no argument and no variable, which other programs could read
        pipe.write(demo_passphrase.encode())
    return window


def _harden() -> None:
    """No core dumps and no tracing of this process either, though it holds nothing."""
    from app.engines import sandbox

    sandbox.harden()


def _ended(window: "subprocess.Popen[bytes]") -> int:
    """Ctrl-C reached the window too: give it time to save."""
    try:
        window.wait(15)
    except subprocess.TimeoutExpired:
        window.kill()
        window.wait()
    return 130


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
