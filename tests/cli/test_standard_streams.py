"""The standard streams as they come: code pages, full disks, closed descriptors, readers that have enough."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.core.resources import demo_call
from tests.running import ROOT, Home

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="descriptors are opened and closed by a POSIX shell")

TITLE = "Łódź naïve 今日"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A vault with one call whose title no code page of Western Europe has."""
    made = Home(tmp_path_factory.mktemp("streams"))
    assert made.run("import", str(demo_call()), "--no-summary").status == 0
    assert made.run("rename", call_of(made), TITLE).status == 0
    return made


def call_of(home: Home) -> str:
    return str(home.run("list", "--json").json[0]["id"])


def in_shell(home: Home, line: str, **variables: str) -> subprocess.CompletedProcess[bytes]:
    """Run a line of the shell, in which `tacit` is the product."""
    import shlex

    tacit = shlex.join(home.command("list")[:-1])
    script = f'tacit() {{ {tacit} "$@"; }}\n{line}\n'
    return subprocess.run(
        ["bash", "-c", script], cwd=ROOT, env=home.environment | variables, capture_output=True, check=False,
        timeout=120, stdin=subprocess.DEVNULL,
    )  # fmt: skip


def assert_no_fault(ended: subprocess.CompletedProcess[bytes]) -> None:
    said = ended.stderr.decode(errors="replace")
    assert "Tacit itself" not in said, said
    assert "Traceback" not in said, said
    assert "Exception ignored" not in said, said


@pytest.mark.parametrize(
    ("variables", "encoding"),
    [
        ({"PYTHONIOENCODING": "cp1252"}, "cp1252"),
        ({"PYTHONIOENCODING": "cp437"}, "cp437"),
        ({"PYTHONIOENCODING": "latin-1:strict"}, "latin-1"),
        ({"PYTHONIOENCODING": "ascii"}, "ascii"),
        ({"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}, "ascii"),
    ],
)
@pytest.mark.parametrize("command", ["list", "show CALL", "search payment", "vault check", "doctor"])
def test_what_an_encoding_lacks_is_a_question_mark(
    home: Home, variables: dict[str, str], encoding: str, command: str
) -> None:
    ended = in_shell(home, f"tacit {command.replace('CALL', call_of(home))}", **variables)
    assert_no_fault(ended)
    assert ended.returncode == 0, ended.stderr
    shown = ended.stdout.decode(encoding)
    if command in ("list", "show CALL"):
        assert TITLE.encode(encoding, "replace").decode(encoding) in shown


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "utf-8", "utf-16"])
def test_json_loses_no_character_in_any_encoding(home: Home, encoding: str) -> None:
    ended = in_shell(home, "tacit list --json", PYTHONIOENCODING=encoding)
    assert json.loads(ended.stdout.decode(encoding))[0]["title"] == TITLE


def test_progress_and_errors_come_through_a_narrow_encoding(home: Home) -> None:
    ended = in_shell(home, f"tacit transcribe {demo_call()} -f json; tacit show zzz", PYTHONIOENCODING="ascii")
    assert_no_fault(ended)
    assert json.loads(ended.stdout)["utterances"]
    assert b"tacit: There is no call with that id." in ended.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full disk to write on")
@pytest.mark.parametrize(
    "command",
    ["list", "list --json", "--help", "--version", "show CALL", "search payment", "vault check", "doctor",
     "models --json", "show zzz --json", "list --no-such-option --help"],
)  # fmt: skip
def test_a_full_disk_on_stdout_is_said_in_words(home: Home, command: str) -> None:
    ended = in_shell(home, f"tacit {command.replace('CALL', call_of(home))} > /dev/full")
    assert_no_fault(ended)
    if "--no-such-option" not in command:
        assert b"The output can't be written: the disk is full." in ended.stderr
    assert ended.returncode in (1, 2)


