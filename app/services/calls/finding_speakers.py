"""Telling apart the voices on one microphone, so that each speaker has lines of their own."""

import threading
from collections import OrderedDict
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import closing
from typing import TYPE_CHECKING

import msgspec

from app.core.call import FIND_SPEAKERS, Call, CallState, Survey
from app.core.engines import ByteSource, Pcm
from app.core.errors import (
    AssistantError,
    EngineError,
    LineChanged,
    ModelError,
    ModelMissing,
    NoSpeakersFound,
    NotFound,
)
from app.core.ids import CallId
from app.core.job import JobContext, Progress
from app.core.line_changes import LineChange
from app.core.speaker_turns import SpeakerTurn, given_to_voices, turns
from app.core.transcript import Layout, Transcript, in_order, numbered, with_line_numbers
from app.core.voices import VoiceWindow
from app.core.written_call import NoSound
from app.services.calls.library import Library
from app.services.engine_pool import ONCE_MORE, EnginePool, retry
from app.storage.tables.calls import CallStore

if TYPE_CHECKING:
    from app.core.model import Model

Prints = dict[int, list[VoiceWindow]]
"""The voice windows of each channel, in order."""

_BY_HAND = "Get one on the page Models, under Speakers; until then, lines can be given to speakers by hand."
_ONCE_TRANSCRIBED = "Nothing was changed; try it once its lines are there."
_ALL_YOURS = "Nothing was changed; its lines are yours."
_ATTEMPTS = 3  # to write what was found, while a person changes lines
_KEPT_CALLS = 4  # whose voice prints are kept while the vault is open: some 6 MB for each hour


class FindingSpeakers:
    """Gives the lines of calls to the speakers whose voices are heard in them.

    The voice prints of the calls looked at last stay in memory until the vault is closed, so that another number of
    people is tried at once; they are never written anywhere.
    """

    def __init__(self, calls: CallStore, library: Library, engine_pool: EnginePool) -> None:
        self._calls, self._library, self._engine_pool = calls, library, engine_pool
        self._kept: OrderedDict[tuple[CallId, Model, tuple[int, ...]], Prints] = OrderedDict()
        self._mutex = threading.Lock()

    def run(self, call: CallId, context: JobContext) -> LineChange | None:
        """The step of a call: find its speakers, if there is a model for it and anything to divide.

        What goes wrong is told and stops nothing: the transcript is whole without it. Lines that a person gave to
        somebody stay theirs.

        Raises:
            NotFound: there is no such call any more.
        """
        known = self._calls.get(call)
        if not self._engine_pool.may_tell_voices_apart or known.state is CallState.SILENT or not known.has_sound:
            return None
        try:
            count = self._calls.step_options(call).speaker_count
            return self._find(known, context, count, keeps_given=True)
        except NoSpeakersFound:
            return None
        except AssistantError as error:
            self._calls.get(call)  # if it is gone, that is what happened
            self._engine_pool.notify(_failed(error))
            return None

    def find(self, call: CallId, context: JobContext, count: int = 0) -> LineChange | None:
        """Give the lines of a call to the speakers who are heard; returns what was changed, None if nothing was.

        `count` is how many people speak in it, or 0 if nobody knows. The side of a call that is the person's own has
        one speaker.

        Raises:
            ModelMissing: there is no model for it.
            NoSound: the call came as text.
            NoSpeakersFound: it has no transcript yet, or no voice is heard in it.
            AssistantError: a line was changed meanwhile; nothing was changed.
            EngineError: the model can't be loaded, or its worker kept dying; nothing was changed.
        """
        known = self._calls.get(call)
        change = self._find(known, context, count, keeps_given=False)
        if known.awaits_speakers:
            self._calls.finish_step(call, FIND_SPEAKERS)
        return change

    def forget(self, call: CallId) -> None:
        """Forget the voices of a call that was deleted."""
        with self._mutex:
            for key in [key for key in self._kept if key[0] == call]:
                del self._kept[key]

    def _find(self, known: Call, context: JobContext, count: int, *, keeps_given: bool) -> LineChange | None:
        if not known.has_sound:
            raise NoSound
        if known.state is CallState.SILENT:
            raise NoSpeakersFound
        if known.state not in (CallState.TRANSCRIBED, CallState.SUMMARIZED):
            raise NoSpeakersFound(
                "The call has no transcript yet.", "Nothing was changed; it is divided once it has one."
            )
        if not self._engine_pool.may_tell_voices_apart:
            raise ModelMissing("There is no model here that tells voices apart.", _BY_HAND)
        channels = tuple(track.number for track in known.tracks if track.number != known.own_track)
        if not channels:
            raise NoSpeakersFound(
                "Only your own side of this call can be heard.", "Its lines are all yours as they are."
            )
        prints = self._prints(known, channels, context)
        others = 0 if not count else max(1, count - (known.own_track is not None))
        found = {channel: _turns(self._engine_pool, prints[channel], others) for channel in channels}
        if not any(found.values()):
            raise NoSpeakersFound
        for _ in range(_ATTEMPTS - 1):
            try:
                return self._give(known, found, context, keeps_given=keeps_given)
            except (LineChanged, NotFound):  # a person changed a line in between
                known = self._calls.get(known.id)
        return self._give(known, found, context, keeps_given=keeps_given)

    def _give(
        self, known: Call, found: Mapping[int, Sequence[SpeakerTurn]], context: JobContext, *, keeps_given: bool
    ) -> LineChange | None:
        transcript = self._calls.transcript(known.id)
        own = {track.number: track.speaker for track in known.tracks}
        kept = {said.id for said in transcript.utterances if keeps_given and said.speaker != own[said.track]}
        change = given_to_voices(known.id, transcript.utterances, found, transcript.speakers, kept)
        if change is not None:
            context.checkpoint()
            self._library.change(change, is_new=True)
        return change

    def _prints(self, known: Call, channels: tuple[int, ...], context: JobContext) -> Prints:
        model, _ = self._engine_pool.voices()
        key = (known.id, model, channels)
        with self._mutex:
            prints = self._kept.get(key)
        if prints is None:
            with self._calls.sound(known.id) as source:
                survey = self._calls.survey(known.id)
                prints = _listened(self._engine_pool, source, survey, known.layout, channels, context)
        with self._mutex:
            self._calls.get(known.id)  # nothing is kept of a call that was deleted meanwhile
            self._kept[key] = prints
            self._kept.move_to_end(key)
            while len(self._kept) > _KEPT_CALLS:
                self._kept.popitem(last=False)
        return prints


