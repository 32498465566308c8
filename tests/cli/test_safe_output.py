"""A terminal gets text: what a call or a reply holds does not steer it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.core.resources import demo_call
from tests.running import ROOT, Home

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are POSIX's")

STEERING = "Call\x1b]52;c;c3RvbGVu\x07 \x9b2J and on"


def on_terminal(home: Home, *arguments: str) -> str:
    """What a terminal gets of a run."""
    import pty  # which Windows has none of

    ours, its = pty.openpty()
    run = subprocess.Popen(home.command(*arguments), cwd=ROOT, env=home.environment, stdin=its, stdout=its, stderr=its)
    os.close(its)
    got = b""
    try:
        while block := os.read(ours, 65536):
            got += block
    except OSError:  # Linux's word for the end
        pass
    finally:
        os.close(ours)
        assert run.wait(60) == 0
    return got.decode()


def plant(home: Home, title: str) -> str:
    """Bring a call in whose title, speaker and words no door of the product let through, as a stranger's backup can."""
    from app.storage.vault import Vault
    from tests.running import PASSPHRASE

    assert home.run("import", str(demo_call()), "--no-summary").status == 0
    vault = Vault.open(home.vault, PASSPHRASE)
    with vault.write() as database:
        database.execute("UPDATE recordings SET title = ?", [title])
        database.execute("UPDATE speakers SET name = ?", [title])
        database.execute("UPDATE utterances SET text = ? || text", [title])
    vault.close()
    return str(home.run("list", "--json").json[0]["id"])


FORGED = "x\r\n0000aaaa  forged\x1b[1A\x1b[2K\u202egpj.\u2066a\x85b\u2028c\x9b2Jd"


@pytest.mark.parametrize("command", ["list", "show CALL", "search payment", "search payment --json", "list --json"])
def test_no_command_lets_a_terminal_be_steered(tmp_path: Path, command: str) -> None:
    home = Home(tmp_path)
    call = plant(home, FORGED)
    seen = on_terminal(home, *command.replace("CALL", call).split()).replace("\r\n", "\n")  # the terminal's own ends
    assert "forged" in seen
    assert not {character for character in seen if character in "\r\x1b\x9b\x85\u202e\u2066\u2028"}
    assert not [line for line in seen.split("\n") if line.startswith("0000aaaa")]


def test_a_forged_name_makes_no_line_in_any_format(tmp_path: Path) -> None:
    home = Home(tmp_path)
    call = plant(home, FORGED)
    lines = len(home.run("show", call, "--json").json["transcript"]["utterances"])
    for fmt, sign, more in (("md", ":** ", 0), ("txt", "forged", 2)):
        text = home.run_here("export", call, "-f", fmt, "-o", "-").out
        assert not [line for line in text.split("\n") if line.startswith("0000aaaa")]
        assert len([line for line in text.split("\n") if sign in line]) == lines + more
    for fmt in ("srt", "vtt"):  # a long line is several cues, and a row of one may begin with any word
        text = home.run_here("export", call, "-f", fmt, "-o", "-").out
        cues = [cue.split("\n") for cue in text.removeprefix("WEBVTT\n\n").strip().split("\n\n")]
        assert len(cues) >= lines
        assert all(" --> " in cue[1 if fmt == "srt" else 0] and len(cue) <= 4 for cue in cues)
        assert fmt == "vtt" or [cue[0] for cue in cues] == [str(n) for n in range(1, len(cues) + 1)]
    assert not [row for row in home.run_here("list").out.split("\n") if row.startswith("0000aaaa")]


def test_a_name_of_two_lines_is_one_line_wherever_it_enters(tmp_path: Path) -> None:
    home = Home(tmp_path)
    call = tmp_path / "A\nB.opus"
    call.write_bytes(demo_call().read_bytes())
    made = home.run("import", str(call), "--no-summary", "--left", "A\nX", "--right", "B\r\n\u2028Y", "--json").json[0]
    assert made["title"] == "A B"
    assert made["speakers"] == ["A X", "B Y"]
    again = home.run("import", str(call), "--no-summary", "--left", "C\n\nZ", "--json").json[0]
    assert again["speakers"][0] == "C Z"
    assert (
        home.run_here("rename", made["id"], "D\n00:00:00,000 --> 00:00:09,000\nE", "--json").json["title"].count("\n")
        == 0
    )


def test_steering_characters_are_shown_and_not_obeyed(tmp_path: Path) -> None:
    home = Home(tmp_path)
    call = tmp_path / f"{STEERING}.opus"
    call.write_bytes(demo_call().read_bytes())
    assert home.run("import", str(call), "--no-summary").status == 0
    seen = on_terminal(home, "list")
    assert "Call\ufffd]52;c;c3RvbGVu\ufffd \ufffd2J and on" in seen
    assert not {"\x1b", "\x07", "\x9b"} & set(seen)
    assert STEERING in home.run("list").out  # another program gets it as it is
