"""Importing a recording or a text: sealed into the vault and hashed in one pass, then surveyed or read, and stored."""

import hashlib
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from app.core.call import EXPORT, FIND_SPEAKERS, NO_SOUND, SUMMARIZE, Call, CallState, Survey, layout_of
from app.core.call_date import plausible_date
from app.core.change import Change
from app.core.errors import SilentRecording, UnsupportedMedia
from app.core.files import FileSource
from app.core.ids import CallId, new_call_id
from app.core.import_options import ImportOptions, StepOptions
from app.core.job import JobContext, Progress
from app.core.media_kinds import SIGNATURE_BYTES, may_be_transcript
from app.core.plain_text import one_line
from app.core.resources import demo_call
from app.core.transcript import Layout, default_speakers
from app.core.written_call import LARGEST_TEXT, TextTooLong, WrittenCall
from app.services.calls.library import renamed
from app.services.calls.written_calls import language_of, written_speakers, written_survey, written_utterances
from app.services.engine_pool import ONCE_MORE, EnginePool, retry
from app.storage.files.sealed_file import SealedReader, SealedWriter
from app.storage.keys.vault_header import KEY_BYTES
from app.storage.tables.calls import CallStore
from app.storage.tables.new_call import NewCall

_KEPT_ADVICE = (
    "The call and its sound are kept; import the file again with --language, or after «tacit models use», or delete it."
)
_BLOCK = 1024 * 1024  # bytes between two checks for cancellation


FileVersion = tuple[int, int, int, int]
"""Device, inode, size in bytes, and the time of the last change in nanoseconds."""


def _file_version(path: Path) -> FileVersion | None:
    try:
        facts = path.stat()
    except OSError:
        return None
    return facts.st_dev, facts.st_ino, facts.st_size, facts.st_mtime_ns


def survey_source(engine_pool: EnginePool, source: FileSource | SealedReader, context: JobContext) -> Survey:
    """Survey the audio of a source in one pass, reporting progress.

    Raises:
        UnsupportedMedia, MediaDamaged: it has no audio that can be decoded.
        SilentRecording: its audio is silent.
    """
    media = engine_pool.media()
    try:
        for value in media.survey(source):
            context.checkpoint()
            if isinstance(value, Survey):
                if max(value.levels) <= NO_SOUND:
                    raise SilentRecording
                return value
            context.report(value)
    finally:
        engine_pool.let_go(media)
    raise UnsupportedMedia


def read_text(engine_pool: EnginePool, source: SealedReader, *, is_any_text: bool) -> WrittenCall:
    """Read the call that a text tells.

    Raises:
        UnsupportedMedia, MediaDamaged: it tells of none.
    """
    media = engine_pool.media()
    try:
        return media.read_text(source, is_any_text=is_any_text)
    finally:
        engine_pool.let_go(media)


