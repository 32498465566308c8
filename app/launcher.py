"""The launcher, which starts the window and ends with it: standard library only, no keys, no network."""

import signal
import subprocess
import sys
from contextlib import suppress

from app.core import exit_status
from app.core.own_program import own_command
from app.download_broker import DownloadBroker
from app.options import COMMON_OPTIONS, MODELS, RESTORE, parse

DEMO = "--demo"  # the first window reads a passphrase, creates a vault with it, and imports the demo call


def window_command(arguments: list[str]) -> list[str]:
    """The command that runs the window, in a checkout, a wheel or a frozen build."""
    return [*own_command(), "--window", *arguments]


def run_command(arguments: list[str]) -> int:
    """Run a command that may download: in a child without network access, with the download broker here."""
    broker = _make_broker(arguments)
    _give_up_rights()
    signal.signal(signal.SIGINT, lambda *_: broker.stop())  # the child, in the same terminal, gets it too
    child = broker.start([*own_command(), *arguments])
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda number, _: child.send_signal(number))
    status = child.wait()
    broker.close()
    return status if status >= 0 else 128 - status


def main(arguments: list[str]) -> int:
    """Run the window on the given folders until it ends for good."""
    options = parse(arguments).window_arguments()
    if options is None:
        taken = " and ".join(f"{option.name} {option.metavar}" for option in COMMON_OPTIONS if option.is_for_window)
        sys.stderr.write(f"tacit: the window takes {taken}; see «tacit --help».\n")
        return 2
    return run(options)


def run(options: list[str], demo_passphrase: str = "") -> int:
    """Run the window until it ends for good; a window that locked itself is replaced by a new one."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    broker = _make_broker(options)
    _give_up_rights()
    try:
        return _run_windows(options, demo_passphrase, broker)
    finally:
        broker.close()


def _make_broker(arguments: list[str]) -> DownloadBroker:
    models = parse(arguments).path(MODELS)
    return DownloadBroker(str(models.absolute()) if models else "")


def _run_windows(options: list[str], demo_passphrase: str, broker: DownloadBroker) -> int:
    ending: list[int] = []
    status = exit_status.LOCKED
    while True:
        restoring = [RESTORE] if status == exit_status.RESTORING else []
        window = _start_window([*options, *restoring], demo_passphrase, broker)
        demo_passphrase = ""

        def end(number: int, _: object, window: "subprocess.Popen[bytes]" = window) -> None:
            ending.append(number)
            window.send_signal(number)

        for name in ("SIGTERM", "SIGHUP"):
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), end)
        try:
            status = window.wait()
        except KeyboardInterrupt:
            return _wait_for_end(window)
        if (
            status not in (exit_status.LOCKED, exit_status.RESTORING) or ending
        ):  # asked to end between two windows: no new one
            return status if status >= 0 else 128 - status


def _start_window(options: list[str], demo_passphrase: str, broker: DownloadBroker) -> "subprocess.Popen[bytes]":
    if not demo_passphrase:
        return broker.start(window_command(options))
    window = broker.start(window_command([*options, DEMO]), stdin=subprocess.PIPE)
    assert window.stdin is not None
    with suppress(OSError), window.stdin as pipe:  # not as an argument or a variable, which other programs could read
        pipe.write(demo_passphrase.encode())
    return window


def _give_up_rights() -> None:
    """Take the rights of a window from this process too, after the download server was started and before any child.

    So whatever it starts later is confined from its first instruction, whatever a window may have written to the disk.
    """
    from app.engines.sandbox import confine, seccomp

    seccomp.harden()
    confine.confine_launcher()


def _wait_for_end(window: "subprocess.Popen[bytes]") -> int:
    """Give the window, which got the Ctrl-C too, time to save."""
    try:
        window.wait(15)
    except subprocess.TimeoutExpired:
        window.kill()
        window.wait()
    return 130
