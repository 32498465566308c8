"""Bad input ends in two sentences and exit status 1, with nothing lost and no traceback."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from app.core.resources import demo_call, demo_models
from tests.running import Home, Outcome

_TWO_SENTENCES = 2


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def assert_in_words(outcome: Outcome, kind: str) -> None:
    """Exit 1, an error of that kind in two sentences, and no trace of a programmer's world."""
    assert outcome.status == 1, outcome.err
    error = outcome.json["error"]
    assert error["kind"] == kind
    assert error["title"].endswith((".", "?"))
    assert error["advice"].endswith(".")
    assert "Traceback" not in outcome.err + outcome.out


def left_behind(home: Home) -> list[Path]:
    return list((home.vault / "media").iterdir())


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", "UnsupportedMedia"),
        (b"these are words and no sound\n" * 50, "UnsupportedMedia"),
        (b"RIFF\xff\xff\xff\x7fWAVEfmt ", "UnsupportedMedia"),
        (b"OggS" + bytes(4000), "UnsupportedMedia"),
        (b"#EXTM3U\n#EXTINF:10,\nhttp://127.0.0.1:9/x.ts\n", "UnsupportedMedia"),
        (b"v=0\nm=audio 5004 RTP/AVP 0\nc=IN IP4 127.0.0.1\n", "UnsupportedMedia"),
    ],
    ids=["empty", "text", "cut header", "empty page", "playlist", "session description"],
)
def test_no_media(home: Home, tmp_path: Path, content: bytes, kind: str) -> None:
    file = tmp_path / "call.wav"
    file.write_bytes(content)
    assert_in_words(home.run("import", str(file), "--json"), kind)
    assert left_behind(home) == []
    assert file.read_bytes() == content
    assert_in_words(home.run("transcribe", str(file), "--json"), kind)


def test_silence(home: Home, tmp_path: Path) -> None:
    import wave

    file = tmp_path / "silence.wav"
    with wave.open(str(file), "wb") as sound:
        sound.setparams((2, 2, 16_000, 0, "NONE", ""))
        sound.writeframes(bytes(16_000 * 4 * 10))
    outcome = home.run("import", str(file), "--json")
    assert_in_words(outcome, "SilentRecording")
    assert "No speech found" in outcome.out
    assert left_behind(home) == []
    assert home.run("list", "--json").json == []


def test_a_recording_in_which_nothing_is_said(home: Home, tmp_path: Path) -> None:
    import array
    import math
    import wave

    file = tmp_path / "tone.wav"
    with wave.open(str(file), "wb") as sound:
        sound.setparams((1, 2, 16_000, 0, "NONE", ""))
        sound.writeframes(array.array("h", [int(3000 * math.sin(n / 9)) for n in range(16_000 * 5)]).tobytes())
    outcome = home.run("import", str(file), "--json")
    assert_in_words(outcome, "SilentRecording")
    assert "left as it is" in outcome.out
    assert left_behind(home) == []
    assert home.run("list", "--json").json == []