class Importing:
    """Imports files into the vault."""

    def __init__(self, calls: CallStore, engine_pool: EnginePool, publish: Callable[[Change], None]) -> None:
        self._calls = calls
        self._engine_pool = engine_pool
        self._publish = publish
        self._brought: dict[CallId, tuple[Path, FileVersion | None]] = {}

    def import_file(self, path: Path, options: ImportOptions, context: JobContext) -> Call:
        """Seal a file into the vault; if its call is there already, apply the options to that one.

        Raises:
            MediaError: the file can't be used; nothing of it remains in the vault.
            NotEnoughSpace, VaultUnwritable: the disk refuses; nothing remains either.
        """
        source = FileSource(path)
        version = _file_version(path)
        is_text = may_be_transcript(path.name, source.read(0, SIGNATURE_BYTES))
        call, key = new_call_id(), secrets.token_bytes(KEY_BYTES)
        part = self._calls.partial_media_path(call)
        try:
            if is_text and source.size > LARGEST_TEXT:
                raise TextTooLong
            digest = self._seal(source, part, key, context)
            known = self._calls.by_hash(digest)
            if known is not None:
                return self._update_known(known, options, _steps(options, path))
            make = self._from_text if is_text else self._from_sound
            with SealedReader(part, key) as reader:
                new = make(call, reader, options, context)
            new = msgspec.structs.replace(
                new,
                title=new.title or one_line(path.stem),
                content_hash=digest,
                media_key=key,
                steps=_steps(options, path),
            )
            now = datetime.now(UTC)
            date = options.date or plausible_date(new.date, now) or plausible_date(source.modified, now) or now
            self._calls.store(msgspec.structs.replace(new, date=date))
            self._brought[call] = path, version
        finally:
            source.close()
            part.unlink(missing_ok=True)
        self._publish(Change("recording", call))
        return self._calls.get(call)

    def _from_sound(self, call: CallId, source: SealedReader, options: ImportOptions, context: JobContext) -> NewCall:
        """What a recording is, without its title."""
        survey = retry(ONCE_MORE, lambda: survey_source(self._engine_pool, source, context))
        layout = layout_of(survey)
        speakers = default_speakers(layout, options.left, options.right)
        return NewCall(
            call, "", False, survey.recorded, survey, layout, speakers, options.language, options.wants_summary,
            asked_model=options.speech_model,
        )  # fmt: skip

    def _from_text(self, call: CallId, source: SealedReader, options: ImportOptions, context: JobContext) -> NewCall:
        """What a text tells, with its transcript."""
        context.report(Progress("Reading", 0, source.size, "bytes"))
        written = retry(ONCE_MORE, lambda: read_text(self._engine_pool, source, is_any_text=options.is_any_text))
        speakers = written_speakers(written, options.left, options.right)
        return NewCall(
            call, written.title, bool(written.title), written.date, written_survey(written), Layout.WRITTEN,
            tuple(speakers.values()), options.language, options.wants_summary,
            written=written_utterances(written, speakers),
            language=options.language or written.language or language_of(written),
        )  # fmt: skip

    def refuse_if_silent(self, call: Call) -> None:
        """Refuse a call in which nothing was heard, once it is transcribed.

        Only a call that this import brought in is taken out of the vault again, and only while its file still lies
        unchanged where it came from; any other may be the only copy of what was recorded, and stays.

        Raises:
            SilentRecording: nothing was heard.
        """
        if call.state is not CallState.SILENT:
            return
        path, version = self._brought.get(call.id, (None, None))
        if path is None or version is None or _file_version(path) != version:
            raise SilentRecording(advice=_KEPT_ADVICE)
        self._calls.delete(call.id)
        self._publish(Change("recording", call.id, is_gone=True))
        raise SilentRecording

    def _seal(self, source: FileSource, part: Path, key: bytes, context: JobContext) -> bytes:
        digest = hashlib.sha256()
        writer = SealedWriter(part, key)
        try:
            for offset in range(0, source.size, _BLOCK):
                context.checkpoint()
                block = source.read(offset, _BLOCK)
                digest.update(block)
                writer.write(block)
                context.report(Progress("Importing", min(offset + _BLOCK, source.size), source.size, "bytes"))
            writer.close()
        except BaseException:
            writer.abandon()
            raise
        return digest.digest()

    def is_demo_call(self, call: CallId) -> bool:
        """Whether it is the call that comes with the program."""
        return self._calls.by_hash(hashlib.sha256(demo_call().read_bytes()).digest()) == call

    def _update_known(self, known: CallId, options: ImportOptions, steps: StepOptions) -> Call:
        """Apply the options to the call that is already there; another language or model has it transcribed again."""
        existing = self._calls.get(known)
        if options.wants_summary and not existing.wants_summary:
            self._calls.request_summary(known)
        if options.date is not None:
            self._calls.set_date(known, options.date)
        if options.left or options.right:
            self._calls.set_speakers(known, renamed(existing.speakers, (options.left, options.right)))
        if steps != StepOptions():
            self._change_steps(existing, steps)
        if not existing.has_sound:
            if options.language:
                self._calls.set_language(known, options.language)
            self._publish(Change("recording", known))
            return self._calls.get(known)
        is_other_language = options.language and options.language not in (
            existing.language,
            self._calls.asked_language(known),
        )
        is_other_model = options.speech_model and options.speech_model not in (
            self._calls.speech_model(known),
            self._calls.asked_model(known),
        )
        if is_other_language or is_other_model or existing.state is CallState.SILENT:  # perhaps that hears something
            language = options.language or self._calls.asked_language(known)
            self._calls.request_retranscription(known, language, options.speech_model or self._calls.asked_model(known))
        self._publish(Change("recording", known))
        return self._calls.get(known)

    def _change_steps(self, known: Call, steps: StepOptions) -> None:
        """Keep what the steps are to do, and have those done again that would do something else now.

        What is not said of them stays as it was said before.
        """
        before, usual = self._calls.step_options(known.id), StepOptions()
        told = {
            name: value for name in steps.__struct_fields__ if (value := getattr(steps, name)) != getattr(usual, name)
        }
        steps = msgspec.structs.replace(before, **told)
        changed = {
            FIND_SPEAKERS: steps.speaker_count != before.speaker_count and known.has_sound,
            SUMMARIZE: (steps.template, steps.summary_language) != (before.template, before.summary_language),
            EXPORT: steps.export != before.export,
        }
        wanted = [step for step, is_changed in changed.items() if is_changed and step in known.steps_done]
        self._calls.set_step_options(known.id, steps, again=wanted)


def _steps(options: ImportOptions, path: Path) -> StepOptions:
    """What is done with the call of this file."""
    plan = options.steps.export
    return msgspec.structs.replace(options.steps, export=None if plan is None else plan.of_file(path))
