"""After a session that touched everything none of 200 marker words stands anywhere but in what it was asked to show.

Twice: by the command line and in the window. Searched are the vault, the settings, the temporary folder, every other
file below the person's home, file names, what the commands say on stderr, and what the list of processes shows.
"""

import base64
import json
import os
import signal
import subprocess
import sys
import time
import wave
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from app.storage.vault import Vault
from tests.acceptance.markers import COUNT, Markers, Onlooker
from tests.running import CHEAP, ROOT, Home, Outcome

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are looked at in /proc")

_PRODUCT = ROOT / "tests" / "acceptance" / "marked_product.py"
_SECONDS = 40
_A_WORD = 0.4  # seconds


class Person:
    """Somebody with recordings, words and a home; the words are on paper, outside of what is searched."""

    def __init__(self, folder: Path) -> None:
        self.home = Home(folder / "home", makes_vaults=False)
        self.home.passphrase.unlink()
        self.own = folder / "own"
        self.own.mkdir()
        (self.home.folder / "cwd").mkdir()
        (self.home.folder / "run").mkdir(mode=0o700)
        self.marked = Markers()
        self.said: list[Outcome] = []
        self.passphrase = ""
        self.seen: set[bytes] = set()  # what the list of processes showed

    def file(self, kind: str, content: bytes, ending: str) -> Path:
        """A file of the person's own with a marker as its name."""
        path = self.own / f"{self.marked.take(kind)}{ending}"
        path.write_bytes(content)
        return path

    def secret(self, words: str) -> Path:
        """A passphrase in a file."""
        path = self.own / f"secret-{len(list(self.own.iterdir()))}"
        path.write_text(words + "\n")
        return path

    def plan(self, **parts: Any) -> Path:
        """What the engines shall say; every marker that is left is spoken."""
        words = [f"{word}." for word in self.marked.rest("spoken")]
        half = int(_SECONDS / _A_WORD)
        assert len(words) <= 2 * half
        says = {
            channel: [(f" {word}", n * _A_WORD, (n + 1) * _A_WORD - 0.05, 0.9) for n, word in enumerate(part)]
            for channel, part in ((0, words[:half]), (1, words[half:]))
        }
        path = self.own / "plan.json"
        path.write_text(json.dumps({"says": says} | parts))
        return path

    def summary(self) -> str:
        """A summary as the model writes it, a marker in each of its parts."""
        take = self.marked.take
        point = {"text": take("key point"), "source": [1]}
        item = {"task": take("task"), "owner": take("owner"), "due": take("due"), "source": [2]}
        return json.dumps(
            {"title": take("title by the model"), "key_points": [point],
             "decisions": [{"text": take("decision"), "source": [1, 2]}], "action_items": [item],
             "overview": take("overview")}
        )  # fmt: skip

    @property
    def environment(self) -> dict[str, str]:
        """The environment of the product."""
        return self.home.environment | {
            "XDG_RUNTIME_DIR": str(self.home.folder / "run"), "QT_QPA_PLATFORM": "offscreen"
        }  # fmt: skip

    def start(self, plan: Path, *arguments: str) -> "subprocess.Popen[str]":
        """Start the product."""
        return subprocess.Popen(
            [sys.executable, str(_PRODUCT), str(plan), *arguments], env=self.environment, text=True,
            cwd=self.home.folder / "cwd", stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def run(self, plan: Path, *arguments: str, typed: str = "") -> Outcome:
        """Run it to the end."""
        started = self.start(plan, *arguments)
        out, err = started.communicate(typed, timeout=200)
        self.said.append(Outcome(started.returncode, out, err))
        return self.said[-1]

    def traces(self) -> list[str]:
        """Where a marker stands that should stand nowhere."""
        return self.marked.found_below(self.home.folder)


def noise(seconds: float = _SECONDS) -> bytes:
    """Two sides of a call on which something is heard all the time; another call each time."""
    sound = np.random.default_rng().integers(-9000, 9000, (int(seconds * 16_000), 2), dtype="<i2")
    return sound.tobytes()


def call(person: Person, kind: str, ending: str) -> Path:
    """A recording whose name, and whose title, artist and comment inside, are markers."""
    path = person.file(kind, b"", ending)
    if ending == ".wav":
        with wave.open(str(path), "wb") as file:
            file.setparams((2, 2, 16_000, 0, "NONE", ""))
            file.writeframes(noise())
        return path
    with av.open(str(path), "w", format="mp3") as container:
        container.metadata.update({tag: person.marked.take(f"{tag} inside") for tag in ("title", "artist", "comment")})
        stream = container.add_stream("libmp3lame", rate=16_000, layout="stereo")
        frame = av.AudioFrame.from_ndarray(
            np.frombuffer(noise(), "<i2").reshape(1, -1).copy(), format="s16", layout="stereo"
        )
        frame.sample_rate = 16_000
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)
    return path


