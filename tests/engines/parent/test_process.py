"""Worker processes that die, hang, are cancelled, or get a file that is no model."""

import itertools
import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from app.core.call import Survey
from app.core.engines import Delta, Generated, Pcm, Prompt, SpeechOptions
from app.core.errors import EngineCrashed, EngineError, ModelDamaged, UnsupportedMedia
from app.core.model import Model, ModelKind
from app.core.resources import demo_call, demo_models
from app.engines.parent.engines import LocalEngines, RemoteLanguage, RemoteMedia, RemoteSpeech
from app.engines.parent.process import Worker
from tests.conftest import ALWAYS_A_CHOICE, Bytes, demo_model

PROMPT = Prompt((("user", "Transcript:\n[1] You: We agree to move the launch.\n\nWhat was decided?"),))


@pytest.fixture
def media() -> Iterator[RemoteMedia]:
    made = RemoteMedia()
    yield made
    made.close()


def call() -> Bytes:
    return Bytes(demo_call().read_bytes())


def kill(worker: Worker) -> int:
    """Kill a worker as the system does when memory runs out."""
    pid = worker.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    return pid


def test_a_media_worker_that_was_killed_is_an_error_and_the_next_call_starts_another(media: RemoteMedia) -> None:
    blocks = media.decode(call(), (0, 1))
    next(blocks)
    old = kill(media.worker)
    with pytest.raises(EngineCrashed) as caught:
        list(blocks)
    assert "safe" in caught.value.advice
    assert isinstance(list(media.survey(call()))[-1], Survey)
    assert media.worker.pid not in (None, old)


def test_a_worker_killed_between_two_calls_is_replaced_without_a_word(media: RemoteMedia) -> None:
    next(media.decode(call(), (0,)))
    kill(media.worker)
    while media.worker.pid is not None:  # a zombie is not gone before the last of its threads is
        time.sleep(0.005)
    assert next(media.decode(call(), (0,))).start == 0


def test_a_speech_worker_that_was_killed_keeps_what_was_yielded_and_works_again(demo_wav: Path) -> None:
    speech, media = RemoteSpeech(demo_model(ModelKind.SPEECH), 2), RemoteMedia()
    try:

        def deadly() -> Iterator[Pcm]:
            for number, block in enumerate(media.decode(call(), (0,))):
                if number == 2:
                    kill(speech.worker)
                yield block

        with pytest.raises(EngineCrashed):
            list(speech.transcribe(deadly(), SpeechOptions((0,))))
        heard = list(speech.transcribe(media.decode(call(), (0,)), SpeechOptions((0,))))
        assert any(piece.segments for piece in heard)
    finally:
        speech.close()
        media.close()


def test_a_language_worker_that_was_killed_in_a_reply_works_again() -> None:
    language = RemoteLanguage(demo_model(ModelKind.LANGUAGE), 2, 2048)
    try:
        pieces = language.generate(PROMPT, ALWAYS_A_CHOICE, 1500)
        assert isinstance(next(pieces), Delta)
        kill(language.worker)
        with pytest.raises(EngineCrashed):
            list(pieces)
        assert isinstance(list(language.generate(PROMPT))[-1], Generated)
    finally:
        language.close()


@pytest.mark.alone
def test_closing_the_iterator_ends_a_long_reply_soon(real_language: RemoteLanguage) -> None:
    pieces = real_language.generate(PROMPT, ALWAYS_A_CHOICE, 1500)
    next(pieces)
    began = time.monotonic()
    pieces.close()  # type: ignore[attr-defined]
    assert time.monotonic() - began < 2
    assert real_language.count(["hello"])[0] > 0


def test_close_from_another_thread_ends_a_running_call(media: RemoteMedia) -> None:
    blocks = media.decode(call(), (0, 1))
    next(blocks)
    closer = threading.Thread(target=media.close)
    closer.start()
    with pytest.raises(EngineCrashed):
        list(itertools.chain(blocks, media.decode(call(), (0, 1))))  # a fast worker may have sent everything before
    closer.join(10)
    assert not closer.is_alive()
    assert media.worker.pid is None


