"""Pages and commands are registered by files in their rooms: each test adds one as a developer would."""

import io
import re
import sys
import tokenize
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent

import pytest
from PySide6.QtTest import QTest

import app.ui
from app.services.application import Application
from app.ui.calls.commands import COMMANDS, CORRECT, DELETE, GIVE, MORE_MENU, REDO, RENAME, UNDO
from app.ui.calls.page import PAGE as CALLS
from app.ui.chats.page import PAGE as CHATS
from app.ui.main_window import MainWindow
from app.ui.navigation.registry import registered_commands, registered_pages
from app.ui.shell.workspace import Workspace
from tests.ui.doubles import SessionDouble, as_tacit
from tests.ui.example_calls import call
from tests.ui.stage import enter, until

Show = Callable[[Application], MainWindow]

_PAGE = '''
    """The page of bookmarks."""

    from PySide6.QtWidgets import QLabel

    from app.ui.navigation.page import Group, Page


    class Bookmarks(QLabel):
        """A page with one thing that Escape closes first."""

        def begin(self):
            self.setText("open")

        def leave(self):
            was_open = self.text() == "open"
            self.setText("closed")
            return was_open


    PAGE = Page("bookmarks", "Bookmarks", Group.MAIN, 25, Bookmarks, keys="Ctrl+B")
'''
_COMMANDS = '''
    """The commands on bookmarks."""

    from app.ui.navigation.command import Command

    COMMANDS = (
        Command("bookmarks.tell", "Tell it", lambda frame: frame.notice.show_note("Told."), "Ctrl+J"),
        Command("bookmarks.never", "Never", lambda frame: 1 / 0, "Ctrl+U", is_enabled=lambda frame: False),
    )
'''


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A new, empty room among those of the window."""
    folder = tmp_path / "bookmarks"
    folder.mkdir()
    (folder / "__init__.py").write_text('"""Bookmarks."""\n')
    monkeypatch.setattr(app.ui, "__path__", [*app.ui.__path__, str(tmp_path)])
    yield folder
    for name in [name for name in sys.modules if name.startswith("app.ui.bookmarks")]:
        del sys.modules[name]


def opened(show: Show) -> Workspace:
    session = SessionDouble()
    session.library.add(call("Supply contract"))
    desk = enter(show(as_tacit(session)))
    until(lambda: desk.calls.list.rows.rows)
    return desk


def test_a_page_is_one_file(room: Path, show: Show) -> None:
    (room / "page.py").write_text(dedent(_PAGE))
    desk = opened(show)
    assert list(desk.side_bar.rows) == ["chats", "calls", "bookmarks", "notes", "todo", "models", "privacy", "settings"]
    row = desk.side_bar.rows["bookmarks"]
    assert row.accessibleName() == "Bookmarks Ctrl B"
    row.click()
    shown = desk.shown_page
    assert shown is not None
    assert shown.key == "bookmarks"
    assert row.accessibleDescription() == "shown now"
    QTest.keySequence(desk, "Escape")
    assert desk.shown_page is shown, "Escape closes what is open in the page first"
    QTest.keySequence(desk, "Escape")
    assert desk.is_shown(CALLS)
    assert row.accessibleDescription() == ""
    QTest.keySequence(desk, "Ctrl+B")
    assert desk.shown_page is shown
    desk.badge_changed.emit("bookmarks", "3")
    assert row.accessibleName() == "Bookmarks 3"
    desk.badge_changed.emit("bookmarks", "")
    assert row.accessibleName() == "Bookmarks Ctrl B"


def test_a_command_is_one_file(room: Path, show: Show) -> None:
    (room / "commands.py").write_text(dedent(_COMMANDS))
    desk = opened(show)
    assert desk.commands["bookmarks.tell"].hint == "Ctrl J"
    QTest.keySequence(desk, "Ctrl+J")
    assert desk.notice.text.startswith("Told.")
    QTest.keySequence(desk, "Ctrl+U")  # would divide by zero, which fails a test
    desk.run_by_id("bookmarks.never")


@pytest.mark.parametrize(("id_", "keys"), [("bookmarks.second", "Ctrl+K"), ("calls.search", "Ctrl+J")])
def test_two_commands_never_share_an_id_or_keys(room: Path, id_: str, keys: str) -> None:
    (room / "commands.py").write_text(
        f"from app.ui.navigation.command import Command\nCOMMANDS = (Command({id_!r}, 'x', print, {keys!r}),)\n"
    )
    with pytest.raises(ValueError, match="Two commands"):
        registered_commands(registered_pages())


def test_every_registering_file_is_found() -> None:
    folder = Path(app.ui.__file__).parent
    rooms = [path.parent.name for path in folder.glob("*/page.py") if path.parent.name != "navigation"]
    pages = registered_pages()
    assert sorted(page.key for page in pages) == sorted(rooms)
    assert sorted(rooms) == ["calls", "chats", "models", "notes", "privacy", "settings", "todo"]
    commands = registered_commands(pages)
    assert {"lock", "escape", "chats.new", *(f"show.{key}" for key in rooms)} <= set(commands)
    assert set(COMMANDS) <= set(commands.values())


def test_commands_on_a_call_are_there_only_with_a_call(show: Show) -> None:
    desk = opened(show)
    assert not desk.can_run(RENAME)
    QTest.keySequence(desk, "F2")
    assert desk.calls.call.header.edit.isHidden()
    desk.calls.open(desk.calls.list.rows.rows[0].call)
    until(lambda: desk.calls.call.has_transcript)
    of_a_line = (CORRECT, GIVE, UNDO, REDO)
    assert all(desk.can_run(command) for group in MORE_MENU for command in group if command not in of_a_line)
    assert not any(map(desk.can_run, of_a_line)), "no line is chosen, and none was corrected"
    desk.calls.call.transcript.setCurrentIndex(desk.calls.call.transcript.lines.index(0))
    assert list(map(desk.can_run, of_a_line)) == [True, True, False, False]
    QTest.keySequence(desk, "F2")
    assert not desk.calls.call.header.edit.isHidden()
    desk.calls.call.header.end_rename()
    menu = desk.calls.call.header.more_button.menu()
    menu.aboutToShow.emit()
    shown = [(action.text(), action.shortcut().toString()) for action in menu.actions() if action.isVisible()]
    assert shown == [
        ("Rename…", "F2"), ("Name the speakers…", ""), ("Find the speakers…", ""), ("Swap sides", ""), ("", ""),
        ("Correct the line", "Ctrl+E"), ("Give the line to…", "Ctrl+G"), ("Replace words…", "Ctrl+R"), ("", ""),
        ("Check a text…", "Ctrl+T"), ("", ""),
        ("Transcribe again…", ""), ("Summarize again", ""), ("", ""),
        (DELETE.title, "Del"),
    ]  # fmt: skip
    desk.show_page(CHATS)
    assert not desk.can_run(RENAME), "only where the call can be seen"


def test_no_keys_are_written_by_hand_outside_the_registering_files() -> None:
    key = r"F\d+|Del|Esc|Escape|Space"
    by_hand = re.compile(rf"\b(Ctrl|Alt|Meta|Shift)[ +][A-Z0-9,.]|^[\"']?({key})[\"']?$|\(({key})\)")
    found: list[str] = []
    for path in sorted(Path(app.ui.__file__).parent.rglob("*.py")):
        if path.name in ("page.py", "commands.py") and path.parent.name != "navigation":
            continue
        strings = (
            token
            for token in tokenize.generate_tokens(io.StringIO(path.read_text("utf-8")).readline)
            if token.type == tokenize.STRING and not token.string.startswith('"""')
        )
        found += [f"{path.name}:{token.start[0]}" for token in strings if by_hand.search(token.string)]
    assert found == []