def in_the_vault(person: Person, folder: Path, passphrase: str) -> set[str]:
    """The kinds whose word the vault holds, read with its key: what was looked for was there."""
    vault = Vault.open(folder, passphrase)
    try:
        tables = [name for (name,) in vault.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
        asked = [f"SELECT * FROM {table}" for table in tables if "_fts" not in table]  # noqa: S608 - our own names
        content = [repr(row) for question in asked for row in vault.rows(question)]
    finally:
        vault.close()
    return set(person.marked.found_in("\n".join(content).encode()))


@pytest.fixture(scope="module")
def at_the_terminal(tmp_path_factory: pytest.TempPathFactory) -> Person:
    """A person who has done everything that the command line can do, and everything that goes wrong there."""
    person = Person(tmp_path_factory.mktemp("terminal"))
    take, run = person.marked.take, person.run
    passphrase, other = (f"{take(kind)} {take(kind + ', more')} and so on" for kind in ("passphrase", "the next one"))
    tagged, plain, gone, cut = (
        call(person, "file name", ".mp3"), call(person, "another file name", ".wav"),
        call(person, "name of a deleted call", ".wav"), call(person, "name of one that is killed", ".wav"),
    )  # fmt: skip
    damaged = person.file("name of a damaged file", b"no sound at all", ".wav")
    nothing = person.file("name of a file that is no backup", b"nothing", ".txt")
    questions = [take(f"question {n}") for n in range(3)]
    answers = {question: take(f"answer to {question}") for question in questions}
    names, title, searched = [take("left name"), take("right name")], take("title"), [take("search"), take("search 2")]
    errors = [take(f"word in an error {n}") for n in range(24)]
    fault = take("question that meets a fault of ours")
    plan = person.plan(summary=person.summary(), replies=answers, fault=fault)
    right = ("--passphrase-file", str(person.secret(passphrase)))
    Vault.create(person.home.vault, passphrase, CHEAP).close()

    with Onlooker() as onlooker:
        taken = run(plan, "import", str(tagged), str(plain), "--left", names[0], "--right", names[1], "--json", *right)
        assert [one["state"] for one in json.loads(taken.out)] == ["summarized", "summarized"], taken
        one, two = (found["id"] for found in json.loads(taken.out))
        assert run(plan, "import", str(gone), *right).status == 0
        assert run(plan, "rename", one, title, *right).status == 0
        assert run(plan, "ask", questions[0], *right).status == 0
        assert answers[questions[1]] in run(plan, "ask", questions[1], "--in", two, *right).out
        assert answers[questions[2]] in run(plan, "chat", *right, typed=f"{questions[2]}\n\n").out
        assert run(plan, "ask", fault, *right).status == 1
        assert "KeyError at " in run(plan, "doctor", "--report").out
        assert run(plan, "search", searched[0], *right).status == 0
        assert run(plan, "search", f"{searched[1]} {questions[0]}", *right).status == 0
        assert title in run(plan, "show", one, *right).out
        assert run(plan, "summarize", two, *right).status == 0
        assert run(plan, "transcribe", str(tagged)).status == 0
        exported = person.own / f"{errors[0]}.md"
        assert run(plan, "export", one, "-o", str(exported), *right).status == 0
        listed = json.loads(run(plan, "list", "--json", *right).out)
        last = next(found["id"] for found in listed if found["id"] not in (one, two))
        assert run(plan, "delete", last, "--yes", *right).status == 0
        killed_while_importing(person, plan, cut, right)
        what_goes_wrong(person, plan, [str(damaged), str(nothing)], errors, right, one)
        kept = person.home.folder / "kept"
        kept.mkdir()
        assert run(plan, "backup", str(kept / "backup"), *right).status == 0
        assert run(plan, "vault", "repair", str(kept / "repaired"), *right).status == 0
        changed = run(plan, "vault", "passphrase", "--new-passphrase-file", str(person.secret(other)), *right)
        assert changed.status == 0
        assert run(plan, "vault", "check", "--passphrase-file", str(person.secret(other))).status == 0
        assert run(plan, "restore", str(kept / "backup"), "--yes", *right).status == 0
        assert run(plan, "list", *right).status == 0
    person.seen, person.passphrase = onlooker.seen, passphrase
    return person


def killed_while_importing(person: Person, plan: Path, file: Path, right: tuple[str, ...]) -> None:
    """An import that dies as soon as something lies in the vault, and leaves what it leaves."""
    before = set(person.home.vault.rglob("*"))
    started = person.start(plan, "import", str(file), *right)
    until = time.monotonic() + 60
    while set((person.home.vault / "media").iterdir()) <= before and time.monotonic() < until:
        time.sleep(0.005)
    started.send_signal(signal.SIGKILL)
    started.communicate()
    assert started.returncode == -signal.SIGKILL


def what_goes_wrong(
    person: Person, plan: Path, files: list[str], errors: list[str], right: tuple[str, ...], one: str
) -> None:
    """Everything that is refused, each with a marker in what was typed; none may be told again."""
    word = iter(errors[1:])
    damaged, nothing = files
    refused = [
        ["import", damaged, *right], ["transcribe", damaged], ["transcribe", damaged, "--json"],
        ["import", str(person.own / next(word)), *right], ["transcribe", str(person.own / next(word))],
        ["show", next(word), *right], ["show", next(word), "--json", *right],
        ["ask", "What?", "--in", next(word), *right],
        ["rename", next(word), next(word), *right], ["delete", next(word), "--yes", *right],
        ["models", "use", next(word)], ["backup", nothing, *right], ["restore", nothing, "--yes", *right],
        ["restore", str(person.own / next(word)), *right],
        ["export", one, "-o", str(person.own / next(word) / "x.md"), *right],
        ["vault", "repair", str(person.own), *right],
        ["list", "--passphrase-file", str(person.secret(f"{next(word)} is not the passphrase"))],
        ["list", "--passphrase-file", str(person.own / next(word))],
        ["list", "--vault", str(person.own / next(word)), "--passphrase-file", str(person.secret(next(word)[:5]))],
    ]  # fmt: skip
    for arguments in refused:
        assert person.run(plan, *arguments).status == 1, arguments[:2]
    wrong = [
        [next(word)], ["list", next(word)], ["list", f"--{next(word)}"], ["vault", next(word)], ["models", next(word)],
        ["import", damaged, "--date", next(word)], ["export", one, "-f", next(word), "-o", "x"],
        ["search", "x", "--most", next(word)],
    ]  # fmt: skip
    for arguments in wrong:
        assert person.run(plan, *arguments).status == 2, arguments[:1]


def test_no_file_and_no_name_of_one_holds_a_marker(at_the_terminal: Person) -> None:
    assert at_the_terminal.traces() == []


def test_the_vault_did_hold_them(at_the_terminal: Person) -> None:
    there = in_the_vault(at_the_terminal, at_the_terminal.home.vault, at_the_terminal.passphrase)
    assert len([kind for kind in there if kind.startswith("spoken")]) > COUNT // 3
    parts = {"title", "left name", "right name", "overview", "key point", "decision", "task", "owner", "due"}
    assert parts | {f"question {n}" for n in range(3)} <= there


def test_no_error_and_no_note_tells_a_marker(at_the_terminal: Person) -> None:
    marked = at_the_terminal.marked
    for said in at_the_terminal.said:
        assert marked.found_in(said.err.encode()) == []
        if said.status:
            assert marked.found_in(said.out.encode()) == []
    assert any("tacit: " in said.err for said in at_the_terminal.said)


def test_the_fault_on_file_and_its_report_tell_no_marker(at_the_terminal: Person) -> None:
    (kept,) = at_the_terminal.home.folder.rglob("faults.json")
    assert b"KeyError" in kept.read_bytes()
    assert kept.stat().st_mode & 0o777 == 0o600
    assert at_the_terminal.marked.found_in(kept.read_bytes()) == []
    reports = [said.out for said in at_the_terminal.said if said.out.startswith("Tacit ")]
    assert any("KeyError at " in report for report in reports)
    assert at_the_terminal.marked.found_in("\n".join(reports).encode()) == []


def test_the_list_of_processes_shows_no_marker(at_the_terminal: Person) -> None:
    seen = at_the_terminal.seen
    assert {b"tacit"} & {shown.rstrip(b"\0") for shown in seen}
    assert any(b"--worker" in shown for shown in seen)
    assert any(b"XDG_RUNTIME_DIR" in shown for shown in seen)
    assert at_the_terminal.marked.found_in(b"\n".join(seen)) == []


def test_after_an_evening_in_the_window_no_marker_is_left(tmp_path: Path) -> None:
    person = Person(tmp_path)
    take = person.marked.take
    files = [str(call(person, f"file name {n}", ending)) for n, ending in enumerate((".mp3", ".wav"))]
    damaged = [str(person.file("name of a damaged file", b"no sound at all", ".mp3"))]
    asked = [take("question"), take("chat")]
    parts = {
        "passphrase": f"{take('passphrase')} and some more", "wrong": f"{take('wrong passphrase')} and more",
        "files": files, "damaged": damaged, "asked": asked, "replies": {word: take("answer") for word in asked},
        "title": take("title"), "names": [take("left name"), take("right name")], "draft": take("draft"),
        "noted": [take("title of a note"), take("tag"), take("link")],
        "fault": take("question that meets a fault of ours"),
        "searched": [take("search"), take("search again")], "summary": person.summary(),
    }  # fmt: skip
    plan = person.plan(**parts)
    place = person.home.folder / "person"
    with Onlooker() as onlooker:
        ended = person.run(plan, "--window-session", str(place))
    assert ended.status == 0, ended.err
    there = in_the_vault(person, place / "vault", str(parts["passphrase"]))
    assert {"title", "left name", "question", "chat", "overview", "task", "title of a note", "tag", "link"} <= there
    assert len(there) > COUNT // 2
    assert person.traces() == []
    assert person.marked.found_in((ended.out + ended.err).encode()) == []
    assert any(b"--worker" in shown for shown in onlooker.seen)
    assert person.marked.found_in(b"\n".join(onlooker.seen)) == []


def test_the_search_would_find_a_leak(tmp_path: Path) -> None:
    marked = Markers()
    word = marked.take("a word")
    for n, leak in enumerate((
        word.encode(), word.upper().encode(), word.encode("utf-16-le"), word.encode("utf-16-be"),
        word.encode().hex().upper().encode(), base64.b64encode(b"x" + word.encode() + b"yz"),
        base64.b64encode(b"xy" + word.encode()), base64.b64encode(word.encode() + b"more"),
    )):  # fmt: skip
        (tmp_path / f"file{n}").write_bytes(os.urandom(1000) + leak + os.urandom(1000))
        assert marked.found_below(tmp_path) == ["a word: in a  file"]
        (tmp_path / f"file{n}").unlink()
    (tmp_path / f"{word}.txt").touch()
    assert marked.found_below(tmp_path) == ["a word: the name of a .txt file"]


def test_the_onlooker_would_see_a_word() -> None:
    code = "import time; from app.engines.sandbox import seccomp as s; s.forbid_network(); time.sleep(1)"
    with Onlooker() as onlooker:
        subprocess.run([sys.executable, "-c", code, "aword"], check=True, cwd=ROOT)
    assert any(b"aword" in shown for shown in onlooker.seen)
