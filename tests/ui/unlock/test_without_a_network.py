"""A computer that never sees a network: Tacit is there, the models come on a stick, a call is worked through."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from app.core.model import ModelKind
from app.core.output import look_at_output
from app.services.application import Application
from app.ui.key_entry.recovery_key_page import RecoveryKeyPage
from app.ui.main_window import MainWindow
from app.ui.models.page import PAGE as MODELS
from app.ui.unlock.first_models_page import FirstModelsPage
from tests.services.stage import Watching
from tests.ui.models.download_broker import demo, laid_out
from tests.ui.stage import PASSPHRASE, desk_of, page_of, product, until, write_down


def pack_on_a_stick(folder: Path) -> Path:
    """A pack that another computer wrote, which has these models under names of their own."""
    other = product(folder / "other computer")
    for kind, id_, name in (
        (ModelKind.LANGUAGE, "writer", "The writer"),
        (ModelKind.SPEECH, "listener", "The listener"),
    ):
        laid_out(other.models.folder, demo(kind), id_, name)
    stick = folder / "stick"
    stick.mkdir()
    other.installing.pack(["writer", "listener"], look_at_output(stick / "models.zip"), Watching())
    return stick / "models.zip"


def test_with_a_pack_from_a_stick_a_call_is_transcribed_and_summarised_by_its_models(
    tacit: Application, show: Callable[[Application], MainWindow], tmp_path: Path
) -> None:
    pack = pack_on_a_stick(tmp_path)
    window = show(tacit)
    create = window.create_page
    assert create is not None
    QTest.keyClicks(create.field, PASSPHRASE)
    QTest.keyClick(create.field, Qt.Key.Key_Return)
    QTest.keyClicks(create.repeat, PASSPHRASE)
    QTest.keyClick(create.repeat, Qt.Key.Key_Return)
    page_of(window, RecoveryKeyPage)
    write_down(window)

    step = page_of(window, FirstModelsPage)
    assert [action.text() for action in step.stick_button.menu().actions()] == [
        "A model pack or a GGUF file…", "A folder…",
    ]  # fmt: skip
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(pack))])
    copy, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    step.dropEvent(QDropEvent(QPointF(200, 200), copy, data, left, none))
    desk = desk_of(window)
    page = desk.page(MODELS).list
    until(lambda: page.row("writer") and page.row("listener"), 60, "the models of the pack")
    for model in ("writer", "listener"):
        row = page.row(model)
        assert row is not None
        assert (row.chip.text(), row.do_button.text()) == ("in use", "Options")
    pack.unlink()  # the stick goes back into the drawer
    assert not tacit.models.uses_demo()

    QTest.keySequence(desk, "Escape")
    QTest.mouseClick(desk.calls.empty.demo_button, Qt.MouseButton.LeftButton)
    call = desk.calls.call
    until(lambda: call.call is not None and call.side.summary.findChildren(QPushButton), 150, "the summary")
    until(lambda: not desk.calls.work.all(), 60, "the end of the work")
    session = window.session
    assert session is not None
    assert call.call is not None
    assert call.transcript.lines.rowCount() >= 10
    summary = session.library.summary(call.call.id)
    assert summary is not None
    assert (session.library.transcript(call.call.id).model, summary.model) == ("listener", "writer")
