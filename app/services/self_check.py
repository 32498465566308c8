"""The self-check: every part is exercised for real on the demo call, within seconds."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from app.core import prompts
from app.core.call import layout_of
from app.core.engines import Delta
from app.core.errors import AssistantError
from app.core.files import FileSource
from app.core.job import NullContext
from app.core.model import NEEDED_KINDS, LanguageFacts
from app.core.resources import demo_call
from app.core.wording import wording_of
from app.services.application import Application
from app.services.calls.importing import survey_source
from app.services.calls.transcribing import transcribe_source
from app.services.engine_pool import FOR_WANT_OF_MEMORY, EnginePool, retry

_LEAST_FREE = 500 * 1024 * 1024  # bytes; an hour of compressed audio is 20 MB, and a vault needs room to grow


@dataclass(frozen=True, slots=True)
class Check:
    """The result of checking one part."""

    name: str
    is_good: bool
    detail: str


def checks(tacit: Application) -> Iterator[Check]:
    """Check every part, yielding each result as soon as it is known."""
    engine_pool = EnginePool(tacit.engines(), tacit.models)
    try:
        yield _check_network(tacit)
        yield _run_check("vault", lambda: _check_vault(tacit))
        yield _run_check("disk", lambda: _check_disk(tacit))
        yield _run_check("models", lambda: _check_models(tacit))
        yield _run_check("decoder", lambda: _check_decoder(engine_pool))
        yield _run_check("speech engine", lambda: _check_speech(engine_pool))
        yield _run_check("language engine", lambda: _check_language(engine_pool))
        yield _check_sound(tacit)
    finally:
        engine_pool.close()


def _run_check(name: str, check: Callable[[], str]) -> Check:
    try:
        return Check(name, True, check())
    except AssistantError as error:
        return Check(name, False, f"{error.title} {error.advice}")
    except OSError as error:
        return Check(name, False, f"the system refused ({type(error).__name__})")


def _check_network(tacit: Application) -> Check:
    if not tacit.is_offline_enforced:
        return Check("network", True, "this system does not enforce that Tacit stays offline; no part of it connects")
    return Check("network", tacit.is_refused_by_system(), "the system refuses Tacit and its workers every connection")


def _check_vault(tacit: Application) -> str:
    """Create a vault in a temporary folder, write, close and reopen it, and look for plain text on disk."""
    folder = Path(tempfile.mkdtemp(prefix="tacit-check-"))
    marker = "tacit self check marker"
    try:
        session = tacit.at(folder).create(marker)
        session.answering.start()
        session.close()
        tacit.at(folder).unlock(marker).close()
        if any(marker.encode() in path.read_bytes() for path in folder.rglob("*") if path.is_file()):
            raise AssistantError("The vault wrote words in the clear.", "Do not use this installation.")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    there = "yours is there" if tacit.vault_exists() else "you have none yet"
    return f"made, encrypted and opened again; {there}"


def _check_disk(tacit: Application) -> str:
    folder = tacit.vault_folder
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    if free < _LEAST_FREE:
        raise AssistantError("There is little room on the disk.", f"{free / 1e6:.0f} MB are free; make room.")
    open_places = [" ".join(notice) for notice in tacit.access_notices()]
    return ". ".join((f"{free / 1e9:.0f} GB are free", *open_places))


def _check_models(tacit: Application) -> str:
    used = [tacit.models.needed(kind) for kind in NEEDED_KINDS]
    names = ", ".join(model.name for model in used)
    return f"{names}{' (demo)' if tacit.models.uses_demo() else ''}"


def _check_decoder(engine_pool: EnginePool) -> str:
    source = FileSource(demo_call())
    try:
        survey = survey_source(engine_pool, source, NullContext())
    finally:
        source.close()
    return f"read {survey.duration:.0f} s of {survey.codec}, {layout_of(survey).value}"


def _check_speech(engine_pool: EnginePool) -> str:
    source = FileSource(demo_call())
    try:
        survey = survey_source(engine_pool, source, NullContext())
        transcript, _ = transcribe_source(engine_pool, source, survey, "", NullContext())
    finally:
        source.close()
    return f"heard {len(transcript.utterances)} lines in the demo call"


def _check_language(engine_pool: EnginePool) -> str:
    def answer() -> tuple[LanguageFacts, bool]:
        model, engine = engine_pool.language()
        facts = engine.facts()
        pieces = engine.generate(prompts.question_prompt("", (), "Hello", wording_of(model)), reply_tokens=32)
        return facts, any(isinstance(piece, Delta) and piece.text.strip() for piece in pieces)

    facts, has_words = retry(FOR_WANT_OF_MEMORY, answer)
    if not has_words:
        raise AssistantError("The language model gives no words.", "Choose another with «tacit models use NAME».")
    return f"{facts.name} answers; it reads {facts.context_tokens} tokens at once"


def _check_sound(tacit: Application) -> Check:
    """Check for a loudspeaker; without one all but playback works, so its absence is reported but is no failure."""
    try:
        tacit.open_loudspeaker(16_000).close()
    except AssistantError as error:
        return Check("loudspeaker", True, f"none: {error.title}")
    return Check("loudspeaker", True, "there is one")
