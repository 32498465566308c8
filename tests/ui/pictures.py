"""A picture of each page in both themes, from the demo call: `python -m tests.ui.pictures FOLDER`."""

import json
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from PySide6.QtWidgets import QApplication

from app.catalog.download import network_log
from app.core import resources
from app.core.errors import MediaDamaged, Offline
from app.core.fit import Verdict
from app.core.job import NullContext
from app.core.model import ModelKind
from app.services.application import Application
from app.services.models.listing import Forecast
from app.ui.calls.commands import CHECK, CHECK_TEXT, FIND
from app.ui.chats.commands import NEW as NEW_CHAT
from app.ui.key_entry.recovery_key_page import RecoveryKeyPage
from app.ui.main_window import MainWindow
from app.ui.models.page import PAGE as MODELS
from app.ui.privacy.page import PAGE as PRIVACY
from app.ui.shell.workspace import Workspace
from app.ui.style.theme import Choice, load_fonts
from app.ui.unlock.first_models_page import FirstModelsPage
from app.ui.unlock.pages import FreshPassphrasePage
from app.ui.unlock.restore_page import RestorePage
from tests.ui.models.download_broker import Keeper, demo, laid_out
from tests.ui.stage import (
    PASSPHRASE,
    close,
    desk_of,
    enter,
    page_of,
    product,
    settings_of,
    settle,
    shown,
    until,
    write_down,
)
from tests.ui.written_pictures import take_notes, take_tasks

THEMES: tuple[Choice, ...] = ("light", "dark")


