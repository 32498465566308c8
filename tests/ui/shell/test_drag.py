"""While something is dragged over the window it says what a drop does, and refuses in words what it can't take."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent

from app.services.application import Application
from app.services.file_kinds import Dropped, what_a_drop_does
from app.ui.calls.page import PAGE as CALLS
from app.ui.main_window import MainWindow
from app.ui.notes.page import PAGE as NOTES
from app.ui.shell.workspace import Workspace
from tests.ui.doubles import SessionDouble, as_tacit
from tests.ui.stage import enter, until

LEFT, NONE, COPY = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, Qt.DropAction.CopyAction


@pytest.fixture
def desk(show: Callable[[Application], MainWindow]) -> Workspace:
    """A desk."""
    return enter(show(as_tacit(SessionDouble())))


def dragged(paths: Sequence[Path] = (), text: str = "") -> QMimeData:
    data = QMimeData()
    if paths:
        data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    if text:
        data.setText(text)
    return data


def drag_in(desk: Workspace, data: QMimeData) -> bool:
    """Drag it in and on; whether it would be taken."""
    desk.dragEnterEvent(QDragEnterEvent(QPoint(300, 300), COPY, data, LEFT, NONE))
    return drag_on(desk, data)


def drag_on(desk: Workspace, data: QMimeData) -> bool:
    event = QDragMoveEvent(QPoint(310, 300), COPY, data, LEFT, NONE)
    event.setAccepted(False)
    desk.dragMoveEvent(event)
    return event.isAccepted()


def test_recordings_are_announced_and_the_words_go_with_the_drop(desk: Workspace, tmp_path: Path) -> None:
    files = [tmp_path / "a.wav", tmp_path / "b.mp3"]
    for file in files:
        file.write_bytes(b"RIFF0000WAVE")
    data = dragged(files)
    assert drag_in(desk, data)
    overlay = desk.drop_overlay
    assert overlay.isVisible()
    assert overlay.geometry() == desk.rect()
    until(lambda: overlay.title.text() == "Import 2 calls")
    assert overlay.words.plain_text().startswith("Encrypted and summarized on this computer, and transcribed where")
    desk.dropEvent(QDropEvent(QPointF(300, 300), COPY, data, LEFT, NONE))
    assert overlay.isHidden()


def test_a_folder_is_announced_and_dropped_as_what_is_in_it(desk: Workspace, tmp_path: Path) -> None:
    for name in ("a.wav", "deep/b.mp3", ".hidden.wav", "c.wav"):
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / name).write_bytes(b"RIFF0000WAVE")
        os.utime(tmp_path / "in" / name, None if name == "c.wav" else (1, 1))
    data = dragged([tmp_path / "in"])
    assert drag_in(desk, data)
    until(lambda: desk.drop_overlay.title.text() == "Import 2 calls")
    desk.dropEvent(QDropEvent(QPointF(300, 300), COPY, data, LEFT, NONE))
    until(lambda: {one.title for one in desk.session.library.calls()} >= {"a", "b"})
    assert desk.notice.text == "One file still being written is left out. Drop the folder again once they are whole."


def test_what_is_no_file_is_refused_in_words(desk: Workspace) -> None:
    data = dragged(text="some words")
    assert not drag_in(desk, data)
    assert desk.drop_overlay.title.text() == "Not this"
    assert "drop a recording, a model or a folder" in desk.drop_overlay.words.plain_text()
    desk.dragLeaveEvent(QDragLeaveEvent())
    assert desk.drop_overlay.isHidden()


def test_a_file_of_another_kind_is_refused_in_words(desk: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "letter.dat"
    file.write_bytes(b"\0\1 text")
    data = dragged([file])
    drag_in(desk, data)
    until(lambda: desk.drop_overlay.title.text() == "Not this")
    assert "neither a recording nor a model. Recordings may be wav, mp3" in desk.drop_overlay.words.plain_text()
    assert not drag_on(desk, data), "and the pointer says so"


def test_what_was_dragged_out_does_not_come_back_with_its_answer(desk: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "a.wav"
    file.write_bytes(b"RIFF0000WAVE")
    drag_in(desk, dragged([file]))
    desk.dragLeaveEvent(QDragLeaveEvent())
    drag_in(desk, dragged(text="some words"))
    for _ in range(20):
        desk.bridge.deliver()
    assert desk.drop_overlay.title.text() == "Not this"


A, B, C = Path("a"), Path("b"), Path("c")


@pytest.mark.parametrize(
    ("dropped", "is_for_models", "title", "is_taken"),
    [
        (Dropped((), (A,), ()), False, "Import one call", True),
        (Dropped((A,), (B, C), ()), False, "Import 2 calls and add one model", True),
        (Dropped((A, B), (), ()), True, "Add 2 models", True),
        (Dropped((), (), (A,)), False, "Not this", False),
        (Dropped((), (), (A,)), True, "Not this", False),
        (Dropped((), (A,), (B,)), False, "Import one call", True),
    ],
)
def test_what_a_drop_does(dropped: Dropped, is_for_models: bool, title: str, is_taken: bool) -> None:
    said, words, taken = what_a_drop_does(dropped, is_for_models=is_for_models)
    assert (said, taken) == (title, is_taken)
    assert ("one other file among them can't be read" in words) is (bool(dropped.others) and is_taken)


@pytest.mark.parametrize(
    ("dropped", "notes", "title", "rest"),
    [
        (Dropped((), (), ()), 1, "Make one note", ""),
        (Dropped((), (A,), ()), 2, "Make 2 notes", "one other file among them: each goes where it belongs."),
    ],
)
def test_what_a_drop_of_texts_does_on_the_page_of_notes(dropped: Dropped, notes: int, title: str, rest: str) -> None:
    said, words, taken = what_a_drop_does(dropped, is_for_models=False, notes=notes)
    assert (said, taken) == (title, True)
    assert words.endswith(rest or "the file itself is left as it is.")


def test_a_text_is_a_call_on_one_page_and_a_note_on_another(desk: Workspace, tmp_path: Path) -> None:
    text = tmp_path / "a.md"
    text.write_text("# A")
    desk.show_page(CALLS)
    drag_in(desk, dragged([text]))
    until(lambda: desk.drop_overlay.title.text() == "Import one call")
    desk.dragLeaveEvent(QDragLeaveEvent())
    desk.show_page(NOTES)
    drag_in(desk, dragged([text]))
    until(lambda: desk.drop_overlay.title.text() == "Make one note")


def test_the_words_are_whole(desk: Workspace) -> None:
    drag_in(desk, dragged(text="some words"))
    words = desk.drop_overlay.words
    assert words.height() >= words.heightForWidth(words.width()) > 21, "two lines"
