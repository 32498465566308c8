"""Each verb as a process of its own: what it refuses ends in words and a status, the sandbox included."""

from pathlib import Path

import pytest

from app.cli.main import _COMMANDS
from tests.running import Home

FAILED, WRONG_USE = 1, 2
REFUSED: dict[str, tuple[tuple[str, ...], int]] = {
    "demo": (("--keep",), WRONG_USE),
    "import": (("nowhere.mp3",), FAILED),
    "watch": (("nowhere",), FAILED),
    "transcribe": (("nowhere.mp3",), FAILED),
    "list": (("--vault", "nowhere"), FAILED),
    "retry": (("zzzz",), FAILED),
    "show": (("zzzz",), FAILED),
    "transcribe-again": (("zzzz",), FAILED),
    "edit": (("zzzz", "--line", "1", "--text", "words"), FAILED),
    "coverage": (("zzzz",), FAILED),
    "speakers": (("zzzz",), FAILED),
    "replace": (("one", "other", "--in", "zzzz"), FAILED),
    "summarize": (("zzzz",), FAILED),
    "ask": ((" ",), WRONG_USE),
    "chat": (("--vault", "nowhere"), FAILED),
    "todo": (("done", "zzzz"), FAILED),
    "check": (("zzzz", "nowhere.txt"), WRONG_USE),
    "text": (("nowhere.pdf",), FAILED),
    "rewrite": (("-", "--as", "nonsense"), WRONG_USE),
    "search": (("word", "--most", "0"), WRONG_USE),
    "rename": (("zzzz", "A title"), FAILED),
    "export": (("zzzz", "-o", "out.txt"), FAILED),
    "delete": (("zzzz", "--yes"), FAILED),
    "note": (("show", "zzzz"), FAILED),
    "backup": (("--vault", "nowhere", "a.backup"), FAILED),
    "restore": (("nowhere.backup",), FAILED),
    "vault": (("check", "--vault", "nowhere"), FAILED),
    "models": (("use", "nowhere"), FAILED),
    "bench": (("nowhere",), FAILED),
    "doctor": (("--nonsense",), WRONG_USE),
}


def test_each_verb_has_a_refusal() -> None:
    assert set(REFUSED) == set(_COMMANDS)


@pytest.mark.parametrize("verb", REFUSED)
def test_a_refusal_is_the_same_in_a_process_as_here(tmp_path: Path, verb: str) -> None:
    """So that the other tests may ask for a refusal inside their own process."""
    arguments, status = REFUSED[verb]
    home = Home(tmp_path)
    process = home.run(verb, *arguments)
    assert (process.status, process.out) == (status, ""), process.err
    assert "Traceback" not in process.err
    assert home.run_here(verb, *arguments) == process
