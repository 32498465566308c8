"""The command for the self-check and the proof that Tacit is offline."""

import platform
import sys
from dataclasses import asdict
from pathlib import Path

import click
import msgspec

from app import __version__
from app.cli.context import OUTPUT, CommandContext, common_options, force_option, pass_command_context
from app.cli.usage_errors import Misuse
from app.core import diagnostics, resources
from app.core.errors import VaultError
from app.services import licences as bundled
from app.services.application import Application
from app.services.privacy import network_ledger, offline_proof
from app.services.self_check import checks

_NO_PACKAGE = "Nothing of others is inside: this is no package."
_UNLISTED = "The list of what others made is missing from this package. It runs all the same; pass it on to nobody."
_FAULTS = Path()  # `--report` without a file; a folder, which no report is written to
_IN_THE_VAULT = "{} What it holds is left out here; «tacit models ledger» asks for the passphrase, and shows it."


@click.command()
@click.option("--offline", is_flag=True, help="Let each process try to connect, and show what it is told.")
@click.option(
    "--report",
    type=OUTPUT,
    is_flag=False,
    flag_value=_FAULTS,
    metavar="[FILE]",
    help="Show which faults Tacit met; with --offline and FILE.txt or FILE.html, write the proof there.",
)
@click.option("--licences", is_flag=True, help="List what is inside, and under which licences.")
@force_option
@common_options
@pass_command_context
def doctor(frame: CommandContext, offline: bool, report: Path | None, licences: bool, force: bool) -> int:
    """Check this installation, one line each; with --offline, prove that it can't connect."""
    if licences:
        return _list_licences(frame)
    if report == _FAULTS:
        if offline:
            raise Misuse("--offline --report needs a FILE.")
        return _show_faults(frame)
    if report is not None and not offline:
        raise Misuse("--report goes with --offline.")
    return _prove(frame, report, is_forced=force) if offline else _check(frame)


def _list_licences(frame: CommandContext) -> int:
    """List the parts of a package with their licences, and say where the texts lie."""
    parts = bundled.bundled_parts()
    lines = [f"{part.name} {part.version}".rstrip() + f": {part.licence}" for part in parts]
    own = "Tacit itself is under the Apache License 2.0."
    where = f"The texts lie in {resources.licences()}." if parts else _UNLISTED if _is_package() else _NO_PACKAGE
    frame.write_result([msgspec.to_builtins(part) for part in parts], "\n".join([*lines, "", own, where]).lstrip())
    return 0


def _is_package() -> bool:
    return bool(getattr(sys, "frozen", False))


def _show_faults(frame: CommandContext) -> int:
    """Show the faults on file: classes and lines of code, which can be passed on as they are."""
    faults = diagnostics.recorded_faults()
    system = f"Tacit {__version__}, Python {platform.python_version()}, {platform.system()} {platform.machine()}"
    lines = [system, *map(str, faults)] if faults else [system, "No fault is on file."]
    frame.write_result({"system": system, "faults": [asdict(fault) for fault in faults]}, "\n".join(lines))
    return 0


def _check(frame: CommandContext) -> int:
    results = []
    for check in checks(frame.application()):
        results.append(check)
        if not frame.is_json:
            click.echo(f"{'ok  ' if check.is_good else 'FAIL'}  {check.name}: {check.detail}")
    if frame.is_json:
        frame.write_result([{"name": c.name, "ok": c.is_good, "detail": c.detail} for c in results], "")
    return 0 if all(check.is_good for check in results) else 1


def _prove(frame: CommandContext, report: Path | None, *, is_forced: bool) -> int:
    output = None if report is None else frame.output(report, is_forced=is_forced)
    if output is not None and output.is_file:
        offline_proof.require_report_name(output.path)
    has_stdout = output is None or not output.is_standard_output
    tacit = frame.application()
    work = offline_proof.Proving(tacit.engines().prover(), lambda: _network_log(frame, tacit))
    standings = []
    for standing in work.standings():
        standings.append(standing)
        if has_stdout and not frame.is_json:
            click.echo(f"{'ok  ' if offline_proof.is_good(standing) else 'FAIL'}  {offline_proof.title_of(standing)}")
            for fact in offline_proof.facts_of(standing):
                click.echo(f"        {fact}")
    proof = work.proof(standings)
    if output is not None:
        if output.is_standard_output:
            frame.write_text(output, offline_proof.as_text(proof))
            return 0 if proof.is_good else 1
        offline_proof.save_report(proof, output)
    shape = {"ok": proof.is_good, "verdict": proof.verdict, **msgspec.to_builtins(proof)}
    words = ["", proof.verdict]
    for heading, sentences in offline_proof.tail_of(proof):
        words += ["", f"{heading}:", *(f"- {said}" for said in sentences)]
    frame.write_result(shape, "\n".join(words))
    return 0 if proof.is_good else 1


def _network_log(frame: CommandContext, tacit: Application) -> list[str]:
    """The network log in sentences; if the vault is locked, only what is logged outside it."""
    logged_outside = network_ledger.entry_sentences(network_ledger.logged_entries(tacit.models.folder))
    if not tacit.vault_exists():
        return logged_outside
    if not frame.can_unlock_unattended(tacit):
        return [*logged_outside, _IN_THE_VAULT.format("The ledger is in the vault, which is locked.")]
    try:
        with frame.open_session() as session:
            return network_ledger.entry_sentences(session.ledger.entries())
    except VaultError as error:
        return [*logged_outside, _IN_THE_VAULT.format(f"The ledger is in the vault. {error.title}")]
