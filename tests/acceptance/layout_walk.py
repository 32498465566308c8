"""Walks every view of the real window, and prints what is wrong: `python -m tests.acceptance.layout_walk`.

The screen and the scale are those of the process; the text's size is an argument. With a folder, a picture of each
view is left there.
"""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QApplication, QMenu, QWidget

from app.core.errors import MediaDamaged
from app.core.model import ModelKind
from app.ui.calls.commands import CHECK, CHECK_TEXT, FIND_HERE, NAME_SPEAKERS, NEXT_DOUBTFUL, RENAME, SEARCH
from app.ui.calls.page import PAGE as CALLS
from app.ui.chats.page import PAGE as CHATS
from app.ui.key_entry.recovery_key_page import RecoveryKeyPage
from app.ui.main_window import MainWindow, open_window
from app.ui.models.page import PAGE as MODELS
from app.ui.privacy.page import PAGE as PRIVACY
from app.ui.settings.page import PAGE as SETTINGS
from app.ui.shell.window_geometry import restore_geometry
from app.ui.style.theme import Choice, load_fonts
from app.ui.todo.page import PAGE as TODO
from app.ui.unlock.first_models_page import FirstModelsPage
from app.ui.unlock.pages import FreshPassphrasePage
from app.ui.unlock.restore_page import RestorePage
from tests.acceptance import long_words
from tests.acceptance.layout_faults import faults, pale, short_menu
from tests.acceptance.note_views import notes
from tests.acceptance.views import View, dialogs, menu_of
from tests.ui.models.download_broker import demo, laid_out
from tests.ui.stage import PASSPHRASE, close, desk_of, page_of, product, settle, until, write_down

if TYPE_CHECKING:
    from app.ui.shell.workspace import Workspace

MODEL_ID = "of-a-long-name"
THEMES: tuple[Choice, ...] = ("light", "dark")


def first_start(window: MainWindow) -> Iterator[View]:
    """The pages before a new vault is open."""
    page = window.create_page
    assert page is not None
    yield "create", window
    page.field.setText("correct horse battery")
    page.repeat.setText("something else")
    page.notice.show_error(MediaDamaged())
    yield "create, typed", window
    page.field.setText(PASSPHRASE)
    page.repeat.setText(PASSPHRASE)
    page.create_button.click()
    key = page_of(window, RecoveryKeyPage)
    settle(0.1)
    yield "recovery key", window
    key.save_button.click()
    yield from dialogs(window, "recovery key in a file")
    write_down(window)
    page_of(window, FirstModelsPage)
    settle(0.4)
    yield "first models", window
    desk = desk_of(window)
    settle(0.3)
    yield "no calls", window
    close_vault(window, desk)


def lock_screen(window: MainWindow) -> Iterator[View]:
    """The lock screen, and the pages behind it."""
    page = window.unlock_page
    assert page is not None
    yield "locked", window
    page.offer_keychain()
    page.download.show()
    page.notice.show_error(MediaDamaged())
    yield "locked, all offers", window
    page.recovery_button.click()
    yield "locked, recovery key", window
    page.recovery_button.click()
    page.restore_button.click()
    restore = page_of(window, RestorePage)
    yield "restore", window
    restore.leave_button.click()
    fresh = FreshPassphrasePage(window.theme, window.stack)
    window.stack.addWidget(fresh)
    window.stack.setCurrentWidget(fresh)
    yield "new passphrase", window
    window.stack.removeWidget(fresh)
    fresh.deleteLater()
    page.field.setText(PASSPHRASE)
    page.unlock_button.click()