class Camera:
    """Takes the same picture in both themes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def take(self, window: MainWindow, page: str) -> None:
        """Save a page as it is now."""
        for theme in THEMES:
            window.theme.choose(theme)
            settle(0.25)
            window.grab().save(str(self._folder / f"{page}_{theme}.png"))
        window.theme.choose("light")
        settle(0.1)


def take_settings(window: MainWindow, desk: Workspace, camera: Camera, scratch: Path) -> None:
    """The settings: as they are, with a form open, and after a check."""
    page = settings_of(desk)
    camera.take(window, "settings")
    page.keys.change_button.click()
    page.keys.passphrase_form.field.setText(PASSPHRASE)
    page.keys.fresh.field.setText("correct horse battery")
    camera.take(window, "settings_passphrase")
    desk.escape()
    page.backups.back_up(scratch / "backup.tacit")
    until(lambda: page.notice.text, 60, "the backup")
    page.backups.check_button.click()
    until(lambda: "whole" in page.notice.text, 60, "the check")
    camera.take(window, "settings_checked")


def take_ways_in(window: MainWindow, camera: Camera, scratch: Path) -> None:
    """The lock screen with the keychain, with the recovery key, and what restores a backup."""
    lock = window.unlock_page
    assert lock is not None
    lock.field.clear()
    lock.offer_keychain()
    camera.take(window, "unlock_keychain")
    lock.recovery_button.click()
    camera.take(window, "unlock_recovery_key")
    lock.recovery_button.click()
    lock.restore_button.click()
    restore = page_of(window, RestorePage)
    restore.choose_backup(scratch / "backup.tacit")
    restore.field.setText(PASSPHRASE)
    restore.go_button.click()
    until(lambda: restore.go_button.text() == "Replace the vault", 60, "the backup")
    camera.take(window, "restore")
    restore.leave_button.click()
    fresh = FreshPassphrasePage(window.theme, window.stack)
    window.stack.addWidget(fresh)
    window.stack.setCurrentWidget(fresh)
    camera.take(window, "new_passphrase")
    window.stack.removeWidget(fresh)
    fresh.deleteLater()


def take_check(window: MainWindow, desk: Workspace, camera: Camera) -> None:
    """A text that is checked against the call: what it says, a day that is another one, and what it does not say."""
    first = desk.calls.call.transcript.lines.utterance(0).text
    desk.run(CHECK_TEXT)
    settle(0.3)
    camera.take(window, "check_empty")
    desk.calls.check.field.setPlainText(
        f"{first} The test results will be sent on Sunday. Leo sold his bicycle in May."
    )
    desk.run(CHECK)
    until(lambda: desk.calls.check.has_report, 60, "the verdicts")
    settle(0.3)
    camera.take(window, "check")
    desk.escape()


def take_models(window: MainWindow, desk: Workspace, camera: Camera, keeper: Keeper, models: Path) -> None:
    """The page of models: nothing here, asking, downloading, an error, models in use, and what the fit says."""
    page = desk.show_page(MODELS).list
    until(lambda: (found := page.row("qwen3-8b")) and found.offer.forecast, what="the rows")
    camera.take(window, "models_none")
    row, other = page.row("qwen3-4b-instruct-2507"), page.row("faster-whisper-small")
    assert row is not None
    assert other is not None
    row.do_button.click()
    camera.take(window, "models_asking")
    row.go_button.click()
    other.do_button.click()
    other.go_button.click()
    until(lambda: keeper.requests, what="the request")
    whole = row.offer.size
    for step in range(8):
        keeper.advance(row.offer.id, whole // 3 + step * 11_000_000, whole)
        settle(0.3)
    camera.take(window, "models_downloading")
    row.do_button.click()
    until(lambda: desk.page(MODELS).downloads.download_of(row.offer.id) is None, what="the pause")
    until(lambda: {"pull": other.offer.id} in keeper.requests, what="the second request")
    keeper.tell(type="failed", model=other.offer.id, kind="Offline", title=Offline().title, advice=Offline().advice)
    until(lambda: desk.page(MODELS).downloads.errors, what="the error")
    laid_out(models, demo(ModelKind.LANGUAGE), "qwen3-1.7b-q4", "Qwen3 1.7B (Q4_K_M)")
    laid_out(models, demo(ModelKind.SPEECH), "faster-whisper-base", "Whisper base")
    (models / ".incoming" / "qwen3-8b").mkdir(parents=True)
    with (models / ".incoming" / "qwen3-8b" / "part").open("wb") as part:
        part.truncate(3_100_000_000)
    page.read_again()
    until(lambda: (found := page.row("qwen3-8b")) and found.offer.arrived, what="the part")
    page.pane.verticalScrollBar().setValue(0)
    camera.take(window, "models_unmeasured")
    page.cards.measure_button.click()
    until(lambda: not page.cards.measure_button.isVisible(), 60, "the measurement")
    page.context.slider.setFocus()
    before = row.offer.forecast
    page.context.slider.setValue(90)
    until(lambda: row.offer.forecast not in (before, None), what="the forecasts")
    camera.take(window, "models_measured")
    settle(0.2)
    page.pane.ensureWidgetVisible(other)
    camera.take(window, "models_error")
    verdicts = (
        Forecast(Verdict.WELL, 4_100_000_000, "about 18 tokens a second"),
        Forecast(Verdict.TIGHT, 8_900_000_000, "about 6.0 tokens a second"),
        Forecast(Verdict.NOT, 13_600_000_000),
    )
    rows = [row for section in page.sections.values() for row in section.rows.values()]
    for n, shown_row in enumerate(rows):
        shown_row.show_offer(replace(shown_row.offer, forecast=verdicts[n % 3]), None, None)
    camera.take(window, "models_fits")
    window.resize(700, 700)
    camera.take(window, "models_narrow")
    window.resize(1320, 860)


def take_inside(window: MainWindow, desk: Workspace, camera: Camera, tacit: Application) -> None:
    """The page of one model: mixed types, measuring, measured, a copy and its template, narrow, and one for speech."""
    made = tacit.quantizing.quantise(tacit.models.named("qwen3-1.7b-q4"), "Q4_K_M", NullContext())
    models = desk.show_page(MODELS).list
    models.read_again()
    until(lambda: models.row(made.name), what="the row")
    page = desk.page(MODELS).show_model(models.row(made.name).offer)  # type: ignore[union-attr]
    until(lambda: page.header.fold_button.isVisible() and page.quantize.chosen, what="what is inside")
    camera.take(window, "model")
    page.speed.measure_button.click()
    until(lambda: "0:02 of" in page.speed.line.said.text(), 60, "the measuring")
    camera.take(window, "model_measuring")
    until(lambda: page.speed.line.isHidden(), 60, "the measurement")
    kept = tacit.settings.sibling_path("measured.json")
    file = json.loads(kept.read_text())
    for history in file["measurements"].values():
        for n in range(6):
            newest = dict(history[-1], at=f"2026-11-{10 + n}T09:00:00+00:00")
            history.insert(n, newest | {"tokens_out": newest["tokens_out"] * (1.0, 1.1, 0.7, 1.15, 1.2, 1.18)[n]})
    kept.write_text(json.dumps(file))
    page.begin()
    until(page.speed.chart.isVisible, what="the chart")
    camera.take(window, "model_measured")
    page.quantize.write_button.click()
    until(lambda: page.notice.text, 60, "the copy")
    page.template.toggle()
    settle(0.2)
    page.pane.verticalScrollBar().setValue(10_000)
    camera.take(window, "model_end")
    desk.escape()
    page.notice.hide()
    window.resize(700, 860)
    page.pane.verticalScrollBar().setValue(0)
    camera.take(window, "model_narrow")
    window.resize(1320, 860)
    desk.escape()
    page = desk.page(MODELS).show_model(models.row("faster-whisper-base").offer)  # type: ignore[union-attr]
    until(page.header.fold_button.isVisible, what="what is inside")
    camera.take(window, "model_speech")


def main_models(folder: Path, scale: float | None = None) -> int:
    """The pictures of models and of the first start alone; `scale` 2 is text of 200 %."""
    app = QApplication.instance() or QApplication(sys.argv[:1])
    load_fonts()
    camera, keeper = Camera(folder), Keeper()
    with tempfile.TemporaryDirectory() as scratch:
        window = shown(product(Path(scratch), door=keeper.ends, proposes_models=True), scale)
        assert window.create_page is not None
        camera.take(window, "first_step")
        window.create_page.demo_button.click()
        desk_of(window)
        settle(0.5)
        camera.take(window, "first_demo")
        close(window)
        tacit = product(Path(scratch), door=keeper.ends, proposes_models=True)
        window = shown(tacit, scale)
        assert window.create_page is not None
        window.create_page.field.setText(PASSPHRASE)
        window.create_page.repeat.setText(PASSPHRASE)
        window.create_page.create_button.click()
        page_of(window, RecoveryKeyPage)
        write_down(window)
        first = page_of(window, FirstModelsPage)
        until(lambda: first.offers, what="the proposal")
        settle(0.3)
        camera.take(window, "first_models")
        take_models(window, desk_of(window), camera, keeper, Path(scratch) / "models")
        take_inside(window, desk_of(window), camera, tacit)
        close(window)
    del app
    return 0


def take_privacy(window: MainWindow, desk: Workspace, camera: Camera, models: Path) -> None:
    """What keeps this process offline, when the door was open, and after the proof."""
    qwen, whisper = "qwen3-1.7b-q4", "faster-whisper-small"
    for model, arrived, ending in (
        (qwen, 412_000_000, "stopped"), (qwen, 1_107_409_472, "arrived"), (whisper, 3_000_000, "Offline"),
    ):  # fmt: skip
        noting = network_log.NetworkLogWriter(models, model)
        noting.count("huggingface.co", 4_200)
        noting.count("us.aws.cdn.hf.co", arrived)
        noting.close(ending)
    page = desk.show_page(PRIVACY)
    assert page is not None
    settle(0.3)
    camera.take(window, "privacy")
    page.prove()
    until(lambda: page.proof is not None, 30, "the proof")
    settle(0.3)
    camera.take(window, "privacy_proved")
    page.pane.ensureWidgetVisible(page.ledger)
    camera.take(window, "privacy_ledger")
    page.pane.verticalScrollBar().setValue(10_000)
    camera.take(window, "privacy_end")


def main(folder: Path) -> int:
    """Take all pictures."""
    app = QApplication.instance() or QApplication(sys.argv[:1])
    load_fonts()
    camera = Camera(folder)
    with tempfile.TemporaryDirectory() as scratch:
        window = shown(product(Path(scratch)))
        assert window.create_page is not None
        window.create_page.field.setText("correct horse battery")
        camera.take(window, "create")
        window.create_page.field.setText(PASSPHRASE)
        window.create_page.repeat.setText(PASSPHRASE)
        window.create_page.create_button.click()
        page_of(window, RecoveryKeyPage)
        camera.take(window, "recovery_key")
        write_down(window)
        desk = desk_of(window)
        settle(0.5)
        camera.take(window, "empty")
        desk.calls.take_in([resources.demo_call()])
        until(lambda: any(w.progress is not None and w.job.subject for w in desk.calls.work.all()), 60, "progress")
        camera.take(window, "importing")
        until(lambda: desk.calls.list.rows.rows and not desk.calls.work.all(), 240, "the end of the work")
        settle(0.6)
        call = desk.calls.call
        call.player.seek(10.0)
        camera.take(window, "call")
        call.side.composer.field.setPlainText("When will the test results be sent?")
        call.side.composer.send_button.click()
        until(lambda: call.side.reply_stream.is_running, 5)
        until(lambda: not call.side.reply_stream.is_running, 120, "the answer")
        settle(0.5)
        camera.take(window, "ask")
        take_check(window, desk, camera)
        desk.run(FIND)
        desk.calls.search.setText("launch")
        settle(0.8)
        camera.take(window, "search")
        desk.calls.clear_search()
        desk.calls.call.notice.show_error(MediaDamaged())
        camera.take(window, "error")
        desk.run(NEW_CHAT)
        until(lambda: desk.chats.starters.isVisible(), what="the new chat")
        camera.take(window, "chat_new")
        desk.chats.composer.field.setPlainText("Who will update the launch plan?")
        desk.chats.composer.send_button.click()
        until(lambda: not desk.chats.reply_stream.is_running, 120, "the answer")
        settle(0.8)
        camera.take(window, "chat")
        take_notes(window, desk, camera)
        take_tasks(window, desk, camera)
        take_settings(window, desk, camera, Path(scratch))
        take_privacy(window, desk, camera, Path(scratch) / "models")
        close(window)
        window = shown(product(Path(scratch)))
        assert window.unlock_page is not None
        window.unlock_page.field.setText("correct horse")
        camera.take(window, "unlock")
        take_ways_in(window, camera, Path(scratch))
        window.resize(700, 700)
        desk = enter(window)
        settle(0.6)
        desk.calls.open(desk.calls.list.rows.rows[0].call)
        settle(0.8)
        camera.take(window, "narrow")
        assert desk_of(window) is desk
        close(window)
    del app
    return 0


if __name__ == "__main__":
    made_in = Path(sys.argv[1])
    sys.exit(main_models(made_in, 1.0) or main_models(made_in / "large", 2.0) or main(made_in))
