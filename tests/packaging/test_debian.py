"""The Debian package: what its menu entries start, whom it names, what it depends on, and how it closes a program."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from tests.packaging.package import ROOT, module

LINUX = ROOT / "packaging" / "linux"
debian = module("debian")
linux = pytest.mark.skipif(sys.platform != "linux", reason="Debian's own scripts")


@pytest.mark.parametrize("entry", sorted(LINUX.glob("*.desktop")), ids=lambda path: path.name)
def test_a_menu_entry_starts_the_package_and_no_command_of_the_same_name(entry: Path) -> None:
    started = re.findall(r"^(?:Try)?Exec=(\S+)", entry.read_text(), re.MULTILINE)
    assert len(started) >= 2
    assert set(started) == {"/usr/bin/tacit"}


def test_a_placeholder_stands_in_one_place() -> None:
    files = [path for path in (ROOT / "packaging").rglob("*") if path.is_file() and path.suffix != ".pyc"]
    assert [path.name for path in files if b"example.invalid" in path.read_bytes()] == ["debian.py"]


def test_the_offer_of_the_sources_names_who_makes_it(tmp_path: Path) -> None:
    licences = module("licences")
    part = licences.Part("FFmpeg", "8", "LGPL-2.1-or-later", [ROOT / "packaging" / "licences" / "LGPL-offer.txt"])
    licences.write([part], tmp_path, "Somebody <somebody@example.org>")
    assert "by Somebody <somebody@example.org>" in (tmp_path / "FFmpeg" / "LGPL-offer.txt").read_text()


@linux
@pytest.mark.skipif(shutil.which("dpkg") is None, reason="needs Debian's dpkg")
def test_what_no_file_names_is_depended_on_too(tmp_path: Path) -> None:
    command = ["cc", "-shared", "-x", "c", "-", "-o", str(tmp_path / "code.so")]
    subprocess.run(command, input='int puts(const char *); int f(void) { return puts(""); }', text=True, check=True)
    named = debian.depends(tmp_path).split(", ")
    assert {"libpulse0", "tzdata"} <= set(named)
    assert any(name.startswith("libc6 (>= 2.") for name in named)


def test_the_size_of_a_folder_counts_no_file_twice(tmp_path: Path) -> None:
    (tmp_path / "inside").mkdir()
    (tmp_path / "inside" / "library.so.1").write_bytes(b"x" * 1000)
    (tmp_path / "library.so").symlink_to("inside/library.so.1")
    assert debian.size_of(tmp_path) == 1000


class Program:
    """A program with a child of its own, as the script sees Tacit: two processes of the file that it looks for."""

    def __init__(self, folder: Path, ending: str) -> None:
        self.log = folder / "log"
        self.log.touch()
        self.script = folder / "close-tacit"
        place = folder / "tacit"
        shutil.copy("/bin/bash", place)
        text = (LINUX / "close-tacit").read_text().replace("/usr/lib/tacit/tacit", str(place))
        self.script.write_text(text.replace(" 3 4 5 6 7 8 9 10 11 12 13 14 15", ""))  # seconds
        child = f"trap 'echo child >>{self.log}; exit' TERM\necho begun >>{self.log}\nwhile :; do sleep 0.1; done\n"
        (folder / "child").write_text(child)
        own = f"trap 'echo parent >>{self.log}; {ending}' TERM\n{place} {folder}/child &\nchild=$!\n"
        (folder / "own").write_text(f"{own}while :; do wait; done\n")
        self.process = subprocess.Popen([str(place), str(folder / "own")], start_new_session=True)
        while "begun" not in self.log.read_text():
            time.sleep(0.05)

    def close(self, script: str, action: str) -> "subprocess.CompletedProcess[str]":
        """Run the script as dpkg does."""
        environment = os.environ | {"DPKG_MAINTSCRIPT_NAME": script}
        command = ["sh", str(self.script), action]
        return subprocess.run(command, env=environment, text=True, capture_output=True, check=False)

    def end(self) -> None:
        """End what is left of it."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@linux
@pytest.mark.parametrize(("script", "action"), [("preinst", "upgrade"), ("prerm", "remove")])
def test_a_program_that_is_open_is_asked_to_close_and_its_children_are_left_to_it(
    tmp_path: Path, script: str, action: str
) -> None:
    program = Program(tmp_path, "sleep 0.5; kill -KILL $child; exit")
    try:
        closed = program.close(script, action)
        assert (closed.returncode, closed.stderr) == (0, "")
        assert closed.stdout == "tacit: Tacit is open and is asked to close; what is open is saved.\n"
        assert program.log.read_text() == "begun\nparent\n"
    finally:
        program.end()


@linux
def test_a_program_that_stays_open_is_not_removed(tmp_path: Path) -> None:
    program = Program(tmp_path, ":")
    try:
        refused = program.close("prerm", "remove")
        assert refused.returncode == 1
        assert refused.stderr == "tacit: Tacit is still open. Nothing was changed; close it and remove it again.\n"
    finally:
        program.end()


@linux
@pytest.mark.parametrize(
    ("script", "action"), [("prerm", "upgrade"), ("preinst", "install"), ("preinst", "abort-upgrade")]
)
def test_at_other_steps_nothing_is_closed(tmp_path: Path, script: str, action: str) -> None:
    program = Program(tmp_path, "exit")
    try:
        assert program.close(script, action).returncode == 0
        assert program.log.read_text() == "begun\n"
    finally:
        program.end()