def told_apart(
    engine_pool: EnginePool,
    source: ByteSource,
    survey: Survey,
    layout: Layout,
    transcript: Transcript,
    context: JobContext,
) -> Transcript:
    """The transcript of a source that is not in the vault, its lines with the speakers whose voices are heard in them.

    Without a model for it, it stays as it is; with one that fails too, which is told.
    """
    if not engine_pool.may_tell_voices_apart:
        return transcript
    own = [number for number in layout.channels if transcript.speakers[number].is_you]
    channels = tuple(number for number in layout.channels if number not in own)
    try:
        prints = _listened(engine_pool, source, survey, layout, channels, context) if channels else {}
        found = {channel: _turns(engine_pool, windows) for channel, windows in prints.items()}
    except (EngineError, ModelError) as error:
        engine_pool.notify(_failed(error))
        return transcript
    change = given_to_voices(CallId(""), transcript.utterances, found, transcript.speakers)
    if change is None:
        return transcript
    gone = {said.id for said in change.before}
    lines = in_order((*(said for said in transcript.utterances if said.id not in gone), *change.after))
    speakers = numbered((*transcript.speakers, *change.added))
    return msgspec.structs.replace(transcript, utterances=with_line_numbers(lines), speakers=speakers)


def _failed(error: AssistantError) -> str:
    return f"The speakers of a call were not told apart: {error.title} {error.advice}"


def _turns(engine_pool: EnginePool, windows: Sequence[VoiceWindow], count: int = 0) -> list[SpeakerTurn]:
    if not windows:
        return []
    prints = [window.print for window in windows]
    return turns(windows, retry(ONCE_MORE, lambda: engine_pool.voices()[1].group(prints, count)))


def _listened(
    engine_pool: EnginePool,
    source: ByteSource,
    survey: Survey,
    layout: Layout,
    channels: tuple[int, ...],
    context: JobContext,
) -> Prints:
    """The voice windows of each channel."""

    def listen() -> Prints:
        found: Prints = {channel: [] for channel in channels}
        done = dict.fromkeys(channels, 0.0)
        media = engine_pool.media()
        try:
            sound = media.decode(source, channels, is_mixed=layout is Layout.MONO, survey=survey)
            with closing(_checked(sound, context)) as watched:
                for heard in engine_pool.voices()[1].listen(watched, channels):
                    found[heard.channel] += heard.windows
                    done[heard.channel] = heard.until
                    seconds = min(sum(done.values()) / len(done), survey.duration)
                    context.report(Progress("Listening for voices", seconds, survey.duration, "s"))
        finally:
            engine_pool.let_go(media)
        return found

    return retry(ONCE_MORE, listen)


def _checked(sound: Iterable[Pcm], context: JobContext) -> Generator[Pcm, None, None]:
    try:
        for block in sound:
            context.checkpoint()
            yield block
    finally:
        close = getattr(sound, "close", None)
        if close is not None:
            close()
