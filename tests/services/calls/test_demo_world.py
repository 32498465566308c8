"""What the demo's speech model hears outside its world is no transcript, and a sentence says so."""

from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest

from app.core.call import CallState
from app.core.errors import AssistantError, EngineCrashed, SilentRecording
from app.core.import_options import ImportOptions
from app.core.transcript import Segment, Word
from app.services.calls.demo_world import DemoWorld
from app.storage.vault import Vault
from tests.doubles.engines import ScriptedEngines, ScriptedSpeech
from tests.real.folder import REAL
from tests.running import CALLS, Home
from tests.services.stage import Stage, Watching, said


def heard(probability: float, count: int = 20, length: float = 0.3) -> list[Segment]:
    return [Segment(0, tuple(Word(" so", n * length, (n + 1) * length, probability) for n in range(count)))]


@pytest.mark.parametrize(
    ("window", "is_known"),
    [
        (heard(0.94), True),
        (heard(0.74), True),  # noise 8 dB below the voices
        (heard(0.72), False),
        (heard(0.81, length=0.8), False),  # slower than anybody of its world speaks
        (heard(0.85, length=0.1), False),
        (heard(0.9, length=0.8), True),
        (heard(0.3, count=5), True),  # too few to tell
        ([], True),
    ],
)
def test_its_world_has_likely_words_at_the_pace_of_speech(window: list[Segment], is_known: bool) -> None:
    world = DemoWorld()
    assert world.knows(window) is is_known
    assert world.has_refused is not is_known


def test_a_window_that_seems_known_after_much_that_is_not_is_not_either() -> None:
    world = DemoWorld()
    assert not world.knows(heard(0.65, count=50))
    assert not world.knows(heard(0.78, count=20))


def unlikely() -> dict[int, Sequence[Word]]:
    """The words of the demo call, none of which its model would be sure of."""
    return {side: [msgspec.structs.replace(w, probability=0.6) for w in words] for side, words in said().items()}


def test_a_call_outside_its_world_stays_without_a_transcript(vault: Vault, demo_wav: Path) -> None:
    stage = Stage(vault, ScriptedEngines(ScriptedSpeech(unlikely())))
    made = stage.importing.import_file(demo_wav, ImportOptions(), Watching())
    call = stage.transcribing.run(made.id, Watching())
    assert call.state is CallState.SILENT
    assert stage.store.transcript(made.id).utterances == ()
    with pytest.raises(SilentRecording, match="demo model understood no speech"):
        stage.transcribing.refuse_if_unknown(call)


@pytest.mark.parametrize("failures", [[], [(8, EngineCrashed())], [(6, EngineCrashed()), (2, EngineCrashed())]])
def test_what_was_heard_before_a_crash_counts_for_what_comes_after(
    vault: Vault, demo_wav: Path, failures: list[tuple[int, AssistantError]]
) -> None:
    words: dict[int, Sequence[Word]] = {
        side: [msgspec.structs.replace(w, probability=0.6 if w.start < 40 else 0.78) for w in words]
        for side, words in said().items()
    }
    stage = Stage(vault, ScriptedEngines(ScriptedSpeech(words, failures=failures)))
    made = stage.importing.import_file(demo_wav, ImportOptions(), Watching())
    stage.transcribing.run(made.id, Watching())
    assert stage.store.transcript(made.id).utterances == ()


@pytest.mark.real("recordings")
@pytest.mark.parametrize("name", ["phone.wav", "jfk.flac", "harvard_8k.wav", "meeting_dev00.wav", "multilingual.mp3"])
def test_a_person_is_refused_by_command(tmp_path: Path, name: str) -> None:
    home = Home(tmp_path)
    for command in ("transcribe", "import"):
        refused = home.run(command, str(REAL / "recordings" / name), timeout=120)
        assert refused.status != 0
        assert "The demo model understood no speech in this recording" in refused.err
        assert "The recording is kept" in refused.err
    (call,) = home.run_here("list", "--json").json
    assert "understood no speech" in home.run_here("show", call["id"]).err


def test_its_own_voices_are_understood(tmp_path: Path) -> None:
    outcome = Home(tmp_path).run("transcribe", str(CALLS / "call-910001.opus"), "--json")
    assert len(outcome.json["utterances"]) > 8
