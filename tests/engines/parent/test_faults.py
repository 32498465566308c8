"""A bug of ours in a real worker arrives as such: with its class and lines, without its words, and only once."""

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core import diagnostics
from app.core.errors import EngineFault
from app.engines.parent import process
from app.engines.parent.engines import RemoteMedia
from app.services.engine_pool import ONCE_MORE, retry
from tests.conftest import Bytes

_WORDS = "Meridian-Lighthouse"


@pytest.fixture
def media(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[RemoteMedia]:
    program = Path(__file__).with_name("faulty_worker.py")
    monkeypatch.setattr(process, "worker_command", lambda _: [sys.executable, str(program)])
    monkeypatch.setattr(diagnostics._log, "path", lambda: tmp_path / "faults.json")
    made = RemoteMedia()
    yield made
    made.close()


def test_it_arrives_with_class_and_lines_and_is_told_as_a_bug(media: RemoteMedia, tmp_path: Path) -> None:
    with pytest.raises(EngineFault) as caught:
        list(media.survey(Bytes(b"RIFF")))
    assert caught.value.title == "Something went wrong in Tacit itself."
    assert caught.value.kind == "EngineCrashed"
    (fault,) = diagnostics.recorded_faults()
    assert (fault.process, fault.kind) == ("media worker", "KeyError")
    assert fault.lines[0].startswith("engines/worker/main.py:")
    assert fault.lines[-1].startswith("faulty_worker.py:")
    assert _WORDS not in (tmp_path / "faults.json").read_text() + str(caught.value)


def test_the_worker_lives_on_and_nothing_is_run_a_second_time(media: RemoteMedia) -> None:
    with pytest.raises(EngineFault):
        retry(ONCE_MORE, lambda: list(media.survey(Bytes(b"RIFF"))))
    assert len(diagnostics.recorded_faults()) == 1
    assert media.worker.pid is not None


def test_its_full_trace_reaches_stderr_when_asked_for(
    media: RemoteMedia, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TACIT_DEBUG", "1")
    with pytest.raises(EngineFault):
        list(media.survey(Bytes(b"RIFF")))
    written, until = "", time.monotonic() + 10
    while _WORDS not in written and time.monotonic() < until:
        written += capsys.readouterr().err
        time.sleep(0.01)
    assert f"media: KeyError: '{_WORDS}'" in written
