"""The entry point: starts the window, the command line or a worker."""

import os
import signal
import sys
from typing import TYPE_CHECKING

from app.options import MODELS, VAULT, parse

if TYPE_CHECKING:
    from pathlib import Path

    from app.services.application import Application


def main() -> int:
    """Run what the command line asks for and return its exit status."""
    os.umask(0o077)
    signal.signal(signal.SIGINT, _stop_at_once)  # nothing to save yet; the front ends install their own handlers later
    arguments = sys.argv[1:]
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


def _stop_at_once(*_: object) -> None:
    os._exit(130)


def _run_download_worker() -> int:
    """Run the one process that may connect: it downloads the model whose id the launcher sends, then ends."""
    from app import download_broker

    for name in os.environ.keys() - download_broker.worker_environment().keys():
        del os.environ[name]  # whoever started us: the environment must not choose the certificates, for one
    from app.catalog.download import worker as download_worker
    from app.engines.sandbox import confine, seccomp

    seccomp.harden()
    with open(os.dup(0), "rb", buffering=0) as incoming, open(os.dup(1), "wb") as outgoing:  # noqa: PTH123 - descriptors
        os.dup2(2, 1)  # what a library prints must not be mistaken for progress
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
    is_enforced = confine.confine_front_end("window" if is_window else "command line")
    if is_window:
        seccomp.die_with_parent(signal.SIGTERM)  # we end with the launcher, and SIGTERM leaves time to save
        from app import assembly, launcher
        from app.core import exit_status
        from app.ui import main_window

        demo_passphrase = ""
        if arguments[-1:] == [launcher.DEMO]:
            demo_passphrase = sys.stdin.read()
        status = main_window.run(assembly.build_from_arguments(arguments[1:], is_enforced, door), demo_passphrase)
        if status == exit_status.LOCKED:
            os._exit(status)  # immediately: an orderly exit would only keep the keys in memory longer
        return status
    from app.cli import main as cli

    def build(vault: "Path | None", models: "Path | None", *, is_offline_enforced: bool) -> "Application":
        from app import assembly

        return assembly.build(vault, models, is_offline_enforced=is_offline_enforced, door=door)

    return cli.run(arguments, is_enforced, build, _open_demo)


def _faults_file() -> "Path":
    from app.catalog import paths

    return paths.faults_file()


def _open_demo(tacit: "Application", passphrase: str) -> int:
    """Open the demo in a window process of its own: this one outlives a window that locks, and must hold no key."""
    from app import launcher

    return launcher.run([VAULT.name, str(tacit.vault_folder), MODELS.name, str(tacit.models.folder)], passphrase)


if __name__ == "__main__":
    sys.exit(main())