def test_a_missing_file_and_an_empty_folder(home: Home, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    assert_in_words(home.run_here("import", str(tmp_path / "nowhere.mp3"), "--json"), "MediaError")
    nothing = home.run_here("import", str(empty), "--json")
    assert (nothing.status, nothing.json) == (0, [])
    assert nothing.err.endswith("No call came in.\n")
    assert_in_words(home.run_here("transcribe", str(tmp_path / "nowhere.mp3"), "--json"), "MediaError")


def test_a_bad_file_among_good_ones_does_not_stop_them(home: Home, tmp_path: Path) -> None:
    bad = tmp_path / "bad.mp3"
    bad.write_bytes(b"no")
    outcome = home.run("import", str(bad), str(demo_call()), "--json", "--no-summary")
    assert outcome.status == 1
    assert outcome.json[0]["error"]["kind"] == "UnsupportedMedia"
    assert outcome.json[1]["state"] == "transcribed"
    plain = home.run("import", str(bad), str(demo_call()))
    assert plain.status == 1
    assert "File 1 of 2, bad.mp3:" in plain.err
    alone = home.run("import", str(bad))
    assert "bad.mp3" not in alone.err  # a file's name is a person's words too: it is told only to tell files apart


def test_a_file_cut_short_is_kept_as_far_as_it_goes(home: Home, tmp_path: Path) -> None:
    cut = tmp_path / "cut.opus"
    sound = demo_call().read_bytes()
    cut.write_bytes(sound[: len(sound) * 6 // 10])
    outcome = home.run("import", str(cut), "--json")
    assert outcome.status == 0
    assert "breaks off" in outcome.err
    assert 20 < outcome.json[0]["duration"] < 27


def test_a_wrong_passphrase(home: Home) -> None:
    assert home.run_here("list", "--json").json == []
    home.passphrase.write_text("another one entirely")
    assert_in_words(home.run_here("list", "--json"), "WrongPassphrase")


def test_a_short_passphrase_makes_no_vault(home: Home) -> None:
    home.passphrase.write_text("short")
    assert_in_words(home.run_here("list", "--json"), "VaultError")
    assert not (home.vault / "vault.hdr").exists()


def test_no_terminal_to_ask_on(home: Home) -> None:
    environment = home.environment
    del environment["TACIT_PASSPHRASE_FILE"]
    ended = subprocess.run(
        home.command("list", "--json"),
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert_in_words(Outcome(ended.returncode, ended.stdout, ended.stderr), "VaultError")


def test_a_vault_in_use(home: Home) -> None:
    home.run("list")
    chat = subprocess.Popen(
        home.command("chat"),
        env=home.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert chat.stderr is not None
    assert any("empty line ends the chat" in line for line in chat.stderr)
    assert_in_words(home.run("list", "--json"), "VaultInUse")
    chat.kill()  # a lock that a crash left behind is none
    chat.communicate()
    assert home.run("list").status == 0


def test_a_vault_of_a_newer_version(home: Home) -> None:
    home.run_here("list")
    header = home.vault / "vault.hdr"
    header.write_text(header.read_text().replace('"format": 1', '"format": 2'))
    assert_in_words(home.run_here("list", "--json"), "VaultTooNew")


def test_a_damaged_header_and_a_damaged_database(home: Home) -> None:
    home.run_here("list")
    header, database = home.vault / "vault.hdr", home.vault / "vault.db"
    good = header.read_bytes()
    header.write_bytes(good[: len(good) // 2])
    assert_in_words(home.run_here("list", "--json"), "VaultDamaged")
    header.write_bytes(good)
    database.write_bytes(os.urandom(database.stat().st_size))
    assert_in_words(home.run_here("list", "--json"), "VaultDamaged")


def with_block_count(model: bytes, count: int) -> bytes:
    """A model that claims so many layers; llama.cpp aborts the process on a great number."""
    at = model.index(b"llama.block_count") + len(b"llama.block_count") + 4
    return model[:at] + count.to_bytes(4, "little") + model[at + 4 :]


def test_there_is_a_model_that_makes_the_engine_abort(tmp_path: Path) -> None:
    file = tmp_path / "aborting.gguf"
    file.write_bytes(language_damage()["aborting"])
    code = "import sys, llama_cpp; llama_cpp.Llama(sys.argv[1], verbose=False)"
    ended = subprocess.run([sys.executable, "-c", code, str(file)], capture_output=True, check=False)
    assert ended.returncode < 0  # by a signal


def language_damage() -> dict[str, bytes]:
    good = (demo_models() / "language.gguf").read_bytes()
    huge = good[:8] + (2**62).to_bytes(8, "little") + good[16:]
    return {
        "garbage": b"GGUF" + os.urandom(5000),
        "truncated": good[: len(good) // 2],
        "absurd count": huge,
        "shuffled": good[:4000] + good[4000:8000][::-1] + good[8000:],
        "aborting": with_block_count(good, 100_000),
    }


@pytest.mark.parametrize("damage", ["garbage", "truncated", "absurd count", "shuffled", "aborting"])
def test_a_damaged_language_model(home: Home, damage: str) -> None:
    assert home.run("import", str(demo_call()), "--no-summary").status == 0
    (home.models / "mine.gguf").write_bytes(language_damage()[damage])
    outcome = home.run("ask", "What was decided?", "--json")
    assert_in_words(outcome, "ModelDamaged")
    assert home.run("models", "use", "demo-language").status == 0
    assert home.run("ask", "What was decided?", "--json").status == 0


@pytest.mark.parametrize("damaged", ["model.bin", "tokenizer.json", "vocabulary.json", "config.json"])
def test_a_damaged_speech_model(home: Home, damaged: str) -> None:
    shutil.copytree(demo_models() / "speech", home.models / "mine")
    file = home.models / "mine" / damaged
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 3])
    outcome = home.run("import", str(demo_call()), "--json")
    assert outcome.status in (0, 1)
    if outcome.status == 1:
        assert_in_words(outcome, "ModelDamaged")
    assert len(home.run("list", "--json").json) == 1  # the sound is kept
    assert home.run("models", "use", "demo-speech").status == 0
    assert home.run("import", str(demo_call()), "--json").json[0]["state"] == "summarized"


def test_wrong_use_is_exit_status_2(home: Home) -> None:
    assert home.run_here("frobnicate").status == 2
    assert home.run_here("import").status == 2
    assert home.run_here("transcribe", str(demo_call()), "-f", "rtf").status == 2
    assert home.run_here("import", str(demo_call()), "--date", "yesterday-ish").status == 2
    assert home.run_here("import", str(demo_call()), "--language", "germanish").status == 2
    assert home.run_here("search", "word", "--most", "0").status == 2
    assert home.run_here("ask", " ").status == 2


def test_a_place_where_nothing_can_be_written_is_told_before_the_work(home: Home, tmp_path: Path) -> None:
    outcome = home.run_here("transcribe", str(demo_call()), "-o", str(tmp_path / "nowhere" / "text.txt"))
    assert outcome.status == 1
    assert "Transcribing" not in outcome.err
    assert "vault" not in outcome.err


def test_an_unknown_call(home: Home) -> None:
    assert_in_words(home.run_here("show", "zzzz", "--json"), "VaultError")


def test_a_fault_of_ours_is_told_without_content(
    home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from app.cli import main

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the secret words of a person")

    status = main.run(["list", "--json"], True, broken, broken)  # type: ignore[arg-type]
    told = capsys.readouterr()
    assert status == 1
    assert json.loads(told.out)["error"]["title"] == "Something went wrong in Tacit itself."
    assert "secret" not in told.out + told.err
    assert "RuntimeError" in told.err


def test_memory_that_runs_out_in_the_command_itself_is_no_fault_of_ours(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    from app.cli import main

    def starved(*_: object, **__: object) -> None:
        raise MemoryError

    assert main.run(["list", "--json"], True, starved, starved) == 1  # type: ignore[arg-type]
    assert json.loads(capsys.readouterr().out)["error"]["title"] == "There was not enough memory for this."


def test_which_demo_model_is_in_use_is_told_only_where_it_is(home: Home) -> None:
    call = str(demo_call())
    assert "The demo speech model is in use: it knows" in home.run("transcribe", call).err
    assert "The demo models are in use: they know" in home.run("import", call).err
    shutil.copytree(demo_models() / "speech", home.models / "mine")
    assert "demo" not in home.run("transcribe", call).err
    assert "The demo language model is in use: it knows" in home.run("import", call).err
    assert "demo" not in home.run("import", call, "--no-summary").err
    assert "The demo language model is in use" in home.run("ask", "What was decided?").err
    shutil.copy(demo_models() / "language.gguf", home.models / "own.gguf")
    assert "demo" not in home.run("ask", "What was decided?").err
    assert "demo" not in home.run("import", call).err
