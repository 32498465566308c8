"""A call is transcribed piece by piece; whatever stops it, it goes on, and no word comes twice."""

import difflib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.call import Call, CallState
from app.core.engines import SpeechOptions
from app.core.errors import AssistantError, EngineCrashed, EngineFault, EngineOutOfMemory, ModelMissing, SilentRecording
from app.core.files import FileSource
from app.core.import_options import ImportOptions
from app.core.job import Cancelled, Progress
from app.core.resources import demo_call
from app.core.transcript import Transcript
from app.engines.parent.engines import RemoteMedia, RemoteSpeech
from app.services.calls.importing import survey_source
from app.storage.vault import Vault
from tests.conftest import opened_vault
from tests.doubles.engines import ScriptedEngines, ScriptedSpeech
from tests.services.stage import TRUTH, Kept, Stage, Watching, provisioning, said


def words_of(transcript: Transcript, channel: int) -> list[str]:
    return " ".join(u.text for u in transcript.utterances if u.track == channel).split()


def truth(channel: int) -> list[str]:
    return " ".join(text for side, text in TRUTH["turns"] if side == channel).split()


def staged(vault: Vault, speech: ScriptedSpeech, call: Path) -> tuple[Stage, Call]:
    stage = Stage(vault, ScriptedEngines(speech))
    made = stage.importing.import_file(call, ImportOptions(), Watching())
    stage.changes.clear()
    return stage, made


def assert_whole(stage: Stage, known: Call) -> None:
    transcript = stage.store.transcript(known.id)
    assert words_of(transcript, 0) == truth(0)
    assert words_of(transcript, 1) == truth(1)


def test_every_word_is_there_once_and_found(vault: Vault, demo_wav: Path) -> None:
    stage, made = staged(vault, ScriptedSpeech(said(), 60.0), demo_wav)
    watching = Watching()
    done = stage.transcribing.run(made.id, watching)
    assert_whole(stage, made)
    assert (done.state, done.language) == (CallState.TRANSCRIBED, "en")
    assert done.transcribed_until == pytest.approx(done.duration, abs=0.1)
    assert [u.line for u in stage.store.transcript(made.id).utterances] == list(range(1, 17))
    assert stage.store.transcript(made.id).model == "demo-speech"
    assert stage.searching.search("payment page")[0].id == made.id
    assert {change.kind for change in stage.changes} == {"transcript"}
    progress = [event.done for event in watching.events if isinstance(event, Progress)]
    assert progress == sorted(progress)
    assert progress[-1] == pytest.approx(done.duration, abs=0.1)


def truth_lines() -> list[str]:
    return [text for _, text in TRUTH["turns"]]


def test_the_real_engines_hear_the_demo_call(vault: Vault, real_speech: RemoteSpeech) -> None:
    stage = Stage(vault, Kept(RemoteMedia, real_speech))
    made = stage.importing.import_file(demo_call(), ImportOptions(), Watching())
    stage.transcribing.run(made.id, Watching())
    for channel in (0, 1):
        found = words_of(stage.store.transcript(made.id), channel)
        assert difflib.SequenceMatcher(None, truth(channel), found).ratio() > 0.95


def test_a_crash_after_the_first_piece_goes_on_by_itself(vault: Vault, demo_wav: Path) -> None:
    speech = ScriptedSpeech(said(), failures=[(1, EngineCrashed())])
    stage, made = staged(vault, speech, demo_wav)
    stage.transcribing.run(made.id, Watching())
    assert len(speech.calls) == 2
    assert_whole(stage, made)


@settings(max_examples=12)
@given(st.lists(st.integers(0, 9), max_size=4), st.sampled_from([3.0, 10.0, 60.0]))
def test_wherever_workers_die_no_word_is_lost_or_said_twice(
    tmp_path_factory: pytest.TempPathFactory, demo_wav: Path, deaths: list[int], piece: float
) -> None:
    vault = opened_vault(tmp_path_factory.mktemp("v"))
    try:
        speech = ScriptedSpeech(said(), piece, failures=[(after, EngineCrashed()) for after in deaths])
        stage, made = staged(vault, speech, demo_wav)
        for _ in range(4):
            try:
                stage.transcribing.run(made.id, Watching())
                break
            except EngineCrashed:
                assert stage.store.get(made.id).state is CallState.TRANSCRIBING
        assert_whole(stage, made)
    finally:
        vault.close()


def test_a_file_that_kills_every_worker_is_set_aside_and_what_was_saved_stays(vault: Vault, demo_wav: Path) -> None:
    speech = ScriptedSpeech(said(), failures=[(2, EngineCrashed()), *[(0, EngineCrashed())] * 30])
    stage, made = staged(vault, speech, demo_wav)
    with pytest.raises(EngineCrashed):
        stage.transcribing.run(made.id, Watching())
    assert len(speech.calls) <= 6
    kept = stage.store.get(made.id)
    assert kept.state is CallState.TRANSCRIBING
    assert stage.store.transcript(made.id).utterances
    assert kept.transcribed_until >= 10


