"""A self-check: each part is used for real, in seconds, on the demo call."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from app.core import prompts
from app.core.engines import Delta
from app.core.errors import AssistantError
from app.core.files import FileSource
from app.core.job import Silent
from app.core.model import NEEDED_KINDS
from app.core.recording import layout_of
from app.core.resources import demo_call
from app.services.application import Tacit
from app.services.calls.importing import surveyed
from app.services.calls.transcribing import transcribe_source
from app.services.engine_pool import Residency

_LEAST_FREE = 500 * 1024 * 1024  # bytes; an hour of compressed sound is 20 MB, and a vault needs room to grow


@dataclass(frozen=True, slots=True)
class Check:
    """One finding."""

    name: str
    is_good: bool
    detail: str


def checks(tacit: Tacit) -> Iterator[Check]:
    """Check every part; each check is yielded when it is done."""
    residency = Residency(tacit.engines(), tacit.models)
    try:
        yield _offline(tacit)
        yield _tried("vault", lambda: _vault(tacit))
        yield _tried("disk", lambda: _disk(tacit))
        yield _tried("models", lambda: _models(tacit))
        yield _tried("decoder", lambda: _decoder(residency))
        yield _tried("speech engine", lambda: _speech(residency))
        yield _tried("language engine", lambda: _language(residency))
        yield _sound(tacit)
    finally:
        residency.close()


def _tried(name: str, check: Callable[[], str]) -> Check:
    try:
        return Check(name, True, check())
    except AssistantError as error:
        return Check(name, False, f"{error.title} {error.advice}")
    except OSError as error:
        return Check(name, False, f"the system refused ({type(error).__name__})")


def _offline(tacit: Tacit) -> Check:
    if not tacit.is_offline_enforced:
        return Check("network", True, "this system does not enforce that Tacit stays offline; no part of it connects")
    return Check("network", tacit.is_refused_by_system(), "the system refuses Tacit and its workers every connection")


def _vault(tacit: Tacit) -> str:
    """Make a vault in a temporary folder, write, close, open, and look for the words on disk."""
    folder = Path(tempfile.mkdtemp(prefix="tacit-check-"))
    marker = "tacit self check marker"
    try:
        session = tacit.at(folder).create(marker)
        session.chatting.start()
        session.close()
        tacit.at(folder).unlock(marker).close()
        if any(marker.encode() in path.read_bytes() for path in folder.rglob("*") if path.is_file()):
            raise AssistantError("The vault wrote words in the clear.", "Do not use this installation.")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    there = "yours is there" if tacit.vault_exists() else "you have none yet"
    return f"made, encrypted and opened again; {there}"


def _disk(tacit: Tacit) -> str:
    folder = tacit.vault_folder
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    if free < _LEAST_FREE:
        raise AssistantError("There is little room on the disk.", f"{free / 1e6:.0f} MB are free; make room.")
    return f"{free / 1e9:.0f} GB are free"


def _models(tacit: Tacit) -> str:
    used = [tacit.models.needed(kind) for kind in NEEDED_KINDS]
    names = ", ".join(model.name for model in used)
    return f"{names}{' (demo)' if tacit.models.uses_demo() else ''}"


def _decoder(residency: Residency) -> str:
    source = FileSource(demo_call())
    try:
        survey = surveyed(residency, source, Silent())
    finally:
        source.close()
    return f"read {survey.duration:.0f} s of {survey.codec}, {layout_of(survey).value}"


def _speech(residency: Residency) -> str:
    source = FileSource(demo_call())
    try:
        survey = surveyed(residency, source, Silent())
        transcript, _ = transcribe_source(residency, source, survey, "", Silent())
    finally:
        source.close()
    return f"heard {len(transcript.utterances)} lines in the demo call"


def _language(residency: Residency) -> str:
    _, engine = residency.language()
    facts = engine.facts()
    pieces = engine.generate(prompts.question_prompt("", (), "Hello"), reply_tokens=32)
    if not any(isinstance(piece, Delta) and piece.text.strip() for piece in pieces):
        raise AssistantError("The language model gives no words.", "Choose another with «tacit models use NAME».")
    return f"{facts.name} answers; it reads {facts.context_tokens} tokens at once"


def _sound(tacit: Tacit) -> Check:
    """Without sound everything but playing works, so its lack is told and is no failure."""
    try:
        tacit.open_loudspeaker(16_000).close()
    except AssistantError as error:
        return Check("loudspeaker", True, f"none: {error.title}")
    return Check("loudspeaker", True, "there is one")
