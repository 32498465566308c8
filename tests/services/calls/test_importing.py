"""Files come into the vault whole, once, or not at all."""

import os
import wave
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.core.call import CallState
from app.core.change import Change
from app.core.errors import AssistantError, MediaMissing, SilentRecording, UnsupportedMedia, VaultUnwritable
from app.core.import_options import ImportOptions
from app.core.job import Cancelled, Progress
from app.core.resources import demo_call
from app.core.transcript import Layout, names_of, speaking
from app.engines.parent.engines import RemoteMedia
from app.services.calls.importing import survey_source
from app.storage.vault import Vault
from tests.conftest import Bytes
from tests.doubles.engines import ScriptedEngines, ScriptedSpeech
from tests.services.stage import Kept, Stage, Watching, said

PLAIN = ImportOptions()


@pytest.fixture
def stage(vault: Vault) -> Stage:
    return Stage(vault, ScriptedEngines())


@pytest.fixture
def real(vault: Vault) -> Stage:
    return Stage(vault, Kept(RemoteMedia))


def wav(path: Path, seconds: float = 3.0, level: int = 9000, channels: int = 2) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setparams((channels, 2, 16_000, 0, "NONE", ""))
        for n in range(int(seconds * 16_000)):
            sides = (level if n // 40 % 2 else -level), level * (n % 97 - 48) // 48  # two tones that don't correlate
            file.writeframesraw(b"".join(side.to_bytes(2, "little", signed=True) for side in sides[:channels]))
    return path


def test_a_call_comes_in(stage: Stage, demo_wav: Path) -> None:
    watching = Watching()
    made = stage.importing.import_file(demo_wav, PLAIN, watching)
    assert (made.title, made.state, made.layout) == ("demo", CallState.IMPORTED, Layout.TWO_SIDED)
    assert made.duration == pytest.approx(42.18, abs=0.1)
    assert [(one.name, one.is_you) for one in made.speakers] == [("You", True), ("Them", False)]
    assert made.date == datetime.fromtimestamp(int(demo_wav.stat().st_mtime), UTC)
    assert stage.media_files() == [f"{made.id}.sealed"]
    assert stage.changes == [Change("recording", made.id)]
    progress = [event for event in watching.events if isinstance(event, Progress) and event.unit == "bytes"]
    assert [p.done for p in progress] == sorted(p.done for p in progress)
    assert progress[-1].done == progress[-1].total == demo_wav.stat().st_size
    with stage.store.sound(made.id) as source:
        assert source.read(0, source.size) == demo_wav.read_bytes()


def test_what_a_person_says_of_a_file_goes_before_what_it_says(stage: Stage, demo_wav: Path) -> None:
    date = datetime(2020, 2, 3, 4, 5, tzinfo=UTC)
    options = ImportOptions(date, "de", "Elena", "Leo", wants_summary=False)
    made = stage.importing.import_file(demo_wav, options, Watching())
    assert (made.date, names_of(made.speakers), made.wants_summary) == (date, ("Elena", "Leo"), False)
    assert stage.store.asked_language(made.id) == "de"


def test_the_real_decoder_surveys_what_was_sealed(real: Stage) -> None:
    made = real.importing.import_file(demo_call(), PLAIN, Watching())
    assert (made.layout, made.is_truncated) == (Layout.TWO_SIDED, False)
    assert len(real.store.survey(made.id).peaks) == 844


def test_a_file_that_is_there_already_is_returned_as_it_stands(stage: Stage, demo_wav: Path, tmp_path: Path) -> None:
    one = stage.importing.import_file(demo_wav, ImportOptions(wants_summary=False), Watching())
    copy = tmp_path / "another name.wav"
    copy.write_bytes(demo_wav.read_bytes())
    other = stage.importing.import_file(copy, ImportOptions(wants_summary=False), Watching())
    assert other == one
    assert len(stage.store.all()) == 1
    assert stage.media_files() == [f"{one.id}.sealed"]
    assert stage.importing.import_file(copy, PLAIN, Watching()).wants_summary  # asked for now


def test_what_a_person_says_of_a_file_that_is_there_already_holds_for_it(vault: Vault, demo_wav: Path) -> None:
    stage = Stage(vault, ScriptedEngines(ScriptedSpeech(said(), 60.0)))
    one = stage.importing.import_file(demo_wav, PLAIN, Watching())
    stage.transcribing.run(one.id, Watching())
    date = datetime(2020, 2, 3, 4, 5, tzinfo=UTC)
    again = stage.importing.import_file(demo_wav, ImportOptions(date, "", "", "Leo"), Watching())
    assert (again.id, again.date, names_of(again.speakers)) == (one.id, date, (one.speakers[0].name, "Leo"))
    assert again.state is CallState.TRANSCRIBED
    heard = stage.store.transcript(one.id)
    same = stage.importing.import_file(demo_wav, ImportOptions(language=heard.language), Watching())
    assert same.state is CallState.TRANSCRIBED
    other = stage.importing.import_file(demo_wav, ImportOptions(language="de"), Watching())
    assert (other.state, other.awaits_new_transcript) == (CallState.TRANSCRIBED, True)
    assert stage.store.transcript(one.id).utterances == heard.utterances  # until it is heard anew
    stage.transcribing.run(one.id, Watching())
    assert stage.store.asked_language(one.id) == "de"
    assert len(stage.store.transcript(one.id).utterances) == len(heard.utterances)


def test_a_file_that_was_deleted_comes_in_again(stage: Stage, demo_wav: Path) -> None:
    one = stage.importing.import_file(demo_wav, PLAIN, Watching())
    stage.library.delete(one.id)
    other = stage.importing.import_file(demo_wav, PLAIN, Watching())
    assert other.id != one.id
    assert stage.media_files() == [f"{other.id}.sealed"]


def bad_files(folder: Path, call: Path) -> dict[str, tuple[Path, type[AssistantError]]]:
    files = {
        "empty": (b"", UnsupportedMedia),
        "garbage": (os.urandom(200_000), UnsupportedMedia),
        "text": (b"no sound\n" * 900, UnsupportedMedia),
        "head": (call.read_bytes()[:20], UnsupportedMedia),
    }
    found: dict[str, tuple[Path, type[AssistantError]]] = {}
    for name, (content, kind) in files.items():
        (folder / f"{name}.wav").write_bytes(content)
        found[name] = (folder / f"{name}.wav", kind)
    found["missing"] = (folder / "not there.wav", MediaMissing)
    found["folder"] = (folder, MediaMissing)
    found["silence"] = (wav(folder / "silence.wav", level=0), SilentRecording)
    return found


@pytest.mark.parametrize("decoder", ["scripted", "real"])
@pytest.mark.parametrize("name", ["empty", "garbage", "text", "head", "missing", "folder", "silence"])
def test_a_bad_file_leaves_nothing_behind(
    vault: Vault, tmp_path: Path, demo_wav: Path, name: str, decoder: str
) -> None:
    stage = Stage(vault, Kept(RemoteMedia if decoder == "real" else None))
    path, kind = bad_files(tmp_path, demo_wav)[name]
    with pytest.raises(kind) as caught:
        stage.importing.import_file(path, PLAIN, Watching())
    assert caught.value.title
    assert path.name not in str(caught.value)
    assert stage.media_files() == []
    assert stage.store.all() == []
    assert stage.changes == []


def test_a_file_that_becomes_shorter_meanwhile_is_not_taken_for_a_recording_that_breaks_off(
    stage: Stage, tmp_path: Path
) -> None:
    path = wav(tmp_path / "long.wav", 40)  # 2.5 MB: three blocks

    class Shortening(Watching):
        def checkpoint(self) -> None:
            super().checkpoint()
            if self.checkpoints == 2:
                os.truncate(path, 1_500_000)

    with pytest.raises(MediaMissing, match="became shorter"):
        stage.importing.import_file(path, PLAIN, Shortening())
    assert stage.media_files() == []
    assert stage.store.all() == []


def test_a_file_that_vanishes_while_its_sound_is_read_is_told_and_the_decoder_lives(real: Stage) -> None:
    class Vanishing(Bytes):
        is_gone = False

        def read(self, offset: int, length: int) -> bytes:
            if self.is_gone:
                raise MediaMissing("The file can no longer be read.")
            self.is_gone = offset > 0
            return super().read(offset, length)

    content = demo_call().read_bytes()
    with pytest.raises(MediaMissing, match="no longer"):
        survey_source(real.engine_pool, Vanishing(content), Watching())  # type: ignore[arg-type]
    assert survey_source(real.engine_pool, Bytes(content), Watching()).duration > 40  # type: ignore[arg-type]


def test_cancelled_at_any_checkpoint_nothing_is_left(stage: Stage, tmp_path: Path) -> None:
    path = wav(tmp_path / "long.wav", 40)  # 2.5 MB: three blocks
    watching = Watching()
    made = stage.importing.import_file(path, PLAIN, watching)
    stage.library.delete(made.id)
    assert watching.checkpoints >= 4
    for place in range(1, watching.checkpoints + 1):
        with pytest.raises(Cancelled):
            stage.importing.import_file(path, PLAIN, Watching(stop_at=place))
        assert stage.media_files() == []
        assert stage.store.all() == []


def test_a_truncated_file_is_kept_as_far_as_it_goes_and_says_so(real: Stage, tmp_path: Path) -> None:
    content = demo_call().read_bytes()
    cut = tmp_path / "cut.opus"
    cut.write_bytes(content[: len(content) // 2])
    made = real.importing.import_file(cut, PLAIN, Watching())
    assert made.is_truncated
    assert 15 < made.duration < 27


@pytest.mark.parametrize("channels", [1, 2])
def test_one_microphone_and_one_sided_calls(real: Stage, tmp_path: Path, channels: int) -> None:
    made = real.importing.import_file(wav(tmp_path / "one.wav", channels=channels), PLAIN, Watching())
    expected = {1: (Layout.MONO, ("Speaker",)), 2: (Layout.TWO_SIDED, ("You", "Them"))}[channels]
    assert (made.layout, names_of(speaking(made.layout, made.speakers))) == expected


def test_a_file_name_of_bytes_that_are_no_text_is_no_obstacle(stage: Stage, demo_wav: Path, tmp_path: Path) -> None:
    path = Path(os.fsdecode(bytes(tmp_path) + b"/caf\xe9 call.wav"))  # as an old archive unpacks
    path.write_bytes(demo_wav.read_bytes())
    assert stage.importing.import_file(path, PLAIN, Watching()).title.endswith(" call")


def test_the_decoder_is_given_back_also_after_a_failure(vault: Vault, tmp_path: Path, demo_wav: Path) -> None:
    engines = ScriptedEngines()
    stage = Stage(vault, engines)
    (tmp_path / "x.wav").write_bytes(b"no sound")
    with pytest.raises(UnsupportedMedia):
        stage.importing.import_file(tmp_path / "x.wav", PLAIN, Watching())
    stage.importing.import_file(demo_wav, PLAIN, Watching())
    assert [media.is_closed for media in engines.media_engines] == [True, True]


def test_a_media_folder_that_is_gone_is_a_clear_error(stage: Stage, demo_wav: Path) -> None:
    stage.vault.media_folder.rmdir()
    with pytest.raises(VaultUnwritable):
        stage.importing.import_file(demo_wav, PLAIN, Watching())
    assert stage.store.all() == []


def test_a_new_call_in_which_nothing_is_heard_is_taken_back_while_its_file_is_there(
    vault: Vault, demo_wav: Path, tmp_path: Path
) -> None:
    stage = Stage(vault, ScriptedEngines(ScriptedSpeech({})))
    one = stage.importing.import_file(demo_wav, PLAIN, Watching())
    silent = stage.transcribing.run(one.id, Watching())
    with pytest.raises(SilentRecording, match="left as it is"):
        stage.importing.refuse_if_silent(silent)
    assert stage.store.all() == []
    assert stage.media_files() == []


@pytest.mark.parametrize("loss", ["moved", "changed", "another run"])
def test_a_silent_call_stays_if_it_may_be_the_only_copy(
    vault: Vault, demo_wav: Path, tmp_path: Path, loss: str
) -> None:
    stage = Stage(vault, ScriptedEngines(ScriptedSpeech({})))
    file = tmp_path / "call.wav"
    file.write_bytes(demo_wav.read_bytes())
    one = stage.importing.import_file(file, PLAIN, Watching())
    silent = stage.transcribing.run(one.id, Watching())
    if loss == "moved":
        file.rename(tmp_path / "other.wav")
    elif loss == "changed":
        file.write_bytes(b"another")
    else:
        stage = Stage(vault, ScriptedEngines(ScriptedSpeech({})))
    with pytest.raises(SilentRecording, match="are kept"):
        stage.importing.refuse_if_silent(silent)
    assert [call.id for call in stage.store.all()] == [one.id]
    assert stage.media_files() == [f"{one.id}.sealed"]


def test_a_silent_call_is_tried_again_when_its_file_is_imported_again(vault: Vault, demo_wav: Path) -> None:
    deaf = Stage(vault, ScriptedEngines(ScriptedSpeech({})))
    one = deaf.importing.import_file(demo_wav, PLAIN, Watching())
    deaf.transcribing.run(one.id, Watching())
    hearing = Stage(vault, ScriptedEngines(ScriptedSpeech(said(), 60.0)))
    assert hearing.importing.import_file(demo_wav, PLAIN, Watching()).state is CallState.IMPORTED
    assert hearing.transcribing.run(one.id, Watching()).state is CallState.TRANSCRIBED


@pytest.mark.parametrize("seconds", [0, -2_147_483_648, 4_354_819_198])
def test_the_clock_of_a_file_that_was_not_set_gives_no_date(stage: Stage, demo_wav: Path, seconds: int) -> None:
    os.utime(demo_wav, (seconds, seconds))
    before = datetime.now(UTC)
    assert stage.importing.import_file(demo_wav, PLAIN, Watching()).date >= before.replace(microsecond=0)


def test_a_name_is_one_line(stage: Stage, demo_wav: Path) -> None:
    options = ImportOptions(left="A\nX", right="B\r\n\u2028 Y")
    made = stage.importing.import_file(demo_wav, options, Watching())
    assert names_of(made.speakers) == ("A X", "B Y")
