"""Takes a real recording through the window with real models: `python -m tests.acceptance.real_walk`.

From the first start to a lock: a drop, the words as they are heard, a click that plays, a question while its answer is
written, the summary, a search, transcribing again, deleting, models, settings and keys. Needs TACIT_REAL, a folder with
`models` and `recordings`. Prints what is wrong in each view, as `layout_walk` does.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest

from app.core.job import Lane
from app.ui.calls.commands import SEARCH
from app.ui.calls.page import PAGE as CALLS
from app.ui.chats.page import PAGE as CHATS
from app.ui.key_entry.recovery_key_page import RecoveryKeyPage
from app.ui.main_window import MainWindow, open_window
from app.ui.models.page import PAGE as MODELS
from app.ui.privacy.page import PAGE as PRIVACY
from app.ui.settings.page import PAGE as SETTINGS
from app.ui.shell.commands import SHORTCUTS
from app.ui.shell.window_geometry import restore_geometry
from app.ui.widgets.dialogs import ConfirmDialog
from tests.acceptance.layout_walk import run
from tests.acceptance.views import View, dialogs
from tests.bench.latency import LANGUAGE, SPEECH, take_real_models
from tests.ui.stage import PASSPHRASE, close, desk_of, page_of, product, settle, until, write_down

if TYPE_CHECKING:
    from app.ui.shell.workspace import Workspace

RECORDING = Path(os.environ.get("TACIT_REAL", "nowhere")) / "recordings" / "harvard_8k.wav"
QUESTION = "Which animals and things to eat are named?"
_SLOW = 170.0  # seconds that a real model may take for a step


def first_start(window: MainWindow) -> Iterator[View]:
    """A new vault."""
    page = window.create_page
    assert page is not None
    yield "first start", window
    page.field.setText(PASSPHRASE)
    page.repeat.setText(PASSPHRASE)
    page.create_button.click()
    page_of(window, RecoveryKeyPage)
    settle(0.1)
    yield "recovery key", window
    write_down(window)


def arrival(window: MainWindow, desk: "Workspace") -> Iterator[View]:
    """A recording is dragged in, dropped, heard and summarized."""
    yield "no calls", window
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(RECORDING))])
    copy, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    desk.dragEnterEvent(QDragEnterEvent(QPoint(200, 200), copy, data, left, none))
    until(lambda: desk.drop_overlay.words.plain_text(), what="what a drop does")
    yield "dragged in", window
    desk.dropEvent(QDropEvent(QPointF(200, 200), copy, data, left, none))
    until(lambda: desk.calls.work.all(), what="the work")
    yield "coming in", window
    call = desk.calls.call
    until(lambda: call.call is not None and call.transcript.lines.rowCount(), _SLOW, "the words")
    yield "heard", window
    until(lambda: any(w.job.lane is Lane.LANGUAGE for w in desk.calls.work.all()), _SLOW, "the summary's beginning")
    yield "being summarized", window
    until(lambda: not desk.calls.work.all(), _SLOW, "the summary")
    settle(0.5)


def call_views(window: MainWindow, desk: "Workspace") -> Iterator[View]:
    """The call: played by a click, asked about, searched, and what its menu asks."""
    call = desk.calls.call
    yield "call", window
    shown = call.transcript
    place = shown.visualRect(shown.lines.index(min(1, shown.lines.rowCount() - 1))).center()
    QTest.mouseClick(shown.viewport(), Qt.MouseButton.LeftButton, pos=place)
    until(lambda: call.player.position > 0 or shown.lines.rowCount() == 1, 10, "the line that plays")
    yield "call, playing", window
    call.side.composer.field.setPlainText(QUESTION)
    call.side.composer.send_button.click()
    until(lambda: call.side.reply_stream.is_running, what="the question")
    yield "call, reading the question", window
    until(lambda: call.side.conversation.replies[-1].words.plain_text().count(" ") > 3, _SLOW, "the answer's beginning")
    yield "call, answering", window
    until(lambda: not call.side.reply_stream.is_running, _SLOW, "the answer")
    yield "call, answered", window
    desk.run(SEARCH)
    desk.palette_card.field.setText("the")
    settle(0.8)
    yield "search everything", window
    desk.escape()
    call.on_call.ask_to_delete()
    yield from dialogs(window, "delete")
    call.on_call.transcribe_again()
    until(lambda: any(d.isVisible() for d in window.findChildren(ConfirmDialog)), what="the question")
    (question,) = [d for d in window.findChildren(ConfirmDialog) if d.isVisible()]
    yield "dialog: transcribe again", question
    question.accept()
    until(lambda: desk.calls.work.all(), 30, "the work")
    yield "transcribed again", window
    until(lambda: not desk.calls.work.all(), _SLOW, "the end of the work")
    yield "after it", window


def rest(window: MainWindow, desk: "Workspace") -> Iterator[View]:
    """A chat over all calls, and the other pages."""
    chats = desk.show_page(CHATS)
    chats.new()
    chats.composer.field.setPlainText(QUESTION)
    chats.composer.send_button.click()
    until(lambda: not chats.reply_stream.is_running, _SLOW, "the answer")
    settle(0.5)
    yield "chat", window
    models = desk.show_page(MODELS).list
    until(lambda: (row := models.row(LANGUAGE)) and row.offer.forecast, 60, "the forecasts")
    settle(0.3)
    yield "models", window
    desk.show_page(SETTINGS)
    settle(0.6)
    yield "settings", window
    desk.show_page(PRIVACY)
    settle(0.6)
    yield "privacy", window
    desk.run(SHORTCUTS)
    yield from dialogs(window, "keys")
    desk.show_page(CALLS)


def views(folder: Path, text: float) -> Iterator[tuple[MainWindow, View]]:
    """Every view, from the first start to after a lock."""
    tacit = product(folder)
    take_real_models(folder / "models")
    tacit.settings.change(speech_model=SPEECH, language_model=LANGUAGE)
    window = opened(open_window(tacit, text))
    for view in first_start(window):
        yield window, view
    desk = desk_of(window)
    for walk in (arrival, call_views, rest):
        for view in walk(window, desk):
            yield window, view
    close(window)
    window = opened(open_window(product(folder), text))
    page = window.unlock_page
    assert page is not None
    yield window, ("locked", window)
    page.field.setText("not it")
    page.unlock_button.click()
    until(lambda: page.notice.text, 30, "what is wrong")
    yield window, ("locked, wrong passphrase", window)
    page.field.setText(PASSPHRASE)
    page.unlock_button.click()
    desk = desk_of(window)
    until(lambda: desk.calls.list.rows.rows, what="the call")
    yield window, ("unlocked", window)
    close(window)


def opened(window: MainWindow) -> MainWindow:
    """The window as it opens on this screen."""
    restore_geometry(window, ())
    window.show()
    settle(0.2)
    return window


if __name__ == "__main__":
    run(views)