def test_no_process_is_left_after_close(media: RemoteMedia) -> None:
    next(media.decode(call(), (0,)))
    pid = media.worker.pid
    assert pid is not None
    media.close()
    assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def test_a_worker_gets_no_home_no_display_and_no_secret(media: RemoteMedia, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TACIT_PASSPHRASE_FILE", "/nowhere")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy")
    next(media.decode(call(), (0,)))
    process = psutil.Process(media.worker.pid)
    known = process.environ()
    assert not {"HOME", "DISPLAY", "HTTPS_PROXY", "TACIT_PASSPHRASE_FILE"} & set(known)
    assert known["ORT_DISABLE_TELEMETRY"] == "1"
    assert not any("safe" in part or "pass" in part for part in process.cmdline()[1:])


def test_what_the_source_raises_goes_through_and_the_next_call_works(media: RemoteMedia) -> None:
    class Gone(Bytes):
        def read(self, offset: int, length: int) -> bytes:
            raise UnsupportedMedia("The stick was pulled out.")

    with pytest.raises(UnsupportedMedia, match="pulled out"):
        list(media.survey(Gone(b"RIFF" * 100)))
    assert isinstance(list(media.survey(call()))[-1], Survey)


def test_a_source_that_gives_less_than_its_size_is_an_error_of_ours(media: RemoteMedia) -> None:
    class Short(Bytes):
        def read(self, offset: int, length: int) -> bytes:
            return super().read(offset, length)[: 100 if offset else None] if offset < 8000 else b""

    values = list(media.survey(Short(demo_call().read_bytes())))
    assert isinstance(values[-1], Survey)
    assert values[-1].is_truncated


@pytest.mark.parametrize("content", [b"", b"garbage" * 100, b"GGUF", b"GGUF\x03\0\0\0" + b"\xff" * 64])
def test_a_language_model_that_is_none_is_an_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "m.gguf"
    path.write_bytes(content)
    language = LocalEngines(2, 2048).language(Model("m", ModelKind.LANGUAGE, path, len(content)))
    try:
        for _ in range(2):
            with pytest.raises(ModelDamaged):
                language.facts()
    finally:
        language.close()


def test_half_a_language_model_is_an_error(tmp_path: Path) -> None:
    whole = (demo_models() / "language.gguf").read_bytes()
    path = tmp_path / "half.gguf"
    path.write_bytes(whole[: len(whole) // 2])
    language = LocalEngines(2, 2048).language(Model("half", ModelKind.LANGUAGE, path, 1))
    try:
        with pytest.raises(ModelDamaged):
            list(language.generate(PROMPT))
    finally:
        language.close()


def test_a_speech_model_that_is_none_is_an_error(tmp_path: Path) -> None:
    for path in (demo_models() / "speech").iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes()[:1000])
    speech = LocalEngines(2, 2048).speech(Model("m", ModelKind.SPEECH, tmp_path, 1))
    try:
        with pytest.raises(ModelDamaged):
            list(speech.transcribe(iter(()), SpeechOptions((0,))))
    finally:
        speech.close()


def test_a_grammar_that_is_none_is_an_error_and_the_next_call_works(real_language: RemoteLanguage) -> None:
    with pytest.raises(EngineError):
        list(real_language.generate(PROMPT, "this is no grammar", 20))
    assert isinstance(list(real_language.generate(PROMPT))[-1], Generated)


def test_the_context_is_never_longer_than_the_model_was_trained_for_or_than_asked() -> None:
    for asked, got in ((8192, 2048), (512, 512)):
        language = LocalEngines(2, asked).language(demo_model(ModelKind.LANGUAGE))
        try:
            facts = language.facts()
            assert (facts.context_tokens, facts.trained_tokens) == (got, 2048)
        finally:
            language.close()
