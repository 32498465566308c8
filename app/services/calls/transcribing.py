"""Transcribing the audio of a call, saving the transcript segment by segment."""

from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing

import msgspec

from app.core.call import Call, CallState, Survey, layout_of
from app.core.change import Change
from app.core.engines import ByteSource, Heard, Pcm, SpeechOptions
from app.core.errors import SilentRecording
from app.core.ids import CallId, UtteranceId
from app.core.job import JobContext, Progress
from app.core.speech import Speech
from app.core.transcript import (
    Layout,
    Transcript,
    Utterance,
    default_speakers,
    default_tracks,
    given_to_tracks,
    in_order,
    language_spoken_most,
    utterances,
    with_line_numbers,
)
from app.core.written_call import NoSound
from app.services.calls.demo_world import DemoWorld
from app.services.calls.reading_ahead import ReadingAhead
from app.services.engine_pool import RESUMED, EnginePool, retry
from app.services.models.selection import DEMO_REFUSED
from app.storage.tables.calls import CallStore
from app.storage.tables.transcripts import TranscriptSuperseded

_EARLIER_KEPT = "The earlier transcript is kept; check the language, or choose another speech model."


class Transcribing:
    """Transcribes calls in the vault, and files without a vault."""

    def __init__(
        self,
        calls: CallStore,
        engine_pool: EnginePool,
        publish: Callable[[Change], None],
        ahead: ReadingAhead | None = None,
    ) -> None:
        self._calls = calls
        self._ahead = ahead
        self._engine_pool = engine_pool
        self._publish = publish
        self._refused: set[CallId] = set()  # of which the demo's model heard something that it does not know

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
        model, _ = self._engine_pool.speech(self._calls.asked_model(call))
        known = self._calls.get(call)
        self._calls.begin_transcript(call, model.name)
        self._refused.discard(call)
        world = DemoWorld()  # of all attempts: what was heard before a crash counts for what comes after it
        retry(
            RESUMED,
            lambda: self._transcribe(known, context, world),
            saved=lambda: self._calls.progress(call),
            take_smaller=self._engine_pool.take_smaller_speech,
        )
        if not self._calls.has_heard_words(call) and self._calls.get(call).awaits_new_transcript:
            self._calls.give_up_retranscription(call)
            self._publish(Change("recording", call))
            raise SilentRecording(DEMO_REFUSED[0] if call in self._refused else None, _EARLIER_KEPT)
        self._calls.finish_transcript(call, finds_speakers=self._engine_pool.may_tell_voices_apart)
        self._publish(Change("transcript", call))
        return self._calls.get(call)

    def refuse_if_unknown(self, call: Call) -> None:
        """Refuse a call of which the demo's model just understood nothing; it stays, with its sound.

        Raises:
            SilentRecording: it is such a call.
        """
        if call.state is CallState.SILENT and call.id in self._refused:
            raise SilentRecording(*DEMO_REFUSED)

    def request_again(self, call: CallId, language: str = "", model: str = "") -> None:
        """Have a call transcribed again from the start; without a `language` it is detected.

        Without the name of a `model` the one in use hears it.

        Raises:
            NoSound: the call came as text.
        """
        if not self._calls.get(call).has_sound:
            raise NoSound
        self._calls.request_retranscription(call, language, model)
        self._publish(Change("recording", call))

    def _transcribe(self, known: Call, context: JobContext, world: DemoWorld) -> None:
        done = self._calls.progress(known.id)
        asked = self._calls.asked_language(known.id)
        options = SpeechOptions(known.layout.channels, asked, {} if asked else self._calls.spoken_last(known.id))
        channels = known.layout.channels
        if self._ahead is not None:
            self._ahead.begin(known)
        context.report(_progress(done, channels, known.duration))
        with self._calls.sound(known.id) as source:
            survey = self._calls.survey(known.id)
            model = self._calls.asked_model(known.id)
            for heard in hear_source(
                self._engine_pool, source, survey, known.layout, options, done, context, world, model
            ):
                found = utterances(heard.segments, self._calls.last_utterances(known.id))
                self._calls.save_utterances(known.id, heard.channel, heard.until, found, heard.language, heard.speech)
                done[heard.channel] = max(done[heard.channel], heard.until)
                context.report(_progress(done, channels, known.duration))
                if found:
                    self._publish(Change("transcript", known.id))
                if world.has_refused:
                    self._refused.add(known.id)
                if found and self._ahead is not None:
                    letters = sum(len(line.text) for line in found)
                    self._ahead.read(known.id, letters, min(done[channel] for channel in channels), context)

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
    found: dict[UtteranceId, Utterance] = {}
    options = SpeechOptions(layout.channels, language)
    speech: list[Speech] = []
    heard_language = ""
    world = DemoWorld()
    for heard in hear_source(engine_pool, source, survey, layout, options, done, context, world):
        found |= {said.id: said for said in utterances(heard.segments, _last_of_each_track(found.values()))}
        speech += [Speech(heard.channel, *place) for place in heard.speech]
        heard_language = heard_language or heard.language
        done[heard.channel] = heard.until
        context.report(_progress(done, layout.channels, survey.duration))
    if not found:
        raise SilentRecording(*(DEMO_REFUSED if world.has_refused else ()))
    speakers = default_speakers(layout)
    lines = with_line_numbers(given_to_tracks(found.values(), default_tracks(layout, speakers)))
    spoken = language or language_spoken_most(lines) or heard_language
    speech.sort(key=lambda place: (place.start, place.track))
    return Transcript(spoken, survey.duration, model.name, lines, speakers, tuple(speech)), layout


def _last_of_each_track(found: Iterable[Utterance]) -> Iterable[Utterance]:
    return {said.track: said for said in in_order(found)}.values()


def hear_source(
    engine_pool: EnginePool,
    source: ByteSource,
    survey: Survey,
    layout: Layout,
    options: SpeechOptions,
    done: dict[int, float],
    context: JobContext,
    world: DemoWorld,
    model: str = "",
) -> Iterator[Heard]:
    """Recognise the speech after `done` (seconds per channel), checking for cancellation at each block.

    `model` is the name of the speech model that hears it, or "" for the one in use. What the demo's model hears and
    `world` does not know has no words.
    """
    known, speech = engine_pool.speech(model)
    media = engine_pool.media()
    try:
        start = min(done[channel] for channel in layout.channels)
        sound = media.decode(source, layout.channels, start, is_mixed=layout is Layout.MONO, survey=survey)
        # Closed here, not by the garbage collector, which may run on another thread than the one holding the worker.
        with closing(_remaining_sound(sound, layout.channels, dict(done), context)) as watched:
            for heard in speech.transcribe(watched, options):
                is_known = not known.is_demo or world.knows(heard.segments)
                yield heard if is_known else msgspec.structs.replace(heard, segments=())
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
