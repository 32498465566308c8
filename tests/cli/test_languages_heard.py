"""Calls in several languages, by the command line with real models: each stretch in its own, and marked.

Needs TACIT_REAL, a folder with `models` (whisper-base, whisper-tiny-en) and `recordings` (`jfk.flac`, English, and
`multilingual.mp3`, half a minute of English and then of German): the demo's speech model knows English only.
"""

import json
import signal
import time
import wave
from pathlib import Path
from typing import Any

import av
import jiwer
import numpy as np
import pytest
from numpy.typing import NDArray

from tests.real.folder import REAL
from tests.running import Home

pytestmark = pytest.mark.real(
    "models/whisper-base", "models/whisper-tiny-en", "recordings/jfk.flac", "recordings/multilingual.mp3"
)
RATE = 16_000
Sound = NDArray[np.int16]


def recording(name: str) -> Sound:
    """A recording's sound at 16 kHz, mono."""
    with av.open(str(REAL / "recordings" / name)) as container:
        resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
        frames = [*container.decode(audio=0), None]
        return np.concatenate([out.to_ndarray()[0] for frame in frames for out in resampler.resample(frame)])


def english() -> Sound:
    """Eleven seconds."""
    return recording("jfk.flac")


def german(seconds: float = 30.0) -> Sound:
    """The beginning of some thirty seconds."""
    return recording("multilingual.mp3")[30 * RATE : int((30 + seconds) * RATE)]


def silence(seconds: float) -> Sound:
    return np.zeros(int(seconds * RATE), np.int16)


def written(path: Path, *channels: Sound) -> str:
    """A WAV of these channels, the shorter ones filled with silence."""
    length = max(map(len, channels))
    filled = [np.pad(channel, (0, length - len(channel))) for channel in channels]
    with wave.open(str(path), "wb") as file:
        file.setparams((len(filled), 2, RATE, 0, "NONE", ""))
        file.writeframes(np.stack(filled, 1).tobytes())
    return str(path)


@pytest.fixture(params=["whisper-base"])
def home(tmp_path: Path, request: pytest.FixtureRequest) -> Home:
    made = Home(tmp_path)
    made.models.rmdir()
    made.models.mkdir()
    (made.models / request.param).symlink_to(REAL / "models" / request.param)
    return made


def lines(shape: dict[str, Any]) -> list[tuple[str, float, str]]:
    return [(one["language"], one["start"], one["text"]) for one in shape["utterances"]]


def text(found: list[tuple[str, float, str]], language: str) -> str:
    return " ".join(said for code, _, said in found if code == language)


def transcribed(home: Home, path: str, *options: str) -> dict[str, Any]:
    done = home.run("transcribe", path, "--json", *options, timeout=300)
    assert done.status == 0, done.err
    shape: dict[str, Any] = done.json
    return shape


def test_each_stretch_is_written_in_its_own_language(home: Home, tmp_path: Path) -> None:
    shape = transcribed(home, written(tmp_path / "call.wav", np.concatenate([english(), german()])))
    found = lines(shape)
    assert shape["language"] == "de", "what is spoken most"
    assert [code for code, _, _ in found] == sorted((code for code, _, _ in found), reverse=True)
    assert all((code == "en") == (start < 11) for code, start, _ in found)
    assert "my fellow Americans" in text(found, "en")
    assert "ask what you can do for your country" in text(found, "en")
    assert "unentgeltlich die Genehmigung erteilt" in text(found, "de")


def test_a_foreign_phrase_within_english(home: Home, tmp_path: Path) -> None:
    shape = transcribed(home, written(tmp_path / "call.wav", np.concatenate([english(), german(5.5), english()])))
    found = lines(shape)
    assert shape["language"] == "en"
    assert [code for n, (code, _, _) in enumerate(found) if not n or code != found[n - 1][0]] == ["en", "de", "en"]
    assert "dazugehörigen Dokumentation" in text(found, "de")
    shown = home.run("transcribe", str(tmp_path / "call.wav"), timeout=300).out
    assert "[German] Jeden" in shown
    assert "[English]" not in shown


def test_show_and_every_export_mark_another_language(home: Home, tmp_path: Path) -> None:
    path = written(tmp_path / "call.wav", np.concatenate([english(), german(5.5), english()]))
    done = home.run("import", path, "--no-summary", "--json", timeout=300)
    assert done.status == 0, done.err
    call = done.json[0]["id"]
    texts = {form: home.run("export", call, "-f", form, "-o", "-").out for form in ("txt", "md", "srt", "vtt")}
    texts["shown"] = home.run("show", call).out
    for form, shown in texts.items():
        assert "[German] Jeden" in shown.replace("\\", "").replace("\N{WORD JOINER}", ""), form
        assert "[English]" not in shown.replace("\\", ""), form
    exported = json.loads(home.run("export", call, "-f", "json", "-o", "-").out)["transcript"]
    for shape in (exported, home.run("show", call, "--json").json["transcript"]):
        assert shape["language"] == "en"
        assert {one["language"] for one in shape["utterances"]} == {"en", "de"}


def test_two_sides_speak_two_languages_with_a_long_silence_between(home: Home, tmp_path: Path) -> None:
    you = np.concatenate([english(), silence(200), english()])
    them = np.concatenate([silence(100), german(20)])
    found = lines(transcribed(home, written(tmp_path / "call.wav", you, them)))
    assert {code for code, start, _ in found if 99 < start < 130} == {"de"}
    assert {code for code, start, _ in found if not 99 < start < 130} == {"en"}


def test_the_language_that_a_person_names_holds_for_all(home: Home, tmp_path: Path) -> None:
    path = written(tmp_path / "call.wav", np.concatenate([english(), german(15)]))
    shape = transcribed(home, path, "--language", "en")
    assert {shape["language"], *(code for code, _, _ in lines(shape))} == {"en"}


@pytest.mark.parametrize("home", ["whisper-tiny-en"], indirect=True)
def test_a_model_that_knows_english_only(home: Home, tmp_path: Path) -> None:
    shape = transcribed(home, written(tmp_path / "call.wav", english()))
    assert {shape["language"], *(code for code, _, _ in lines(shape))} == {"en"}
    assert "my fellow Americans" in text(lines(shape), "en")


def test_what_was_killed_goes_on_in_the_same_languages(home: Home, tmp_path: Path) -> None:
    parts = [english(), german(), english(), silence(30), german(10), english(), recording("austen_0870.wav")]
    path = written(tmp_path / "call.wav", np.concatenate(parts))
    whole = lines(transcribed(home, path))
    assert {code for code, _, _ in whole} == {"en", "de"}
    for _ in range(3):
        run = home.start("import", path, "--no-summary")
        time.sleep(8)
        if run.poll() is None:
            run.send_signal(signal.SIGKILL)
        run.communicate()
    done = home.run("import", path, "--no-summary", "--json", timeout=300)
    assert done.status == 0, done.err
    shown = home.run("show", done.json[0]["id"], "--json").json["transcript"]
    for language in ("en", "de"):  # a word may come out otherwise: a resumed window begins at another frame
        assert jiwer.wer(text(whole, language), text(lines(shown), language)) < 0.1
    assert shown["language"] == "de"
