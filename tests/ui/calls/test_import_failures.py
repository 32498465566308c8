"""What the window says of files that could not be imported: which, by number and name, and why."""

import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QApplication

from app.core.call import Call
from app.core.errors import IndexMissing, MediaMissing, TextFile
from app.core.job import JobContext
from app.services.application import Application
from app.ui.main_window import MainWindow
from tests.ui.doubles import SessionDouble, as_tacit
from tests.ui.stage import enter, settle, until

INDEX = "This recording was not finished, or not copied whole: its index is missing."
TEXT = "This file holds text and no sound, whatever its name says."


REASONS = {"talk.m4a": IndexMissing(), "notes.mp3": TextFile(), "gone.wav": MediaMissing("There is no such file.")}


class Refusing(SessionDouble):
    """A session whose files fail, each for a reason of its own."""

    def _import(self, path: Path, context: JobContext) -> Call:
        if path.name in REASONS:
            time.sleep(0.01)
            raise REASONS[path.name]
        return super()._import(path, context)


def test_one_file_is_named_with_its_cause(show: Callable[[Application], MainWindow]) -> None:
    calls = enter(show(as_tacit(Refusing()))).calls
    calls.take_in([Path("/nowhere/talk.m4a")])
    until(lambda: calls.notice.text.startswith(f"«talk.m4a»: {INDEX} The file was left as it is; copy it once more"))


def test_one_of_many_is_named_with_its_number(show: Callable[[Application], MainWindow]) -> None:
    calls = enter(show(as_tacit(Refusing()))).calls
    calls.take_in([Path(f"{number}.wav") for number in range(6)] + [Path("notes.mp3")] + [Path("last.wav")])
    until(lambda: calls.notice.text.startswith(f"File 7 of 8, «notes.mp3»: {TEXT}"))


def test_several_are_told_together_and_forgotten_with_the_next(show: Callable[[Application], MainWindow]) -> None:
    calls = enter(show(as_tacit(Refusing()))).calls
    calls.take_in([Path("talk.m4a"), Path("good.wav"), Path("notes.mp3"), Path("gone.wav")])
    until(lambda: calls.notice.text.startswith("3 of 4 files could not be imported."))
    assert f"File 1 of 4, «talk.m4a»: {INDEX}" in calls.notice.text
    assert f"File 3 of 4, «notes.mp3»: {TEXT}" in calls.notice.text
    assert "File 4 of 4, «gone.wav»: There is no such file." in calls.notice.text
    until(lambda: not calls.work.all())
    settle(0.1)
    calls.take_in([Path("notes.mp3")])
    until(lambda: calls.notice.text.startswith(f"«notes.mp3»: {TEXT}"))


def test_a_long_list_is_cut(show: Callable[[Application], MainWindow]) -> None:
    calls = enter(show(as_tacit(Refusing()))).calls
    calls.take_in([Path(f"{number}/notes.mp3") for number in range(300)])
    longest, end = 0.0, time.monotonic() + 30
    while not calls.notice.text.startswith("300 of 300 files could not be imported."):
        assert time.monotonic() < end
        began = time.process_time()
        QApplication.processEvents()
        longest = max(longest, time.process_time() - began)
        time.sleep(0.005)
    assert longest < 2.0, "the list was made anew for each"
    assert "And 296 more. The files were left as they are." in calls.notice.text
    assert calls.notice.text.count("«") == 4
