"""The lines of a call go to the speakers whose voices are heard: asked for, or by itself behind a transcription."""

import time
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from app.core.call import CallState
from app.core.engines import LoudspeakerStream
from app.core.errors import EngineCrashed, ModelDamaged, ModelMissing, NotFound
from app.core.files import FileSource
from app.core.ids import CallId, new_speaker_id
from app.core.import_options import ImportOptions
from app.core.job import Cancelled, Job, JobState, NullContext, Progress
from app.core.line_changes import LineChange
from app.core.transcript import Speaker, Word, names_of
from app.core.written_call import NoSound
from app.services.calls.finding_speakers import told_apart
from app.services.calls.importing import survey_source
from app.services.calls.transcribing import transcribe_source
from app.services.session import Session
from tests.conftest import opened_vault
from tests.doubles.engines import ScriptedEngines, ScriptedSpeech
from tests.making_models.voice_prints import make
from tests.services.stage import Watching, provisioning

if TYPE_CHECKING:
    from app.core.change import Change

NO_SUMMARY = ImportOptions(wants_summary=False)


def spoken(text: str, start: float) -> list[Word]:
    return [Word(f" {part}", start + n * 0.4, start + n * 0.4 + 0.35, 1.0) for n, part in enumerate(text.split())]


WORDS = [*spoken("Are you coming tomorrow? Yes, at nine.", 0.0), *spoken("Bring the papers.", 6.0)]
VOICES = [(0.0, 1.6, 0), (1.6, 2.8, 1), (6.0, 7.2, 0)]


