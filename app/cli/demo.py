"""The demo: a real recording goes in; transcript, summary, an answer and a search hit come out."""

import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from app.cli.ask import answer_json, answered, hit_json, hit_text
from app.cli.calls import take_in
from app.cli.context import Frame, common, pass_frame
from app.cli.progress import TerminalContext
from app.core.errors import AssistantError
from app.core.export import length, recording_json, summary_json, summary_text, transcript_json, transcript_text
from app.core.resources import demo_call
from app.services.calls.importing import ImportOptions

QUESTION = "Who will send the test results?"
SEARCHED = "payment"
_WORDS = (
    "amber birch cedar delta ember frost grove haven inlet jade kelp larch maple north olive pearl quartz river slate "
    "tulip under violet willow yarrow zenith basil canyon dune eagle fern garnet harbor"
).split()


@click.command()
@click.option("--keep", type=click.Path(path_type=Path, file_okay=False), help="Keep the vault in this folder.")
@click.option("--window", is_flag=True, help="Open the window on the demo instead.")
@common
@pass_frame
def demo(frame: Frame, keep: Path | None, window: bool) -> int:
    """Show the whole path on a recorded call between two synthetic voices."""
    with _folder(keep) as folder:
        tacit = frame.tacit(folder)
        passphrase = "-".join(secrets.choice(_WORDS) for _ in range(6))
        frame.tell_of_models(tacit)
        if window:
            frame.note(f"The demo's passphrase: {passphrase}")
            status = frame.open_demo(tacit, passphrase)
            frame.note(f"The vault is in {folder}." if keep else "The demo's vault was deleted.")
            return status
        shape = _played(frame, folder, passphrase)
    kept = f"The vault is in {folder}; its passphrase: {passphrase}" if keep else "The demo's vault was deleted."
    if frame.is_json:
        frame.data(shape | {"vault": {"path": str(folder), "passphrase": passphrase} if keep else None}, "")
    else:
        click.echo(f"\n{kept}")
    return 0


def _played(frame: Frame, folder: Path, passphrase: str) -> dict[str, Any]:
    """Import, show, ask, search."""
    context = TerminalContext()
    tacit = frame.tacit(folder)
    session = tacit.create(passphrase, is_demo=True)
    try:
        say = (lambda text: None) if frame.is_json else click.echo
        recording = take_in(frame, session, demo_call(), ImportOptions(), context)
        transcript, summary = session.library.transcript(recording.id), session.library.summary(recording.id)
        assert summary is not None
        heading = f"TRANSCRIPT ({length(transcript.duration)}, {transcript.model})"
        say(f"\n{heading}\n\n{transcript_text(transcript)}")
        say(f"SUMMARY ({summary.model})\n\n{summary_text(summary, transcript.speakers)}")
        say(f"QUESTION\n\n{QUESTION}\n")
        conversation = session.chatting.start(recording.id)
        message = answered(frame, session, conversation, QUESTION)
        hits = session.searching.search(SEARCHED)
        say(f"\nSEARCH «{SEARCHED}»\n\n" + "\n".join(map(hit_text, hits)))
        return {
            "recording": recording_json(recording), "transcript": transcript_json(transcript),
            "summary": summary_json(summary, transcript.speakers), "question": QUESTION, "answer": answer_json(message),
            "hits": [hit_json(hit) for hit in hits],
        }  # fmt: skip
    finally:
        session.close()


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    """The folder to keep, which must be free for a vault, or one that is deleted afterwards."""
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
