"""The demo: imports a real recording and shows its transcript, summary, an answer and search hits."""

import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from app.cli.ask import answer_json, hit_json, hit_text, write_answer
from app.cli.context import CommandContext, common_options, pass_command_context
from app.cli.importing import import_file
from app.cli.progress import TerminalContext
from app.core.durations import format_duration
from app.core.errors import AssistantError
from app.core.import_options import ImportOptions
from app.core.json_shapes import call_json, summary_json, transcript_json
from app.core.readable_text import summary_text, transcript_text
from app.core.resources import demo_call

QUESTION = "Who will send the test results?"
SEARCHED = "payment"
_WORDS = (
    "amber birch cedar delta ember frost grove haven inlet jade kelp larch maple north olive pearl quartz river slate "
    "tulip under violet willow yarrow zenith basil canyon dune eagle fern garnet harbor"
).split()


@click.command()
@click.option("--keep", type=click.Path(path_type=Path, file_okay=False), help="Keep the vault in this folder.")
@click.option("--window", is_flag=True, help="Open the window on the demo instead.")
@common_options
@pass_command_context
def demo(frame: CommandContext, keep: Path | None, window: bool) -> int:
    """Show the whole path on a recorded call between two synthetic voices."""
    if keep is not None:
        frame.application().outputs.require_new_folder(keep)
    with _vault_folder(keep) as folder:
        tacit = frame.application(folder)
        passphrase = "-".join(secrets.choice(_WORDS) for _ in range(6))
        frame.report_model_notices(tacit)
        if window:
            frame.write_message(f"The demo's passphrase: {passphrase}")
            status = frame.open_demo(tacit, passphrase)
            frame.write_message(f"The vault is in {folder}." if keep else "The demo's vault was deleted.")
            return status
        shape = _run(frame, folder, passphrase)
    kept = f"The vault is in {folder}; its passphrase: {passphrase}" if keep else "The demo's vault was deleted."
    if frame.is_json:
        frame.write_result(shape | {"vault": {"path": str(folder), "passphrase": passphrase} if keep else None}, "")
    else:
        click.echo(f"\n{kept}")
    return 0


def _run(frame: CommandContext, folder: Path, passphrase: str) -> dict[str, Any]:
    """Import the demo call, show it, ask about it, and search it."""
    context = TerminalContext()
    tacit = frame.application(folder)
    session = tacit.create(passphrase, is_demo=True)
    try:
        echo = (lambda text: None) if frame.is_json else click.echo
        call = import_file(frame, session, demo_call(), ImportOptions(), context)
        transcript, summary = session.library.transcript(call.id), session.library.summary(call.id)
        assert summary is not None
        heading = f"TRANSCRIPT ({format_duration(transcript.duration)}, {transcript.model})"
        echo(f"\n{heading}\n\n{transcript_text(transcript)}")
        echo(f"SUMMARY ({summary.model})\n\n{summary_text(summary, transcript.speakers)}")
        echo(f"QUESTION\n\n{QUESTION}\n")
        conversation = session.answering.start(call.id)
        message = write_answer(frame, session, conversation, QUESTION)
        hits = session.search.search(SEARCHED)
        echo(f"\nSEARCH «{SEARCHED}»\n\n" + "\n".join(map(hit_text, hits)))
        return {
            "recording": call_json(call), "transcript": transcript_json(transcript),
            "summary": summary_json(summary, transcript), "question": QUESTION, "answer": answer_json(session, message),
            "hits": [hit_json(hit, "words") for hit in hits],
        }  # fmt: skip
    finally:
        session.close()


@contextmanager
def _vault_folder(keep: Path | None) -> Iterator[Path]:
    """The folder to keep, which must be empty, or a temporary one that is deleted afterwards."""
    if keep is not None:
        if keep.exists() and any(keep.iterdir()):
            raise AssistantError(
                "That folder is not empty.", "Nothing was changed; name a new folder for the demo's vault."
            )
        yield keep.absolute()
        return
    folder = Path(tempfile.mkdtemp(prefix="tacit-demo-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