@pytest.fixture(scope="module")
def mono_wav(demo_wav: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo call on one track."""
    path = tmp_path_factory.mktemp("call") / "mono.wav"
    with wave.open(str(demo_wav), "rb") as both, wave.open(str(path), "wb") as one:
        one.setparams((1, 2, both.getframerate(), 0, "NONE", ""))
        sides = np.frombuffer(both.readframes(both.getnframes()), "<i2").reshape(-1, 2)
        one.writeframes((sides.sum(axis=1) // 2).astype("<i2").tobytes())
    return path


def no_sound(rate: int) -> LoudspeakerStream:
    raise EngineCrashed


class Room:
    """A session whose speech and voices follow a script; with a model for voices in its folder, or without."""

    def __init__(self, folder: Path, *, has_model: bool = True) -> None:
        self.engines = ScriptedEngines(ScriptedSpeech({0: WORDS}))
        self.voices = self.engines.voice_engine
        self.voices.says = {0: VOICES}
        models = provisioning(folder)
        if has_model:
            (folder / "models").mkdir(exist_ok=True)
            make(folder / "models" / "voices.onnx")
        self.session = Session(opened_vault(folder / "vault"), self.engines, models, no_sound)
        self.changes: list[Change] = []
        self.session.observe_changes(self.changes.append)

    def imported(self, wav: Path) -> CallId:
        call = self.session.importing.import_file(wav, NO_SUMMARY, NullContext())
        return self.session.pipeline.carry_through(call, NullContext()).id

    def said(self, call: CallId) -> list[tuple[str, str]]:
        transcript = self.session.library.transcript(call)
        return [(transcript.name(one), one.text) for one in transcript.utterances]


@pytest.fixture
def rooms(tmp_path: Path) -> Iterator[list[Room]]:
    made: list[Room] = []
    yield made
    for room in made:
        room.session.close()


@pytest.fixture
def room(tmp_path: Path, rooms: list[Room]) -> Room:
    rooms.append(Room(tmp_path))
    return rooms[-1]


TOLD_APART = [
    ("Speaker 1", "Are you coming tomorrow?"), ("Speaker 2", "Yes, at nine."), ("Speaker 1", "Bring the papers."),
]  # fmt: skip


def test_a_new_call_has_its_speakers_told_apart_by_itself(room: Room, mono_wav: Path) -> None:
    call = room.imported(mono_wav)
    assert room.said(call) == TOLD_APART
    known = room.session.library.call(call)
    assert (known.state, known.awaits_speakers) == (CallState.TRANSCRIBED, False)
    assert names_of(known.speakers) == ("Speaker 1", "Speaker 2")
    assert room.session.pipeline.next_step(known) is None


def test_without_a_model_nothing_is_divided_and_nothing_waits_for_one(
    tmp_path: Path, rooms: list[Room], mono_wav: Path
) -> None:
    rooms.append(room := Room(tmp_path, has_model=False))
    call = room.imported(mono_wav)
    assert {who for who, _ in room.said(call)} == {"Speaker"}
    assert not room.session.pipeline.is_unfinished(room.session.library.call(call))
    with pytest.raises(ModelMissing, match="tells voices apart"):
        room.session.speakers.find(call, NullContext())
    (tmp_path / "models").mkdir(exist_ok=True)
    make(tmp_path / "models" / "voices.onnx")
    assert not room.session.pipeline.is_unfinished(room.session.library.call(call)), "it is not divided unasked later"
    assert room.session.speakers.find(call, NullContext()) is not None
    assert room.said(call) == TOLD_APART


@pytest.mark.parametrize("failure", [EngineCrashed(), ModelDamaged()])
def test_a_model_that_fails_stops_nothing_and_is_told(
    room: Room, mono_wav: Path, monkeypatch: pytest.MonkeyPatch, failure: EngineCrashed
) -> None:
    told: list[str] = []
    monkeypatch.setattr(room.session.engine_pool, "notify", told.append)
    room.voices.failures = [failure, failure]
    call = room.imported(mono_wav)
    assert room.session.library.call(call).steps_done == {"transcribe", "speakers"}
    assert {who for who, _ in room.said(call)} == {"Speaker"}
    assert len(told) == 1
    assert told[0].startswith("The speakers of a call were not told apart: ")


def test_a_worker_that_dies_once_is_asked_again(room: Room, mono_wav: Path) -> None:
    room.voices.failures = [EngineCrashed()]
    assert room.said(room.imported(mono_wav)) == TOLD_APART
    assert room.voices.listened == 2


def test_another_number_of_people_is_tried_without_listening_again(room: Room, mono_wav: Path) -> None:
    call = room.imported(mono_wav)
    assert room.session.speakers.find(call, NullContext(), 1) is not None
    assert {who for who, _ in room.said(call)} == {"Speaker"}
    assert room.session.speakers.find(call, NullContext(), 2) is not None
    assert [who for who, _ in room.said(call)] == ["Speaker 1", "Speaker 2", "Speaker 1"]
    assert room.session.speakers.find(call, NullContext(), 2) is None, "nothing is left to change"
    assert (room.voices.listened, room.voices.counts) == (1, [0, 1, 2, 2])


def test_the_change_can_be_undone(room: Room, mono_wav: Path) -> None:
    call = room.imported(mono_wav)
    room.session.speakers.find(call, NullContext(), 1)
    before = room.session.library.transcript(call)
    change = room.session.speakers.find(call, NullContext(), 2)
    assert change is not None
    room.session.library.change(change.undone, is_new=False)
    assert room.session.library.transcript(call) == before


def test_the_own_side_of_a_call_stays_the_persons(room: Room, demo_wav: Path) -> None:
    room.voices.says = {1: [(0.0, 0.5, 0), (2.0, 2.5, 1)]}
    call = room.session.importing.import_file(demo_wav, NO_SUMMARY, NullContext())
    room.session.pipeline.carry_through(call, NullContext())
    heard = room.voices.counts
    assert room.session.speakers.find(call.id, NullContext(), 3) is None, "nothing is said on the other side"
    assert heard == [0, 2], "three people are two beside the person"


def test_what_can_not_be_heard_is_refused_in_words(room: Room, tmp_path: Path, mono_wav: Path) -> None:
    text = tmp_path / "call.txt"
    text.write_text("Anna: Hello.\nBernd: Good morning.\n")
    written = room.session.importing.import_file(text, NO_SUMMARY, NullContext())
    with pytest.raises(NoSound):
        room.session.speakers.find(written.id, NullContext())
    heard = room.imported(mono_wav)
    room.session.library.delete(heard)
    with pytest.raises(NotFound):
        room.session.speakers.find(heard, NullContext())


def test_it_is_stopped_at_any_block_and_tells_how_far_it_is(room: Room, mono_wav: Path) -> None:
    call = room.imported(mono_wav)
    room.session.speakers._kept.clear()
    watching = Watching()
    room.session.speakers.find(call, watching, 1)
    steps = [event for event in watching.events if isinstance(event, Progress)]
    assert steps[-1].step == "Listening for voices"
    assert steps[-1].unit == "s"
    before, context = room.said(call), Watching(stop_at=2)
    room.session.speakers._kept.clear()
    with pytest.raises(Cancelled):
        room.session.speakers.find(call, context, 2)
    assert room.said(call) == before


def test_a_file_that_is_only_transcribed_has_its_speakers_too(room: Room, mono_wav: Path) -> None:
    pool, source = room.session.engine_pool, FileSource(mono_wav)
    try:
        survey = survey_source(pool, source, NullContext())
        plain, layout = transcribe_source(pool, source, survey, "", NullContext())
        found = told_apart(pool, source, survey, layout, plain, NullContext())
        room.voices.failures = [ModelDamaged()]
        failed = told_apart(pool, source, survey, layout, plain, NullContext())
    finally:
        source.close()
    assert [(found.name(one), one.text, one.line) for one in found.utterances] == [
        (who, text, line) for line, (who, text) in enumerate(TOLD_APART, 1)
    ]
    assert failed == plain


def test_what_was_stopped_goes_on_after_the_next_start(
    tmp_path: Path, room: Room, rooms: list[Room], mono_wav: Path
) -> None:
    call = room.session.importing.import_file(mono_wav, NO_SUMMARY, NullContext())
    stopping = Watching(stop_when=lambda event: isinstance(event, Progress) and event.step == "Listening for voices")
    with pytest.raises(Cancelled):
        room.session.pipeline.carry_through(call, stopping)
    assert {who for who, _ in room.said(call.id)} == {"Speaker"}
    room.session.close()
    rooms.append(later := Room(tmp_path))
    known = later.session.library.call(call.id)
    assert known.awaits_speakers
    later.session.pipeline.carry_through(known, NullContext())
    assert later.said(call.id) == TOLD_APART


def test_what_is_transcribed_again_is_told_apart_again(room: Room, mono_wav: Path) -> None:
    call = room.imported(mono_wav)
    room.session.speakers.find(call, NullContext(), 1)
    room.session.transcribing.request_again(call)
    room.session.pipeline.carry_through(room.session.library.call(call), NullContext())
    assert room.said(call) == TOLD_APART


def names(room: Room, call: CallId) -> tuple[str, ...]:
    return names_of(room.session.library.call(call).speakers)


def test_an_undivided_call_is_as_before_once_it_is_undone(room: Room, mono_wav: Path) -> None:
    room.voices.says = {}
    call = room.imported(mono_wav)
    before = room.session.library.transcript(call)
    assert len(before.utterances) == 2
    room.voices.says = {0: VOICES}
    room.session.speakers.forget(call)
    change = room.session.speakers.find(call, NullContext())
    assert change is not None
    assert len(change.after) == 2, "one line was split"
    room.session.library.change(change.undone, is_new=False)
    assert room.session.library.transcript(call) == before
    room.session.library.change(change, is_new=False)
    room.session.library.change(change.undone, is_new=False)
    assert names(room, call) == ("Speaker",)


def test_names_stay_with_their_voices_when_it_is_heard_otherwise(room: Room, mono_wav: Path) -> None:
    call = room.imported(mono_wav)
    room.session.library.name_speakers(call, ["Anna", "Bob"])
    heard = [
        *spoken("Are you coming this afternoon?", 0.0),
        *spoken("Yes, exactly at nine.", 2.3),
        *spoken("Bring it.", 6.0),
    ]
    room.engines._speech = ScriptedSpeech({0: heard})
    room.session.engine_pool.close()
    room.session.engine_pool._speech = None
    room.session.transcribing.request_again(call)
    room.session.pipeline.carry_through(room.session.library.call(call), NullContext())
    assert room.said(call) == [
        ("Anna", "Are you coming this afternoon?"), ("Bob", "Yes, exactly at nine."), ("Anna", "Bring it."),
    ]  # fmt: skip


def test_sides_that_were_swapped_are_listened_to_anew(room: Room, demo_wav: Path) -> None:
    room.voices.says = {0: [(0.0, 0.5, 0)], 1: [(0.0, 0.5, 0)]}
    call = room.session.importing.import_file(demo_wav, NO_SUMMARY, NullContext()).id
    room.session.pipeline.carry_through(room.session.library.call(call), NullContext())
    room.session.library.swap_sides(call)
    room.session.speakers.find(call, NullContext())
    assert room.voices.listened == 2


def test_lines_that_a_person_gave_stay_theirs_unless_they_ask(room: Room, mono_wav: Path) -> None:
    call = room.session.importing.import_file(mono_wav, NO_SUMMARY, NullContext()).id
    stopping = Watching(stop_when=lambda event: isinstance(event, Progress) and event.step == "Listening for voices")
    with pytest.raises(Cancelled):
        room.session.pipeline.carry_through(room.session.library.call(call), stopping)
    last = room.session.library.transcript(call).utterances[-1]
    room.session.library.give(call, [last.id], Speaker(new_speaker_id(), "Dora"))
    room.session.pipeline.carry_through(room.session.library.call(call), NullContext())
    assert room.said(call)[-1] == ("Dora", "Bring the papers.")
    room.session.speakers.find(call, NullContext(), 2)
    assert [who for who, _ in room.said(call)] == ["Dora", "Speaker", "Dora"], "it is one voice"


@pytest.mark.parametrize("times", [1, 2, 3])
def test_a_line_that_is_changed_meanwhile_stops_nothing(
    room: Room, mono_wav: Path, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    room.voices.says = {0: [(0.0, 2.8, 0), (6.0, 7.2, 1)]}
    call = room.session.importing.import_file(mono_wav, NO_SUMMARY, NullContext()).id
    library, left = room.session.library, [times]
    told: list[str] = []
    change = library.change
    monkeypatch.setattr(room.session.engine_pool, "notify", told.append)

    def meddle(made: LineChange, *, is_new: bool) -> None:
        if left[0]:
            left[0] -= 1
            said = library.transcript(call).utterances[-1]
            library.correct(call, said.id, f"{said.text} Again {left[0]}.")
        change(made, is_new=is_new)

    monkeypatch.setattr(library, "change", meddle)
    room.session.pipeline.carry_through(room.session.library.call(call), NullContext())
    assert room.session.library.call(call).steps_done == {"transcribe", "speakers"}
    assert len(told) == (1 if times == 3 else 0)


def test_a_count_that_was_asked_for_is_not_overruled_and_the_steps_go_on(room: Room, mono_wav: Path) -> None:
    call = room.session.importing.import_file(mono_wav, ImportOptions(), NullContext()).id
    asked: list[Job[LineChange | None]] = []

    def ask(job: Job[Any], event: object) -> None:
        if event is JobState.RUNNING and job.title == "Transcribing" and not asked:
            asked.append(room.session.find_speakers(call, 2))

    room.session.lanes.observe(ask)
    room.session.advance(call)
    end = time.monotonic() + 20
    while room.session.library.call(call).state is not CallState.SUMMARIZED and time.monotonic() < end:
        time.sleep(0.02)
    known = room.session.library.call(call)
    assert known.steps_done == {"transcribe", "speakers", "summarize"}
    assert room.voices.counts == [2]


def test_voices_of_a_deleted_call_are_forgotten(room: Room, mono_wav: Path) -> None:
    call = room.imported(mono_wav)
    assert room.session.speakers._kept
    room.session.library.delete(call)
    assert not room.session.speakers._kept