def test_a_bug_of_ours_is_not_tried_again(vault: Vault, demo_wav: Path) -> None:
    speech = ScriptedSpeech(said(), failures=[(1, EngineFault())])
    stage, made = staged(vault, speech, demo_wav)
    with pytest.raises(EngineFault):
        stage.transcribing.run(made.id, Watching())
    assert len(speech.calls) == 1
    assert stage.store.transcript(made.id).utterances


@pytest.mark.parametrize("error", [EngineOutOfMemory(), ModelMissing()])
def test_another_failure_ends_it_and_it_goes_on_later(vault: Vault, demo_wav: Path, error: AssistantError) -> None:
    stage, made = staged(vault, ScriptedSpeech(said(), failures=[(2, error)]), demo_wav)
    with pytest.raises(type(error)):
        stage.transcribing.run(made.id, Watching())
    stage.transcribing.run(made.id, Watching())
    assert_whole(stage, made)


def test_cancelled_at_any_block_it_keeps_what_was_heard_and_goes_on(vault: Vault, demo_wav: Path) -> None:
    stage, made = staged(vault, ScriptedSpeech(said(), 4.0), demo_wav)
    for place in (1, 4, 6, 3, 2):
        before = stage.store.progress(made.id)
        with pytest.raises(Cancelled):
            stage.transcribing.run(made.id, Watching(stop_at=place))
        after = stage.store.progress(made.id)
        assert all(after[track] >= until for track, until in before.items())
        assert stage.store.get(made.id).state is CallState.TRANSCRIBING
    stage.transcribing.run(made.id, Watching())
    assert_whole(stage, made)


def test_one_side_that_is_further_than_the_other_is_not_heard_again(vault: Vault, demo_wav: Path) -> None:
    stage, made = staged(vault, ScriptedSpeech(said(), failures=[(1, EngineOutOfMemory())]), demo_wav)
    with pytest.raises(EngineOutOfMemory):
        stage.transcribing.run(made.id, Watching())
    left, right = stage.store.progress(made.id).values()
    assert left > right == 0
    stage.transcribing.run(made.id, Watching())
    assert_whole(stage, made)


def test_a_real_transcript_that_was_stopped_half_way_is_as_good(vault: Vault, real_speech: RemoteSpeech) -> None:
    stage = Stage(vault, Kept(RemoteMedia, real_speech))
    made = stage.importing.import_file(demo_call(), ImportOptions(), Watching())
    stage.store.begin_transcript(made.id, "demo-speech")
    for channel, until in ((0, 20.0), (1, 13.5)):  # as if a crash had left these; both in a pause of that side
        stage.store.save_utterances(made.id, channel, until, [], "en")
    stage.transcribing.run(made.id, Watching())
    for channel, until in ((0, 20.0), (1, 13.5)):
        later = [
            text
            for (side, text), (start, _) in zip(TRUTH["turns"], TRUTH["times"], strict=True)
            if side == channel and start > until
        ]
        found = words_of(stage.store.transcript(made.id), channel)
        assert difflib.SequenceMatcher(None, " ".join(later).split(), found).ratio() > 0.93
        assert all(u.start >= until - 0.5 for u in stage.store.transcript(made.id).utterances if u.track == channel)


def test_another_model_starts_over(vault: Vault, demo_wav: Path) -> None:
    stage, made = staged(vault, ScriptedSpeech(said(), failures=[(3, EngineOutOfMemory())]), demo_wav)
    with pytest.raises(EngineOutOfMemory):
        stage.transcribing.run(made.id, Watching())
    with vault.write() as db:
        db.execute("UPDATE recordings SET speech_model = 'another'")
    stage.transcribing.run(made.id, Watching())
    assert stage.store.transcript(made.id).model == "demo-speech"
    assert_whole(stage, made)


def test_without_speech_the_call_stays_with_its_sound_and_says_so(vault: Vault, demo_wav: Path) -> None:
    stage, made = staged(vault, ScriptedSpeech({}), demo_wav)
    assert stage.transcribing.run(made.id, Watching()).state is CallState.SILENT
    assert stage.media_files() == [f"{made.id}.sealed"]
    assert not any(change.is_gone for change in stage.changes)
    Stage(vault, ScriptedEngines(ScriptedSpeech(said(), 60.0))).transcribing.request_again(made.id, "de")
    again = Stage(vault, ScriptedEngines(ScriptedSpeech(said(), 60.0)))
    assert again.transcribing.run(made.id, Watching()).state is CallState.TRANSCRIBED
    assert_whole(again, made)


def test_another_language_is_asked_for_while_it_is_transcribed(vault: Vault, demo_wav: Path) -> None:
    speech = ScriptedSpeech(said(), 10.0)
    stage, made = staged(vault, speech, demo_wav)

    def ask(event: object) -> bool:
        if len(speech.calls) == 1 and isinstance(event, Progress) and event.done > 20:
            stage.importing.import_file(demo_wav, ImportOptions(language="de"), Watching())
        return False

    done = stage.transcribing.run(made.id, Watching(stop_when=ask))
    assert_whole(stage, made)
    assert [options.language for options in speech.calls] == ["", "de"]
    assert (done.state, done.awaits_new_transcript) == (CallState.TRANSCRIBED, False)


