"""Faults of ours are described and kept without a word of what the exceptions said."""

import json
from pathlib import Path

import pytest
import snowballstemmer

from app.core import diagnostics

_WORDS = "Meridian-Lighthouse"
_LINES_IN_ONE = (
    b'[{"when": "2027-01-09T12:00:00Z", "version": "1", "process": "window", "kind": "KeyError", "lines": "x.py:1"}]'
)


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(diagnostics._log, "path", None)
    path = tmp_path / "state" / "faults.json"
    diagnostics.keep_faults_in(lambda: path)
    return path


def fault() -> Exception:
    """An exception with a cause, both of which quote somebody."""
    try:
        try:
            json.loads("{" + _WORDS)
        except ValueError as cause:
            raise KeyError(_WORDS) from cause
    except KeyError as error:
        return error
    raise AssertionError


def test_a_description_names_classes_and_lines_and_nothing_that_was_said() -> None:
    kind, lines = diagnostics.describe(fault())
    assert kind == "KeyError"
    assert any(line.startswith("decoder.py:") for line in lines)
    assert lines[-1].startswith("test_diagnostics.py:")
    assert "(KeyError)" in lines
    assert _WORDS not in "".join(lines)
    assert not any(line.startswith("/") for line in lines)


def test_lines_of_ours_are_relative_to_the_package() -> None:
    with pytest.raises(TypeError) as caught:
        diagnostics.checked_lines(None)  # type: ignore[arg-type]
    assert diagnostics.describe(caught.value)[1][-1].startswith("core/diagnostics.py:")


def test_lines_of_a_library_are_relative_to_its_folder() -> None:
    with pytest.raises(KeyError) as caught:
        snowballstemmer.stemmer("no language")
    assert diagnostics.describe(caught.value)[1][-1].startswith("snowballstemmer/__init__.py:")


def test_a_process_without_a_file_for_faults_goes_on(kept: Path) -> None:
    diagnostics._log.path = None
    diagnostics.record(fault(), "launcher")
    assert diagnostics.recorded_faults() == []
    assert not kept.exists()


def test_a_fault_is_kept_whole_for_its_owner_alone(kept: Path) -> None:
    diagnostics.record(fault(), "command line")
    (one,) = diagnostics.recorded_faults()
    assert (one.process, one.kind) == ("command line", "KeyError")
    assert kept.stat().st_mode & 0o777 == 0o600
    assert _WORDS not in kept.read_text() + str(one)
    assert [file.name for file in kept.parent.iterdir()] == ["faults.json"]


def test_the_oldest_makes_way(kept: Path) -> None:
    for number in range(diagnostics.KEPT_FAULTS + 3):
        diagnostics.record_lines(f"process {number}", "KeyError", ("x.py:1",))
    faults = diagnostics.recorded_faults()
    assert len(faults) == diagnostics.KEPT_FAULTS
    assert (faults[0].process, faults[-1].process) == ("process 3", f"process {diagnostics.KEPT_FAULTS + 2}")


@pytest.mark.parametrize("content", [b"", b"{", b"7", b"[7]", b'[{"when": "x"}]', b"[" * 5000, b"\xff", _LINES_IN_ONE])
def test_a_file_that_is_not_ours_holds_no_faults_and_is_replaced(kept: Path, content: bytes) -> None:
    kept.parent.mkdir()
    kept.write_bytes(content)
    assert diagnostics.recorded_faults() == []
    diagnostics.record(fault(), "window")
    assert len(diagnostics.recorded_faults()) == 1


@pytest.mark.parametrize(
    "line",
    [f"{_WORDS} said", "/srv/somebody/call.py:3", "../../x.py:1", "a b.py:1", "x.py", "x.py:1\n", "(a b)", "x" * 300],
)
def test_what_is_no_line_of_code_is_dropped(kept: Path, line: str) -> None:
    diagnostics.record_lines("media worker", f"KeyError: {_WORDS}", (line, "engines/worker/media.py:120"))
    (one,) = diagnostics.recorded_faults()
    assert (one.kind, one.lines) == ("Exception", ("engines/worker/media.py:120",))


def test_a_disk_that_refuses_costs_the_fault_and_nothing_else(kept: Path) -> None:
    kept.parent.write_text("a file, not a folder")
    diagnostics.record(fault(), "window")
    assert diagnostics.recorded_faults() == []


@pytest.mark.parametrize(("asked", "is_printed"), [("1", True), ("", False), ("0", False)])
def test_full_traces_are_printed_only_when_asked_for(
    kept: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], asked: str, *, is_printed: bool
) -> None:
    monkeypatch.setenv("TACIT_DEBUG", asked)
    diagnostics.record(fault(), "window")
    assert (_WORDS in capsys.readouterr().err) is is_printed
