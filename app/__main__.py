"""The entry point: starts the window, the command line or a worker."""

import os
import signal
import sys


def _stop_at_once(*_: object) -> None:
    os._exit(130)


if __name__ == "__main__":  # before what takes time to import: a traceback would tell a person nothing
    signal.signal(signal.SIGINT, _stop_at_once)

from typing import TYPE_CHECKING  # noqa: E402

from app.core.own_program import own_command  # noqa: E402
from app.options import MODELS, RESTORE, VAULT, parse  # noqa: E402

if TYPE_CHECKING:
    from io import RawIOBase
    from pathlib import Path
    from typing import BinaryIO

    from app.services.application import Application


def start() -> int:
    """Run `main` in an interpreter that takes no code from the environment or the current folder.

    What PYTHONPATH or a user's own site folder holds must not come before our modules. `tacit` of a checkout starts
    Python so already (packaging/set-up.sh); where pip has made the command, the process is replaced once.
    """
    if not sys.flags.isolated and not getattr(sys, "frozen", False) and os.name == "posix":
        command = own_command()
        os.execv(command[0], [*command, *sys.argv[1:]])  # noqa: S606 - our own executable
    return main()


def main() -> int:
    """Run what the command line asks for and return its exit status."""
    os.umask(0o077)
    _occupy_closed_standard_descriptors()
    signal.signal(signal.SIGINT, _stop_at_once)  # nothing to save yet; the front ends install their own handlers later
    arguments = sys.argv[1:]
    if arguments == ["--worker", "vault"]:
        from app import vault_reader

        return vault_reader.main()
    if arguments[:1] == ["--worker"] and len(arguments) == 2:
        from app.engines.worker import main as engine_worker

        return engine_worker.main(arguments[1])
    if arguments == ["--download"]:
        return _run_download_worker()
    if arguments[-3:-2] == ["--door"]:  # the two pipes to the launcher's download broker
        door = (int(arguments[-2]), int(arguments[-1]))
        return _run_front_end(arguments[:-3], is_window=arguments[0] == "--window", door=door)
    if arguments[:1] == ["--window"]:
        return _run_front_end(arguments, is_window=True)
    options = parse(arguments)
    if options.asks_for_window():
        from app import launcher

        return launcher.main(arguments)
    if options.words[:2] == ["models", "pull"]:  # needs the launcher: a sandboxed process can't start a download
        from app import launcher

        return launcher.run_command(arguments)
    return _run_front_end(arguments, is_window=False)


def _occupy_closed_standard_descriptors() -> None:
    """Open what was closed at the start: the next file, such as the vault, would else get what libraries print."""
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(descriptor, True)
    os.close(descriptor)
    if sys.stderr is None:  # messages are lost then; data that can't be written is told by the command
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 - for as long as we live


def _run_download_worker() -> int:
    """Run the one process that may connect: it downloads the models whose ids the launcher sends, one at a time."""
    from app import download_broker

    if hasattr(os, "nice"):
        os.nice(10)  # it loads while the first window starts, and a person waits for that
    for name in os.environ.keys() - download_broker.worker_environment().keys():
        del os.environ[name]  # whoever started us: the environment must not choose the certificates, for one
    from app.engines.sandbox import confine, seccomp

    def confine_forked(folder: "Path", ports: set[int]) -> None:
        seccomp.die_with_parent()
        confine.confine_download(folder, ports)

    seccomp.harden()
    with open(os.dup(0), "rb", buffering=0) as incoming, open(os.dup(1), "wb") as outgoing:  # noqa: PTH123 - descriptors
        os.dup2(2, 1)  # what a library prints must not be mistaken for progress
        if not sys.platform.startswith("linux"):
            return _download_once(incoming, outgoing)
        from app.catalog.download import server

        return server.serve(incoming.fileno(), outgoing.fileno(), confine_forked)


def _download_once(incoming: "RawIOBase", outgoing: "BinaryIO") -> int:
    """Run one download, where no process is forked for it."""
    from app.catalog.download import worker as download_worker
    from app.engines.sandbox import confine

    try:
        request = download_worker.read_request(incoming)
    except ValueError:
        return download_worker.reject_request()
    folder, ports = download_worker.required_access(request)
    # A folder that could not be created stays unreachable; the download then reports it.
    confine.confine_download(folder, ports)
    return download_worker.run(request, incoming, outgoing)


def _run_front_end(arguments: list[str], *, is_window: bool, door: tuple[int, int] | None = None) -> int:
    from app import __version__
    from app.core import diagnostics
    from app.engines.sandbox import confine, seccomp

    if not is_window:  # the window takes only folders, a command may take questions and titles
        seccomp.hide_arguments()
    seccomp.harden()
    os.environ.update(seccomp.quiet_environment())
    diagnostics.keep_faults_in(_faults_file, __version__)
    is_socket_needed = _limit_writing(arguments[1:] if is_window else arguments, is_window=is_window)
    is_enforced = confine.confine_front_end("window" if is_window else "command line")
    if not is_socket_needed:
        confine.leave_local_programs()
    if is_window:
        seccomp.die_with_parent(signal.SIGTERM)  # we end with the launcher, and SIGTERM leaves time to save
        from app import assembly, launcher
        from app.core import exit_status
        from app.ui import main_window

        demo_passphrase = ""
        if arguments[-1:] == [launcher.DEMO]:
            demo_passphrase = sys.stdin.read()
        tacit = assembly.build_from_arguments(arguments[1:], is_enforced, door)
        status = main_window.run(tacit, demo_passphrase, only_restores=RESTORE in arguments)
        if status == exit_status.LOCKED:
            os._exit(status)  # immediately: an orderly exit would only keep the keys in memory longer
        return status
    from app.cli import main as cli

    def build(vault: "Path | None", models: "Path | None", *, is_offline_enforced: bool) -> "Application":
        from app import assembly

        return assembly.build(vault, models, is_offline_enforced=is_offline_enforced, door=door)

    return cli.run(arguments, is_enforced, build, _open_demo)


def _limit_writing(arguments: list[str], *, is_window: bool) -> bool:
    """Let this head write in its own folders only, and have a broker make what a person names.

    Returns whether it must speak to programs on this computer: to the display, or for a command to the keychain.
    """
    from app.engines.sandbox import confine

    if _is_for_help(arguments):
        confine.limit_writing(())
        return False
    if arguments[:1] == ["demo"] and "--window" in arguments:
        return True  # the process of a demo's window has walls of its own, and this one starts it and no more
    from app import output_broker, writable_folders
    from app.core import output

    if output_broker.is_possible():
        writable = writable_folders.prepare(arguments, is_window=is_window)
        if writable.needs_broker:
            output.write_by(output_broker.start(writable))
        confine.limit_writing(writable.folders)
    else:
        confine.limit_writing(())  # says that the system has nothing for it
    return is_window or writable_folders.may_use_keychain(arguments)


def _is_for_help(arguments: list[str]) -> bool:
    """Whether a command line asks for help or the version alone: words, and then one of these options."""
    options = [word for word in arguments if word.startswith("-")]
    return len(options) == 1 and options == arguments[-1:] and options[0] in ("-h", "--help", "--version")


def _faults_file() -> "Path":
    from app.catalog import paths

    return paths.faults_file()


def _open_demo(tacit: "Application", passphrase: str) -> int:
    """Open the demo in a window process of its own: this one outlives a window that locks, and must hold no key."""
    from app import launcher

    return launcher.run([VAULT.name, str(tacit.vault_folder), MODELS.name, str(tacit.models.folder)], passphrase)


if __name__ == "__main__":
    sys.exit(start())
