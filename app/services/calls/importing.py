"""A recording comes in: sealed into the vault as it is read, hashed as it passes, surveyed, stored."""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from app.core.change import Change
from app.core.errors import SilentRecording, UnsupportedMedia
from app.core.files import FileSource
from app.core.ids import RecordingId, fresh_recording_id
from app.core.job import Context, Progress
from app.core.recording import SILENT_LEVEL, Recording, Survey, layout_of
from app.core.transcript import Speakers, default_speakers
from app.services.calls.library import one_line
from app.services.engine_pool import Residency, again_once
from app.storage.files.fsync import sync_folder
from app.storage.files.sealed_file import SealedReader, SealedWriter
from app.storage.keys.vault_header import KEY_BYTES
from app.storage.tables.recordings import NewRecording, RecordingStore

_BLOCK = 1024 * 1024  # bytes between two looks at the cancel flag


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """What a person says of a file: `date` replaces the container's, names replace You and Them."""

    date: datetime | None = None
    language: str = ""
    left: str = ""
    right: str = ""
    wants_summary: bool = True


def surveyed(residency: Residency, source: FileSource | SealedReader, context: Context) -> Survey:
    """One pass through the sound of a source, with progress.

    Raises:
        UnsupportedMedia, MediaDamaged: there is nothing to be heard in it.
        SilentRecording: there is sound, and it is silence.
    """
    media = residency.media()
    try:
        for value in media.survey(source):
            context.checkpoint()
            if isinstance(value, Survey):
                if max(value.levels) <= SILENT_LEVEL:
                    raise SilentRecording
                return value
            context.report(value)
    finally:
        residency.let_go(media)
    raise UnsupportedMedia


class Importing:
    """Brings files into the vault."""

    def __init__(self, recordings: RecordingStore, residency: Residency, publish: Callable[[Change], None]) -> None:
        self._recordings = recordings
        self._residency = residency
        self._publish = publish

    def bring_in(self, path: Path, options: ImportOptions, context: Context) -> Recording:
        """Seal a file into the vault; one that is there already takes on what the options say, and goes on.

        Raises:
            MediaError: the file can't be used; nothing of it stays in the vault.
            NotEnoughSpace, VaultUnwritable: the disk refuses; likewise.
        """
        source = FileSource(path)
        recording, key = fresh_recording_id(), secrets.token_bytes(KEY_BYTES)
        part = self._recordings.part_path(recording)
        try:
            digest = self._seal(source, part, key, context)
            known = self._recordings.by_hash(digest)
            if known is not None:
                return self._known(known, options)
            with SealedReader(part, key) as reader:
                survey = again_once(lambda: surveyed(self._residency, reader, context))
            layout = layout_of(survey)
            date = options.date or survey.recorded or source.modified
            speakers = default_speakers(layout, options.left, options.right)
            title = one_line(path.stem)
            new = NewRecording(
                recording, title, False, date, survey, layout, speakers, options.language, options.wants_summary,
                digest, key,
            )  # fmt: skip
            self._store(new, part)
        finally:
            source.close()
            part.unlink(missing_ok=True)
        self._publish(Change("recording", recording))
        return self._recordings.get(recording)

    def _seal(self, source: FileSource, part: Path, key: bytes, context: Context) -> bytes:
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

    def _known(self, known: RecordingId, options: ImportOptions) -> Recording:
        """What a person says of a file holds for the call that is there; another language is heard anew."""
        there = self._recordings.get(known)
        if options.wants_summary and not there.wants_summary:
            self._recordings.want_summary(known)
        if options.date is not None:
            self._recordings.set_date(known, options.date)
        if options.left or options.right:
            left, right = (
                named or name for named, name in zip((options.left, options.right), there.speakers.names, strict=True)
            )
            self._recordings.set_speakers(known, Speakers((left, right), there.speakers.you))
        if options.language and options.language not in (there.language, self._recordings.asked_language(known)):
            self._recordings.hear_anew(known, options.language)
        self._publish(Change("recording", known))
        return self._recordings.get(known)

    def _store(self, new: NewRecording, part: Path) -> None:
        """The file first, then the row: a crash in between leaves a file that the next start sweeps away."""
        final = self._recordings.media_path(new.id)
        part.replace(final)
        try:
            sync_folder(final.parent)
            self._recordings.add(new)
        except BaseException:
            final.unlink(missing_ok=True)
            raise