def calls(window: MainWindow, desk: "Workspace") -> Iterator[View]:
    """The page of calls: the list, a call in each of its tabs, a search, notices, menus and dialogs."""
    page = desk.calls
    until(lambda: len(page.list.rows.rows) == long_words.CALLS, what="the calls")
    desk.show_page(CALLS)
    settle(0.2)
    yield "calls", window
    for number in range(long_words.CALLS):
        page.open(page.list.rows.rows[number].call)
        until(lambda: page.call.call is not None and page.call.transcript.lines.rowCount(), what="the call")
        settle(0.3)
        for tab in page.call.side.findChildren(QWidget):
            if tab.property("kind") == "tab" and tab.isVisible():
                tab.click()  # type: ignore[attr-defined]
                settle(0.1)
                yield f"call {number}, {tab.accessibleName()}", window
    page.call.notice.show_error(MediaDamaged(), "Try again", lambda: None)
    page.notice.show_note("This recording is here already.", "It was opened.")
    yield "call, notices", window
    page.call.notice.hide()
    desk.notice.show_until_closed("This is the demo.", long_words.SENTENCE, "Make my own vault", lambda: None)
    settle(0.1)
    yield "call, a notice above", window
    for notice in (page.call.notice, page.notice, desk.notice):
        notice.hide()
    for button in (page.call.header.export_button, page.call.header.more_button):
        yield from menu_of(button.menu(), button)
    desk.run(RENAME)
    yield "call, renaming", window
    desk.escape()
    page.open(page.list.rows.rows[0].call)
    until(lambda: page.call.has_transcript, what="the call")
    line = page.call.transcript.lines.utterance(0).id
    page.call.transcript.begin_correction(line)
    page.call.line_notice.show_note("Split in two.", "", "Undo", lambda: None)
    settle(0.1)
    yield "call, a line that is corrected", window
    page.call.transcript.finish_words()
    page.call.line_notice.hide()
    page.call.player.choices.skipping.click()
    page.call.player.choices.speed.choose(1.25)
    desk.run(FIND_HERE)
    page.call.find_bar.field.setText("e")
    until(lambda: page.call.find_bar.count.text().startswith("1 of"), what="the places")
    desk.run(NEXT_DOUBTFUL)
    settle(0.1)
    yield "call, words that are looked for and doubtful ones", window
    yield from menu_of(page.call.player.choices.speed.menu(), page.call.player.choices.speed)
    page.call.find_bar.close_bar()
    page.call.line_notice.hide()
    asks: tuple[tuple[str, Callable[[], object]], ...] = (
        ("give lines", page.call.ask_who_speaks),
        ("find the speakers", page.call.on_call.find_speakers), ("replace words", page.call.ask_what_to_replace),
        ("name speakers", lambda: desk.run(NAME_SPEAKERS)), ("transcribe again", page.call.on_call.transcribe_again),
        ("delete", page.call.on_call.ask_to_delete), ("import", page.choose_files),
        ("export", lambda: page.call.on_call.export("srt")),
    )  # fmt: skip
    for name, ask in asks:
        ask()
        yield from dialogs(window, name)
    desk.run(SEARCH)
    desk.palette_card.field.setText("kraftfahrzeug")
    settle(0.5)
    yield "search everything", window
    desk.escape()
    page.search.setText("kraftfahrzeug")
    settle(0.5)
    yield "search", window
    page.search.setText("no such words at all")
    settle(0.5)
    yield "search, nothing", window
    page.clear_search()
    page.close_call()


def checks(window: MainWindow, desk: "Workspace") -> Iterator[View]:
    """A text that is checked against a call: before, the verdicts, and after it was edited."""
    page = desk.calls.check
    until(lambda: desk.calls.list.rows.rows, what="the calls")
    desk.calls.open(desk.calls.list.rows.rows[0].call)
    until(lambda: desk.calls.call.has_transcript, what="the call")
    desk.run(CHECK_TEXT)
    settle(0.2)
    yield "check, empty", window
    page.field.setPlainText("\n\n".join((long_words.CLAIMS, long_words.SENTENCE, long_words.GERMAN, long_words.ARABIC)))
    desk.run(CHECK)
    until(lambda: page.has_report, 60, "the verdicts")
    settle(0.3)
    yield "check", window
    page.field.choose(1)
    page.notice.show_error(MediaDamaged())
    settle(0.2)
    yield "check, a statement, a notice", window
    page.notice.hide()
    yield from menu_of(page.export_button.menu(), page.export_button)
    page.field.insertPlainText("Well. ")
    settle(0.2)
    yield "check, edited", window
    page.open_button.click()
    yield from dialogs(window, "open a text")
    desk.escape()
    desk.calls.close_call()


def chats(window: MainWindow, desk: "Workspace") -> Iterator[View]:
    """A new chat, a long one, and the question before it is deleted."""
    desk.show_page(CHATS).new()
    settle(0.2)
    yield "new chat", window
    desk.chats.composer.field.setPlainText(long_words.SENTENCE * 4)
    yield "new chat, typed", window
    desk.chats.composer.field.clear()
    conversations = desk.session.answering.conversations()
    desk.open_conversation(next(c.id for c in conversations if c.call is None))
    settle(0.6)
    yield "chat", window
    desk.chats.conversation.pane.verticalScrollBar().setValue(0)
    desk.chats.notice.show_error(MediaDamaged())
    yield "chat, top", window
    desk.chats.notice.hide()
    desk.chats.on_chat.ask_to_delete()
    yield from dialogs(window, "delete chat")


def models(window: MainWindow, desk: "Workspace") -> Iterator[View]:
    """The list of models, with what opens in it, and the page of one."""
    page = desk.show_page(MODELS).list
    until(lambda: page.row("demo-language") and page.row("demo-speech"), what="the rows")
    until(lambda: (row := page.row("demo-language")) and row.offer.forecast, 60, "the forecasts")
    for section in page.sections.values():
        section.all_button.click()
    settle(0.3)
    yield "models", window
    for row in next(iter(page.sections.values())).rows.values():
        if row.action in ("Download", "Details") and not row.offer.is_here:
            row.do_button.click()
            row.details_button.click()
            break
    page.notice.show_error(MediaDamaged())
    page.line.show()
    settle(0.2)
    yield "models, asking", window
    page.notice.hide()
    page.line.hide()
    desk.escape()
    named = page.row(MODEL_ID)
    assert named is not None
    yield from menu_of(named.menu, named.do_button if named.more_button.isHidden() else named.more_button)
    named.action_wanted.emit("remove")
    yield from dialogs(window, "remove a model")
    inside = desk.page(MODELS).show_model(named.offer)
    with suppress(AssertionError):
        until(lambda: inside.weights.isVisible() and inside.weights.map.tiles, 20)
    settle(0.3)
    yield "a model", window
    desk.escape()