def test_a_call_that_was_heard_before_survives_a_language_in_which_nothing_is(vault: Vault, demo_wav: Path) -> None:
    stage, made = staged(vault, ScriptedSpeech(said(), 60.0), demo_wav)
    stage.transcribing.run(made.id, Watching())
    chat = stage.answering.start(made.id)
    deaf = Stage(vault, ScriptedEngines(ScriptedSpeech({})))
    same = deaf.importing.import_file(demo_wav, ImportOptions(language="fr"), Watching())
    assert same.id == made.id
    before = stage.store.transcript(made.id)
    with pytest.raises(SilentRecording, match="The earlier transcript is kept"):
        deaf.transcribing.run(made.id, Watching())
    assert stage.store.transcript(made.id) == before
    assert stage.store.get(made.id).state is CallState.TRANSCRIBED
    assert not stage.store.get(made.id).awaits_new_transcript
    assert [call.id for call in stage.library.calls()] == [made.id]
    assert stage.media_files() == [f"{made.id}.sealed"]
    assert [known.id for known in stage.answering.conversations()] == [chat.id]


def test_without_a_model_the_sound_is_kept_and_waits(vault: Vault, demo_wav: Path) -> None:
    stage = Stage(vault, ScriptedEngines(), provisioning(vault.folder, demo=list))
    made = stage.importing.import_file(demo_wav, ImportOptions(), Watching())
    with pytest.raises(ModelMissing):
        stage.transcribing.run(made.id, Watching())
    assert stage.store.get(made.id).state is CallState.IMPORTED


def test_the_named_language_is_asked_for_and_the_heard_one_kept(vault: Vault, demo_wav: Path) -> None:
    speech = ScriptedSpeech(said(), language="fr", failures=[(1, EngineCrashed())])
    stage = Stage(vault, ScriptedEngines(speech))
    made = stage.importing.import_file(demo_wav, ImportOptions(language="de"), Watching())
    assert stage.transcribing.run(made.id, Watching()).language == "de"
    assert {call.language for call in speech.calls} == {"de"}


def test_decoders_are_given_back_whatever_happens(vault: Vault, demo_wav: Path) -> None:
    engines = ScriptedEngines(ScriptedSpeech(said(), failures=[(1, EngineCrashed()), (1, EngineOutOfMemory())]))
    stage = Stage(vault, engines)
    made = stage.importing.import_file(demo_wav, ImportOptions(), Watching())
    with pytest.raises(EngineOutOfMemory):
        stage.transcribing.run(made.id, Watching())
    with pytest.raises(Cancelled):
        stage.transcribing.run(made.id, Watching(stop_at=2))
    assert len(engines.media_engines) >= 4
    assert all(media.is_closed for media in engines.media_engines)


def test_a_file_without_a_vault_is_transcribed_and_nothing_is_stored(vault: Vault, demo_wav: Path) -> None:
    speech = ScriptedSpeech(said(), 60.0)
    stage = Stage(vault, ScriptedEngines(speech))
    source = FileSource(demo_wav)
    try:
        survey = survey_source(stage.engine_pool, source, Watching())
        transcript, layout = stage.transcribing.transcribe_source(source, survey, "", Watching())
    finally:
        source.close()
    assert [u.text for u in transcript.utterances] == truth_lines()
    assert [u.line for u in transcript.utterances] == list(range(1, 17))
    assert (transcript.language, layout.channels) == ("en", (0, 1))
    assert speech.calls == [SpeechOptions((0, 1))]
    assert stage.store.all() == []
    assert stage.media_files() == []


def test_transcribed_anew_the_earlier_transcript_stays_until_the_new_one_is_whole(vault: Vault, demo_wav: Path) -> None:
    stage, made = staged(vault, ScriptedSpeech(said(), 60.0), demo_wav)
    stage.transcribing.run(made.id, Watching())
    before = stage.store.transcript(made.id)
    stage.transcribing.request_again(made.id, "de")
    slow = Stage(vault, ScriptedEngines(ScriptedSpeech(said(), 4.0, failures=[(3, EngineOutOfMemory())])))
    with pytest.raises(EngineOutOfMemory):
        slow.transcribing.run(made.id, Watching())
    assert stage.store.transcript(made.id) == before
    assert sum(stage.store.progress(made.id).values()) > 0
    with pytest.raises(Cancelled):
        slow.transcribing.run(made.id, Watching(stop_at=3))
    assert stage.store.transcript(made.id) == before
    assert stage.store.get(made.id).awaits_new_transcript
    done = slow.transcribing.run(made.id, Watching())
    assert not done.awaits_new_transcript
    assert_whole(stage, made)
