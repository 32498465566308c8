"""Transcribing the audio of a call, saving the transcript segment by segment."""

from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing

from app.core.call import Call, Survey, layout_of
from app.core.change import Change
from app.core.engines import ByteSource, Heard, Pcm, SpeechOptions
from app.core.errors import SilentRecording
from app.core.ids import CallId
from app.core.job import JobContext, Progress
from app.core.transcript import (
    Layout,
    Transcript,
    Utterance,
    default_speakers,
    default_tracks,
    given_to_tracks,
    utterances,
    with_line_numbers,
)
from app.services.engine_pool import RESUMED, EnginePool, retry
from app.storage.tables.calls import CallStore
from app.storage.tables.transcripts import TranscriptSuperseded

_EARLIER_KEPT = "The earlier transcript is kept; check the language, or choose another speech model."


class Transcribing:
    """Transcribes calls in the vault, and files without a vault."""

    def __init__(self, calls: CallStore, engine_pool: EnginePool, publish: Callable[[Change], None]) -> None:
        self._calls = calls
        self._engine_pool = engine_pool
        self._publish = publish

    def run(self, call: CallId, context: JobContext) -> Call:
        """Transcribe a call, resuming where it stopped; each segment is saved once it is recognised.

        A call that has a transcript keeps it until the new one is whole, also if this is cancelled or fails. A call in
        which nothing is heard stays as it is, with its sound, and its state says so.

        Raises:
            ModelMissing: there is no speech model; the audio is kept for later.
            EngineError: the workers kept dying; what was saved is kept.
            EngineOutOfMemory, ModelTooLarge: there is no smaller speech model; what was saved is kept.
        """
        while True:
            try:
                return self._run(call, context)
            except TranscriptSuperseded:  # requested anew meanwhile, perhaps in another language
                context.checkpoint()

    def _run(self, call: CallId, context: JobContext) -> Call:
        model, _ = self._engine_pool.speech()
        known = self._calls.get(call)
        self._calls.begin_transcript(call, model.name)
        retry(
            RESUMED,
            lambda: self._transcribe(known, context),
            saved=lambda: self._calls.progress(call),
            take_smaller=self._engine_pool.take_smaller_speech,
        )
        if not self._calls.has_heard_words(call) and self._calls.get(call).awaits_new_transcript:
            self._calls.give_up_retranscription(call)
            self._publish(Change("recording", call))
            raise SilentRecording(advice=_EARLIER_KEPT)
        self._calls.finish_transcript(call)
        self._publish(Change("transcript", call))
        return self._calls.get(call)

    def request_again(self, call: CallId, language: str = "") -> None:
        """Have a call transcribed again from the start; without a `language` it is detected."""
        self._calls.request_retranscription(call, language)
        self._publish(Change("recording", call))

    def _transcribe(self, known: Call, context: JobContext) -> None:
        done = self._calls.progress(known.id)
        language = self._calls.asked_language(known.id) or self._calls.heard_language(known.id)
        channels = known.layout.channels
        context.report(_progress(done, channels, known.duration))
        with self._calls.sound(known.id) as source:
            survey = self._calls.survey(known.id)
            for heard in hear_source(self._engine_pool, source, survey, known.layout, language, done, context):
                found = utterances(heard.segments)
                self._calls.save_utterances(known.id, heard.channel, heard.until, found, heard.language)
                done[heard.channel] = max(done[heard.channel], heard.until)
                context.report(_progress(done, channels, known.duration))
                if found:
                    self._publish(Change("transcript", known.id))

    def transcribe_source(
        self, source: ByteSource, survey: Survey, language: str, context: JobContext
    ) -> tuple[Transcript, Layout]:
        """Transcribe a source that is not in the vault, storing nothing."""
        return transcribe_source(self._engine_pool, source, survey, language, context)


def transcribe_source(
    engine_pool: EnginePool, source: ByteSource, survey: Survey, language: str, context: JobContext
) -> tuple[Transcript, Layout]:
    """Transcribe a source without a vault.

    Raises:
        SilentRecording: no speech was found.
    """
    layout = layout_of(survey)
    model, _ = engine_pool.speech()
    done = dict.fromkeys(layout.channels, 0.0)
    segments: list[Utterance] = []
    found_language = language
    for heard in hear_source(engine_pool, source, survey, layout, language, done, context):
        segments += utterances(heard.segments)
        found_language = found_language or heard.language
        done[heard.channel] = heard.until
        context.report(_progress(done, layout.channels, survey.duration))
    if not segments:
        raise SilentRecording
    speakers = default_speakers(layout)
    found = with_line_numbers(given_to_tracks(segments, default_tracks(layout, speakers)))
    return Transcript(found_language, survey.duration, model.name, found, speakers), layout


def hear_source(
    engine_pool: EnginePool,
    source: ByteSource,
    survey: Survey,
    layout: Layout,
    language: str,
    done: dict[int, float],
    context: JobContext,
) -> Iterator[Heard]:
    """Recognise the speech after `done` (seconds per channel), checking for cancellation at each block."""
    _, speech = engine_pool.speech()
    media = engine_pool.media()
    try:
        start = min(done[channel] for channel in layout.channels)
        sound = media.decode(source, layout.channels, start, is_mixed=layout is Layout.MONO, survey=survey)
        # Closed here, not by the garbage collector, which may run on another thread than the one holding the worker.
        with closing(_remaining_sound(sound, layout.channels, dict(done), context)) as watched:
            yield from speech.transcribe(watched, SpeechOptions(layout.channels, language))
    finally:
        engine_pool.let_go(media)


def _remaining_sound(
    sound: Iterable[Pcm], channels: tuple[int, ...], done: dict[int, float], context: JobContext
) -> Generator[Pcm, None, None]:
    """The blocks, silenced where a channel's transcript is already saved, so that no word appears twice."""
    try:
        yield from _silenced(sound, channels, done, context)
    finally:
        close = getattr(sound, "close", None)
        if close is not None:
            close()


def _silenced(
    sound: Iterable[Pcm], channels: tuple[int, ...], done: dict[int, float], context: JobContext
) -> Iterator[Pcm]:
    for block in sound:
        context.checkpoint()
        tracks = []
        for track, channel in zip(block.tracks, channels, strict=True):
            heard = min(len(track), max(0, round((done[channel] - block.start) * block.rate)) * 2)
            tracks.append(bytes(heard) + track[heard:] if heard else track)
        yield Pcm(block.start, block.rate, tuple(tracks))


def _progress(done: dict[int, float], channels: tuple[int, ...], duration: float) -> Progress:
    return Progress("Transcribing", sum(done[c] for c in channels) / len(channels), duration, "s")