def tasks(window: MainWindow, desk: "Workspace") -> Iterator[View]:
    """The page of tasks: the list, what was done, menus, a dialog, a choice that leaves nothing."""
    page = desk.show_page(TODO)
    until(lambda: page.list.rows.rows, what="the tasks")
    settle(0.2)
    yield "tasks", window
    page.list.select(page.list.rows.next_row(-1, 1))
    row = page.list.current
    assert row is not None
    page.tick(row.task)
    until(lambda: page.notice.text, what="the notice")
    settle(0.2)
    yield "tasks, one done", window
    page.notice._action.click()
    for button in (page.whose_button, page.order_button, page.export_button):
        yield from menu_of(button.menu(), button)
    yield from menu_of(page.list.menu_of(row), page.add_line.add_button)
    page.ask_to_edit(row.task)
    yield from dialogs(window, "edit a task")
    page.export("ics")
    yield from dialogs(window, "export tasks")


def settings(window: MainWindow, desk: "Workspace") -> Iterator[View]:
    """Privacy, and the settings with each form open."""
    desk.show_page(PRIVACY)
    settle(0.6)
    yield "privacy", window
    desk.show_page(SETTINGS)
    page = desk.page(SETTINGS)
    settle(0.4)
    yield "settings", window
    page.keys.change_button.click()
    page.keys.fresh.field.setText("correct horse battery")
    page.notice.show_error(MediaDamaged())
    settle(0.2)
    yield "settings, passphrase", window
    desk.escape()
    page.notice.hide()
    for choice in page.findChildren(QWidget):
        menu = choice.menu() if hasattr(choice, "menu") else None
        if isinstance(menu, QMenu) and choice.isVisible():
            yield from menu_of(menu, choice)
            break


def close_vault(window: MainWindow, desk: "Workspace") -> None:
    """Close the vault; the window is not used again."""
    settle(0.1)
    assert window.workspace is desk
    close(window)


def views(folder: Path, text: float) -> Iterator[tuple[MainWindow, View]]:
    """Every view, in two windows: one makes a vault, one opens a vault full of long words."""
    window = opened(folder / "new", text)
    for view in first_start(window):
        yield window, view
    long_words.fill(folder / "full")
    laid_out(folder / "full" / "models", demo(ModelKind.LANGUAGE), MODEL_ID, long_words.MODEL)
    window = opened(folder / "full", text)
    for view in lock_screen(window):
        yield window, view
    desk = desk_of(window)
    for walk in (calls, checks, chats, notes, tasks, models, settings):
        for view in walk(window, desk):
            yield window, view
    close(window)


def opened(folder: Path, text: float) -> MainWindow:
    """The window as it opens on this screen."""
    folder.mkdir(exist_ok=True)
    window = open_window(product(folder, proposes_models=folder.name == "new"), text)
    restore_geometry(window, ())
    window.show()
    settle(0.2)
    return window


def run(show: Callable[[Path, float], Iterable[tuple[MainWindow, View]]]) -> None:
    """Look at each view that `show` goes through, in a folder and at a size of text; print the faults as JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--text", type=float, default=1.0)
    parser.add_argument("--pictures", type=Path)
    asked = parser.parse_args()
    app = QApplication.instance() or QApplication(sys.argv[:1])
    load_fonts()
    with tempfile.TemporaryDirectory() as scratch:
        found = looked_at(show(Path(scratch), asked.text), asked.pictures)
    print(json.dumps(found))
    sys.stdout.flush()
    del app
    os._exit(0)


def looked_at(shown: Iterable[tuple[MainWindow, View]], pictures: Path | None) -> dict[str, list[str]]:
    """The faults of each view, in both themes; with a folder, a picture of each is left there."""
    found: dict[str, list[str]] = {}
    for window, (name, view) in shown:
        wrong = found.setdefault(name, [])
        settle(0.15)
        wrong += faults(view)
        if isinstance(view, QMenu):
            wrong += short_menu(view)
        for theme in THEMES:
            window.theme.choose(theme)
            settle(0.1)
            wrong += [f"{theme}: {fault}" for fault in pale(view)]
            if pictures:
                pictures.mkdir(parents=True, exist_ok=True)
                view.grab().save(str(pictures / f"{name.replace(': ', ' ')} {theme}.png"))
        window.theme.choose("light")
        settle(0.15)
    return found


if __name__ == "__main__":
    run(views)
