"""A whole evening with the window, on the real services, the real workers and the demo models."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QPushButton

from app.core import resources
from app.core.job import Lane
from app.services.application import Application
from app.ui.calls.commands import FIND
from app.ui.main_window import MainWindow
from tests.ui.stage import close, enter, product, settle, until


def test_a_call_comes_in_is_read_heard_asked_and_found_again(
    tacit: Application, show: Callable[[Application], MainWindow], tmp_path: Path
) -> None:
    window = show(tacit)
    assert window.create_page is not None, "a vault is made first"
    desk = enter(window)

    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(resources.demo_call()))])
    desk.dropEvent(
        QDropEvent(
            QPointF(600, 400), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        )
    )
    until(lambda: any(w.job.lane is Lane.SPEECH and w.fraction for w in desk.calls.work.all()), 60, "progress")
    call = desk.calls.call
    until(lambda: call.call is not None and call.side.summary.findChildren(QPushButton), 120, "the summary")
    until(lambda: not desk.calls.work.all(), 60, "the end of the work")
    settle(0.5)
    lines = call.transcript.lines
    assert lines.rowCount() >= 10
    assert call.header.title.text() == "Website launch"

    chip = next(b for b in call.side.summary.findChildren(QPushButton) if b.property("kind") == "chip")
    chip.click()
    minutes, seconds = chip.text().split(":")
    at = int(minutes) * 60 + int(seconds)
    assert at <= call.player.position < at + 1.5
    assert f"{chip.text()} /" in call.player.times.text()
    assert lines.row_at(call.player.position + 0.5) == call.transcript.marked_row

    call.side.composer.field.setPlainText("When will the test results be sent?")
    call.side.composer.send_button.click()
    until(
        lambda: not call.side.reply_stream.is_running and call.side.conversation.replies[0].words.chips(),
        90,
        "an answer",
    )

    desk.run(FIND)
    desk.calls.search.setText("payment")
    until(lambda: any(row.line for row in desk.calls.list.rows.rows), 10, "a hit")
    hit = next(row for row in desk.calls.list.rows.rows if row.line)
    desk.calls.list.opened.emit(hit)
    until(lambda: call.transcript.marked_row == hit.line - 1, 10, "the line of the hit")
    desk.escape()

    other = tmp_path / "again.opus"
    other.write_bytes(resources.demo_call().read_bytes() + b"\0" * 64)  # another hash
    desk.calls.take_in([other])
    until(lambda: desk.calls.work.all(), 30, "the import")
    cancel = desk.calls.work.all()[0]
    desk.calls.cancel(cancel)
    until(lambda: not desk.calls.work.all(), 30, "the end of the import")

    window.choose_theme("dark")
    assert window.theme.is_dark
    until(lambda: tacit.settings.current.theme == "dark", 5)
    close(window)

    again = show(product(tmp_path))
    assert again.theme.is_dark
    assert again.unlock_page is not None, "the vault is there"
    desk = enter(again)
    until(lambda: any(row.title == "Website launch" for row in desk.calls.list.rows.rows), 20, "the call")
    known = next(row for row in desk.calls.list.rows.rows if row.title == "Website launch")
    desk.calls.open(known.call)
    until(lambda: desk.calls.call.side.conversation.replies, 20, "the questions that were kept")
