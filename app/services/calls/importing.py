"""Importing a recording: it is sealed into the vault and hashed in one pass, then surveyed and stored."""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from app.core.call import NO_SOUND, Call, CallState, Survey, layout_of
from app.core.call_date import plausible_date
from app.core.change import Change
from app.core.errors import SilentRecording, UnsupportedMedia
from app.core.files import FileSource, sync_folder
from app.core.ids import CallId, new_call_id
from app.core.job import JobContext, Progress
from app.core.transcript import default_speakers
from app.services.calls.library import one_line, renamed
from app.services.engine_pool import ONCE_MORE, EnginePool, retry
from app.storage.files.sealed_file import SealedReader, SealedWriter
from app.storage.keys.vault_header import KEY_BYTES
from app.storage.tables.calls import CallStore, NewCall

_KEPT_ADVICE = (
    "The call and its sound are kept; import the file again with --language, or after «tacit models use», or delete it."
)
_BLOCK = 1024 * 1024  # bytes between two checks for cancellation


FileVersion = tuple[int, int, int, int]
"""Device, inode, size in bytes, and the time of the last change in nanoseconds."""


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """What a person states about a file: `date` overrides the container's, the names replace You and Them."""

    date: datetime | None = None
    language: str = ""
    left: str = ""
    right: str = ""
    wants_summary: bool = True

    def __post_init__(self) -> None:
        """Bring the names to one line each, as they stand in front of what was said."""
        object.__setattr__(self, "left", one_line(self.left))
        object.__setattr__(self, "right", one_line(self.right))


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
        call, key = new_call_id(), secrets.token_bytes(KEY_BYTES)
        part = self._calls.partial_media_path(call)
        try:
            digest = self._seal(source, part, key, context)
            known = self._calls.by_hash(digest)
            if known is not None:
                return self._update_known(known, options)
            with SealedReader(part, key) as reader:
                survey = retry(ONCE_MORE, lambda: survey_source(self._engine_pool, reader, context))
            layout = layout_of(survey)
            now = datetime.now(UTC)
            date = options.date or plausible_date(survey.recorded, now) or plausible_date(source.modified, now) or now
            speakers = default_speakers(layout, options.left, options.right)
            title = one_line(path.stem)
            new = NewCall(
                call, title, False, date, survey, layout, speakers, options.language, options.wants_summary,
                digest, key,
            )  # fmt: skip
            self._store(new, part)
            self._brought[call] = path, version
        finally:
            source.close()
            part.unlink(missing_ok=True)
        self._publish(Change("recording", call))
        return self._calls.get(call)

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

    def _update_known(self, known: CallId, options: ImportOptions) -> Call:
        """Apply the options to the call that is already there; another language has it transcribed again."""
        existing = self._calls.get(known)
        if options.wants_summary and not existing.wants_summary:
            self._calls.request_summary(known)
        if options.date is not None:
            self._calls.set_date(known, options.date)
        if options.left or options.right:
            self._calls.set_speakers(known, renamed(existing.speakers, (options.left, options.right)))
        is_other_language = options.language and options.language not in (
            existing.language,
            self._calls.asked_language(known),
        )
        if is_other_language or existing.state is CallState.SILENT:  # perhaps another model hears something
            self._calls.request_retranscription(known, options.language or self._calls.asked_language(known))
        self._publish(Change("recording", known))
        return self._calls.get(known)

    def _store(self, new: NewCall, part: Path) -> None:
        """Store the file first, then the row: a crash in between leaves a file that the next start deletes."""
        final = self._calls.media_path(new.id)
        part.replace(final)
        try:
            sync_folder(final.parent)
            self._calls.add(new)
        except BaseException:
            final.unlink(missing_ok=True)
            raise
