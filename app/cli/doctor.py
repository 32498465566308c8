"""The self-check, and the proof that Tacit is offline."""

from pathlib import Path

import click
import msgspec

from app.cli.context import Frame, common, pass_frame
from app.core.errors import VaultError
from app.services.application import Tacit
from app.services.privacy import network_ledger, offline_proof
from app.services.self_check import checks

_IN_THE_VAULT = "{} What it holds is left out here; «tacit models ledger» asks for the passphrase, and shows it."


@click.command()
@click.option("--offline", is_flag=True, help="Let each process try to connect, and show what it is told.")
@click.option("--report", type=click.Path(path_type=Path), help="Write the proof to FILE.txt or FILE.html.")
@common
@pass_frame
def doctor(frame: Frame, offline: bool, report: Path | None) -> int:
    """Check this installation, one line each; with --offline, prove that it can't connect."""
    if report is not None and not offline:
        raise click.UsageError("--report goes with --offline.")
    return _prove(frame, report) if offline else _check(frame)


def _check(frame: Frame) -> int:
    results = []
    for check in checks(frame.tacit()):
        results.append(check)
        if not frame.is_json:
            click.echo(f"{'ok  ' if check.is_good else 'FAIL'}  {check.name}: {check.detail}")
    if frame.is_json:
        frame.data([{"name": c.name, "ok": c.is_good, "detail": c.detail} for c in results], "")
    return 0 if all(check.is_good for check in results) else 1


def _prove(frame: Frame, report: Path | None) -> int:
    if report is not None:
        offline_proof.prepare_report(report)
    tacit = frame.tacit()
    work = offline_proof.Proving(tacit.engines().prover(), lambda: _openings(frame, tacit))
    standings = []
    for standing in work.standings():
        standings.append(standing)
        if not frame.is_json:
            click.echo(f"{'ok  ' if offline_proof.is_good(standing) else 'FAIL'}  {offline_proof.title_of(standing)}")
            for fact in offline_proof.facts_of(standing):
                click.echo(f"        {fact}")
    proof = work.proof(standings)
    if report is not None:
        offline_proof.save_report(proof, report)
    shape = {"ok": proof.is_good, "verdict": proof.verdict, **msgspec.to_builtins(proof)}
    words = ["", proof.verdict]
    for heading, sentences in offline_proof.tail_of(proof):
        words += ["", f"{heading}:", *(f"- {said}" for said in sentences)]
    frame.data(shape, "\n".join(words))
    return 0 if proof.is_good else 1


def _openings(frame: Frame, tacit: Tacit) -> list[str]:
    """The ledger in sentences; of a vault that would have to be asked for, what is noted outside of it."""
    noted = network_ledger.in_sentences(network_ledger.noted_openings(tacit.models.folder))
    if not tacit.vault_exists():
        return noted
    if not frame.unlocks_by_itself(tacit):
        return [*noted, _IN_THE_VAULT.format("The ledger is in the vault, which is locked.")]
    try:
        with frame.session() as session:
            return network_ledger.in_sentences(session.ledger.openings())
    except VaultError as error:
        return [*noted, _IN_THE_VAULT.format(f"The ledger is in the vault. {error.title}")]
