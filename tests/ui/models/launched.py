"""The launcher and its window as they start, but for the server that the download worker is pointed at.

`launched.py WORKER.json --vault DIR --models DIR` is the launcher. It starts the same file as its window, in which a
person works by keys and clicks; what that person saw is printed, a JSON object on a line.
"""

import json
import os
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT))

if TYPE_CHECKING:
    from app.ui.main_window import MainWindow
    from app.ui.shell.workspace import Workspace

MODEL = "qwen3-0.6b"


def run_launcher(worker: list[str], options: list[str]) -> int:
    """The launcher, which knows another worker and this file's window."""
    from app import download_broker, launcher

    vars(download_broker)["download_command"] = lambda: worker
    vars(launcher)["window_command"] = lambda arguments: [sys.executable, __file__, "--window", *arguments]
    return launcher.main(options)


def run_window() -> int:
    """The window with all its walls; as soon as it is open, a person sits down before it."""
    from app.__main__ import main
    from app.ui import main_window as window

    open_window = window.open_window

    def opened(*arguments: Any) -> "MainWindow":
        from PySide6.QtCore import QTimer

        made = open_window(*arguments)
        QTimer.singleShot(0, made, lambda: _sit_down(made))
        return made

    vars(window)["open_window"] = opened
    return main()


def _sit_down(window: "MainWindow") -> None:
    try:
        download(window)
    except BaseException:  # noqa: BLE001 - the launcher must hear of it by the status
        traceback.print_exc()
        os._exit(3)
    window.close()


def _tell(**seen: Any) -> None:
    print(json.dumps(seen), flush=True)


def _network(desk: "Workspace") -> str:
    return f"{desk.side_bar.network.text()}: {desk.side_bar.network_words.plain_text()}"


def download(window: "MainWindow") -> None:
    """Unlock; download, pause and resume a model until it is in use; read the ledger."""
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest

    from app.ui.models.page import PAGE as MODELS
    from app.ui.privacy.page import PAGE as PRIVACY
    from app.ui.widgets.form_rows import SettingRow
    from tests.running import PASSPHRASE
    from tests.ui.stage import desk_of, until

    def click(made: Any) -> None:
        QTest.mouseClick(made, Qt.MouseButton.LeftButton)

    page = window.unlock_page
    assert page is not None
    QTest.keyClicks(page.field, PASSPHRASE)
    QTest.keyClick(page.field, Qt.Key.Key_Return)
    desk = desk_of(window)
    _tell(before=_network(desk))
    QTest.keySequence(desk, "Ctrl+M")
    models = desk.page(MODELS).list
    until(lambda: models.row("demo-language"), what="the rows")
    for section in models.sections.values():
        section.all_button.click()
    until(lambda: models.row(MODEL), what="the row")
    row = models.row(MODEL)
    assert row is not None
    models.pane.ensureWidgetVisible(row)
    click(row.do_button)
    _tell(asked=row.said.plain_text())
    click(row.go_button)
    until(lambda: 50 < row.bar.value() < 900, what="the progress")
    _tell(during=_network(desk), said=row.said.plain_text(), button=row.do_button.text())
    click(row.do_button)
    until(lambda: row.do_button.text() == "Resume", what="the pause")
    until(lambda: _network(desk).startswith("Offline"), what="the door to close")
    _tell(paused=row.said.plain_text(), after_pause=_network(desk))
    click(row.do_button)
    until(lambda: row.chip.text() == "in use" and row.do_button.text() == "Options", what="the model in use")
    until(lambda: "Qwen3 0.6B" in desk.side_bar.models.plain_text(), what="its name in the side bar")
    until(lambda: _network(desk).startswith("Offline"), what="the door to close")
    click(desk.side_bar.rows["privacy"])
    privacy = desk.page(PRIVACY)

    def openings() -> list[str]:
        rows = privacy.ledger.findChildren(SettingRow)
        return [row.words.plain_text() for row in rows if row.isVisible()][1:]

    until(lambda: len(openings()) == 2, what="the ledger")
    _tell(ledger=openings(), after=_network(desk))


if __name__ == "__main__":
    if sys.argv[1] == "--window":
        sys.exit(run_window())
    sys.exit(run_launcher(json.loads(Path(sys.argv[1]).read_text()), sys.argv[2:]))