def test_a_closed_stdout_is_said_in_words(home: Home) -> None:
    ended = in_shell(home, "tacit list >&-")
    assert_no_fault(ended)
    assert b"The output can't be written: it is closed." in ended.stderr
    assert ended.returncode == 1


@pytest.mark.parametrize("closed", ["2>&-", "<&-", "<&- 2>&-", "2>/dev/full", "2> >(true)"])
def test_lost_messages_and_a_closed_stdin_change_no_result(home: Home, closed: str) -> None:
    ended = in_shell(home, f"tacit list {closed}")
    assert_no_fault(ended)
    assert ended.returncode == 0
    assert TITLE in ended.stdout.decode()
    heard = in_shell(home, f"tacit transcribe {demo_call()} {closed}")
    assert_no_fault(heard)
    assert heard.returncode == 0
    assert b"payment" in heard.stdout


@pytest.mark.parametrize("closed", [">&- 2>&-", "<&- >&- 2>&-", "> /dev/full 2>&1"])
def test_a_command_that_nobody_hears_ends_with_one(home: Home, closed: str) -> None:
    ended = in_shell(home, f"tacit list {closed}")
    assert ended.returncode == 1
    assert in_shell(home, "tacit vault check").returncode == 0


def test_what_a_library_prints_never_reaches_a_file_of_the_vault(home: Home) -> None:
    """With stdout and stderr closed, the first two files that are opened would take their place."""
    line = f"tacit rename {call_of(home)} '{TITLE}' <&- >&- 2>&-; tacit vault check"
    ended = in_shell(home, line)
    assert ended.returncode == 0, ended.stdout
    assert b"FAIL" not in ended.stdout


def test_questions_without_a_stdin_are_answered_with_no(home: Home) -> None:
    ended = in_shell(home, f"tacit delete {call_of(home)} <&-")
    assert_no_fault(ended)
    assert (ended.returncode, ended.stderr.decode()) == (1, "Nothing was deleted.\n")


def test_a_chat_ends_with_a_closed_stdin_and_takes_odd_bytes(home: Home) -> None:
    assert_no_fault(ended := in_shell(home, "tacit chat <&-"))
    assert ended.returncode == 0
    assert_no_fault(ended := in_shell(home, r"printf 'caf\xe9\n' | tacit chat"))
    assert ended.returncode == 0, ended.stderr


@pytest.mark.parametrize("command", ["list", "show CALL", "vault check", "doctor", "--help", "transcribe CALLFILE"])
def test_a_reader_that_has_enough_ends_the_command_in_silence(home: Home, command: str) -> None:
    named = command.replace("CALLFILE", str(demo_call())).replace("CALL", call_of(home))
    ended = in_shell(home, f"tacit {named} | true; echo ${{PIPESTATUS[0]}}")
    assert_no_fault(ended)
    assert ended.stdout.strip() in (b"0", b"1")  # 1: `doctor` may find that a layer is missing on this computer
    assert b"output" not in ended.stderr


def test_a_wrong_use_without_stderr_is_a_wrong_use(home: Home) -> None:
    assert in_shell(home, "tacit nothing-like-it 2>&-").returncode == 2
    assert in_shell(home, "tacit --vault 2>&-").returncode == 2
    assert os.name == "posix"


@pytest.mark.parametrize(
    "command",
    [
        "ask WORD",
        "ask payment --in WORD",
        "search WORD",
        "show WORD",
        "rename CALL WORD",
        "summarize WORD",
        "delete WORD --yes",
        "models use WORD",
        "export WORD -o -",
    ],
)
def test_a_word_of_bytes_that_are_no_text_is_taken_or_refused(home: Home, command: str) -> None:
    line = command.replace("WORD", r"$'caf\xe9'").replace("CALL", call_of(home))
    ended = in_shell(home, f"tacit {line}")
    assert_no_fault(ended)
    assert ended.returncode in (0, 1, 2)
    assert in_shell(home, f"tacit rename {call_of(home)} '{TITLE}'").returncode == 0
