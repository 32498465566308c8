"""A recording's sound becomes its transcript, saved piece by piece."""

from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing

from app.core.change import Change
from app.core.engines import ByteSource, Heard, Pcm, SpeechOptions
from app.core.errors import EngineCrashed, EngineOutOfMemory, ModelTooLarge, SilentRecording
from app.core.ids import RecordingId
from app.core.job import Context, Progress
from app.core.recording import Recording, RecordingState, Survey, layout_of
from app.core.transcript import Layout, Transcript, Utterance, default_speakers, numbered, utterances
from app.services.engine_pool import Residency
from app.storage.tables.recordings import RecordingStore

_TRIES = 3  # workers that one recording may wear out before it is set aside


class Transcribing:
    """Transcribes recordings in the vault, and files without one."""

    def __init__(self, recordings: RecordingStore, residency: Residency, publish: Callable[[Change], None]) -> None:
        self._recordings = recordings
        self._residency = residency
        self._publish = publish

    def run(self, recording: RecordingId, context: Context) -> Recording:
        """Transcribe a recording, going on where it stopped; each piece is saved when it is heard.

        Raises:
            ModelMissing: there is no speech model; the sound is kept and waits.
            SilentRecording: no speech was found; the recording is taken out of the vault again.
            EngineError: the workers died again and again; what was saved is there.
            EngineOutOfMemory, ModelTooLarge: there is no smaller speech model; likewise.
        """
        model, _ = self._residency.speech()
        known = self._recordings.get(recording)
        if known.state is RecordingState.IMPORTED or self._recordings.transcript(recording).model != model.name:
            self._recordings.start_over(recording, model.name)
        for left in reversed(range(_TRIES)):
            before = self._recordings.progress(recording)
            try:
                self._transcribe(known, context)
                break
            except EngineCrashed:
                # A worker that got on before it died may have met a passing fault; one that did not has met this file.
                if not left and self._recordings.progress(recording) == before:
                    raise
                if not left:
                    return self.run(recording, context)
            except (EngineOutOfMemory, ModelTooLarge):
                if not left or not self._residency.take_smaller_speech():
                    raise
        if not self._recordings.transcript(recording).utterances:
            self._recordings.delete(recording)
            self._publish(Change("recording", recording, is_gone=True))
            raise SilentRecording
        self._recordings.finish_transcript(recording)
        self._publish(Change("transcript", recording))
        return self._recordings.get(recording)

    def _transcribe(self, known: Recording, context: Context) -> None:
        done = list(self._recordings.progress(known.id))
        language = self._recordings.asked_language(known.id) or self._recordings.get(known.id).language
        channels = known.layout.channels
        context.report(_progress(done, channels, known.duration))
        with self._recordings.sound(known.id) as source:
            for heard in heard_in(self._residency, source, known.layout, language, done, context):
                found = utterances(heard.segments)
                self._recordings.save_piece(known.id, heard.channel, heard.until, found, heard.language)
                done[heard.channel] = max(done[heard.channel], heard.until)
                context.report(_progress(done, channels, known.duration))
                if found:
                    self._publish(Change("transcript", known.id))

    def transcribe_source(
        self, source: ByteSource, survey: Survey, language: str, context: Context
    ) -> tuple[Transcript, Layout]:
        """Transcribe a source that is not in the vault; nothing is stored."""
        return transcribe_source(self._residency, source, survey, language, context)


def transcribe_source(
    residency: Residency, source: ByteSource, survey: Survey, language: str, context: Context
) -> tuple[Transcript, Layout]:
    """Transcribe a source without a vault.

    Raises:
        SilentRecording: no speech was found.
    """
    layout = layout_of(survey)
    model, _ = residency.speech()
    done = [0.0, 0.0]
    segments: list[Utterance] = []
    spoken = language
    for heard in heard_in(residency, source, layout, language, done, context):
        segments += utterances(heard.segments)
        spoken = spoken or heard.language
        done[heard.channel] = heard.until
        context.report(_progress(done, layout.channels, survey.duration))
    if not segments:
        raise SilentRecording
    return Transcript(spoken, survey.duration, model.name, numbered(segments), default_speakers(layout)), layout


def heard_in(
    residency: Residency, source: ByteSource, layout: Layout, language: str, done: list[float], context: Context
) -> Iterator[Heard]:
    """What is heard after the seconds in `done`, channel by channel; cancelling is looked at with each block."""
    _, speech = residency.speech()
    media = residency.media()
    try:
        start = min(done[channel] for channel in layout.channels)
        sound = media.decode(source, layout.channels, start, is_mixed=layout is Layout.MONO)
        # Closed here and not by the collector, which may run on another thread than the one that holds the worker.
        with closing(_watched(sound, layout.channels, tuple(done), context)) as watched:
            yield from speech.transcribe(watched, SpeechOptions(layout.channels, language))
    finally:
        residency.let_go(media)


def _watched(
    sound: Iterable[Pcm], channels: tuple[int, ...], done: tuple[float, ...], context: Context
) -> Generator[Pcm, None, None]:
    """The blocks, silent where a channel's transcript is saved already, so that no word comes twice."""
    try:
        yield from _silenced(sound, channels, done, context)
    finally:
        close = getattr(sound, "close", None)
        if close is not None:
            close()


def _silenced(
    sound: Iterable[Pcm], channels: tuple[int, ...], done: tuple[float, ...], context: Context
) -> Iterator[Pcm]:
    for block in sound:
        context.checkpoint()
        tracks = []
        for track, channel in zip(block.tracks, channels, strict=True):
            heard = min(len(track), max(0, round((done[channel] - block.start) * block.rate)) * 2)
            tracks.append(bytes(heard) + track[heard:] if heard else track)
        yield Pcm(block.start, block.rate, tuple(tracks))


def _progress(done: list[float], channels: tuple[int, ...], duration: float) -> Progress:
    return Progress("Transcribing", sum(done[c] for c in channels) / len(channels), duration, "s")
