"""The page of models through its widgets: the door is two real pipes, whose other end the test holds."""

import os
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QWidget

from app.core import resources
from app.core.errors import Offline
from app.core.model import ModelKind
from app.services.application import Application
from app.services.hardware import memory_and_cores
from app.ui.calls.page import PAGE as CALLS
from app.ui.chats.page import PAGE as CHATS
from app.ui.main_window import MainWindow
from app.ui.models.downloads import DownloadRate
from app.ui.models.model_row import ModelRow
from app.ui.models.models_page import ModelsPage
from app.ui.models.page import PAGE as MODELS
from app.ui.shell.workspace import Workspace
from app.ui.unlock.first_models_page import FirstModelsPage
from app.ui.widgets.dialogs import ConfirmDialog
from tests.ui.models.download_broker import Keeper, demo, laid_out
from tests.ui.stage import PASSPHRASE, close, desk_of, enter, everything, page_of, product, until, write_down

Show = Callable[[Application], MainWindow]
QWEN, WHISPER = "qwen3-4b-instruct-2507", "faster-whisper-small"


@pytest.fixture
def keeper() -> Iterator[Keeper]:
    made = Keeper()
    yield made
    made.close()


@pytest.fixture
def with_door(tmp_path: Path, keeper: Keeper, monkeypatch: pytest.MonkeyPatch) -> Application:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return product(tmp_path, door=keeper.ends, proposes_models=True)


def models_of(desk: Workspace) -> ModelsPage:
    """The page, reached by its keys."""
    QTest.keySequence(desk, "Ctrl+M")
    page = desk.page(MODELS).list
    assert page is not None
    until(lambda: page.row("demo-language"), what="the rows")
    return page


def row_of(page: ModelsPage, model: str) -> ModelRow:
    until(lambda: page.row("demo-language"), what="the rows")
    for section in page.sections.values():
        section.all_button.click()  # on a small computer the large ones come with a click
    until(lambda: page.row(model), what=model)
    row = page.row(model)
    assert row is not None
    return row


def proposal(tacit: Application, show: Show) -> tuple[MainWindow, FirstModelsPage]:
    """The step of the first start that proposes models."""
    window = show(tacit)
    assert window.create_page is not None
    window.create_page.field.setText(PASSPHRASE)
    window.create_page.repeat.setText(PASSPHRASE)
    window.create_page.create_button.click()
    write_down(window)
    page = page_of(window, FirstModelsPage)
    assert window.workspace is None
    return window, page


def network(desk: Workspace) -> str:
    return f"{desk.side_bar.network.text()}: {desk.side_bar.network_words.plain_text()}"


def drop(target: QWidget, *paths: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    copy, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    target.dropEvent(QDropEvent(QPointF(300, 300), copy, data, left, none))


def test_a_download_is_agreed_to_shown_paused_resumed_and_used(
    with_door: Application, keeper: Keeper, show: Show, tmp_path: Path
) -> None:
    window = show(with_door)
    desk = enter(window)
    assert network(desk).startswith("Offline, enforced")
    page = models_of(desk)
    row = row_of(page, QWEN)
    until(lambda: row.offer.forecast is not None, what="the forecast")
    assert row.fit_words.plain_text().partition("\n")[0] in ("Runs well", "Tight", "Slow", "Does not fit")
    chips = [[row.chip.text() for row in section.rows.values()].count("proposed") for section in page.sections.values()]
    assert chips == [1, 1, 0, 0], "one of each kind that is needed is proposed"
    row.do_button.click()
    assert row.said.plain_text() == "From huggingface.co, 2.5 GB, Apache-2.0. Only the downloader connects."
    QTest.keySequence(desk, "Escape")
    assert row.confirmation.isHidden()
    assert page.isVisible(), "Escape closes what is open first"
    row.do_button.click()
    row.details_button.click()
    assert row.offer.files[0].sha256 in row.details.plain_text()
    assert keeper.requests == [], "nothing connects before a person has agreed"
    QTest.keyClick(row.go_button, Qt.Key.Key_Space)
    until(lambda: keeper.requests, what="the request")
    assert keeper.requests == [{"pull": QWEN}]
    whole = row.offer.size
    for share in (4, 3, 2):
        keeper.advance(QWEN, whole // share, whole)
    until(lambda: row.bar.value() == 500, what="half of it")
    assert row.said.plain_text().startswith("1.2 GB loaded")
    assert network(desk) == (
        "Online for one download: Only the downloader may connect, only to the model host. It stops when it is done."
    )
    assert row.do_button.text() == "Pause"
    part = tmp_path / "models" / ".incoming" / QWEN / "part"
    part.parent.mkdir(parents=True)
    part.write_bytes(b"x" * 1000)
    row.do_button.click()
    until(lambda: row.do_button.text() == "Resume", what="the pause")
    assert keeper.requests[1:] == [{"cancel": QWEN}]
    until(lambda: network(desk).startswith("Offline, enforced"), what="the door to close")
    row.do_button.click()
    until(lambda: len(keeper.requests) == 3, what="the request to go on")
    part.unlink()
    laid_out(tmp_path / "models", demo(ModelKind.LANGUAGE), QWEN, "Qwen3 4B Instruct 2507", "catalogue")
    keeper.tell(type="arrived", model=QWEN)
    until(lambda: row.chip.text() == "in use" and row.do_button.text() == "Options", what="the model in use")
    until(lambda: "Qwen3 4B Instruct 2507" in desk.side_bar.models.plain_text(), what="its name in the side bar")
    row_of(page, "demo-language").do_button.click()
    until(lambda: row.do_button.text() == "Use", what="the demo model in use")
    row.do_button.click()
    until(lambda: row.chip.isVisible() and row.chip.text() == "in use", what="the choice")


def test_the_slider_in_minutes_moves_every_forecast_and_what_the_engine_reads(tacit: Application, show: Show) -> None:
    window = show(tacit)
    desk = enter(window)
    page = models_of(desk)
    slider, row = page.context.slider, row_of(page, QWEN)
    until(lambda: row.offer.forecast, what="the forecast")
    assert (slider.value(), page.context.said.text()) == (25, "For calls up to about 25 minutes")
    assert session_context(window) == 2048, "what the demo model was trained for"
    first = row.offer.forecast
    slider.setFocus()
    for _ in range(4):
        QTest.keyClick(slider, Qt.Key.Key_Right)
    assert page.context.said.text() == "For calls up to about 45 minutes", "said at once"
    assert tacit.settings.current.context_tokens == 8192, "and done when it rests"
    until(lambda: row.offer.forecast != first, what="the new forecast")
    assert first is not None
    assert row.offer.forecast is not None
    # Qwen3 4B keeps 147,456 bytes of context for each of the 13,312 - 8,192 tokens more, and scratch for them.
    assert 750_000_000 < row.offer.forecast.need - first.need < 1_500_000_000
    demo_row = row_of(page, "demo-language")
    assert demo_row.fit_words.plain_text().endswith("at most 6 min of call at once")
    slider.setValue(slider.value() - 2)
    assert slider.value() % 5 == 0
    turned = QPointF(5, 5)
    wheel = QWheelEvent(
        turned, turned, QPoint(), QPoint(0, -120), Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    slider.wheelEvent(wheel)
    assert slider.value() == 45
    QTest.keyClick(slider, Qt.Key.Key_Home)
    until(lambda: tacit.settings.current.context_tokens == 1536, what="the choice")
    until(lambda: "at most" not in demo_row.fit_words.plain_text(), what="the demo model's forecast")
    assert session_context(window) == 1536, "the engine that was in memory made room for one as wished"


def session_context(window: MainWindow) -> int:
    assert window.session is not None
    return window.session.engine_pool.language()[1].facts().context_tokens


def test_what_is_in_use_is_measured_by_a_click_and_stands_beside_the_other_facts(
    tacit: Application, show: Show, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory_and_cores, "busy_seconds", lambda: time.monotonic() * (os.cpu_count() or 1))
    desk = enter(show(tacit))
    page = models_of(desk)
    assert not page.cards.measure_button.isVisible(), "the demo models say nothing of this computer"
    said = [card.accessibleName() for card in page.cards.findChildren(QFrame) if card.isVisible()]
    assert any(name.startswith("graphics") for name in said)
    laid_out(tmp_path / "models", demo(ModelKind.LANGUAGE), "qwen3-1.7b-q4", "Qwen3 1.7B")
    laid_out(tmp_path / "models", demo(ModelKind.SPEECH), "faster-whisper-base", "Whisper base")
    page.read_again()
    until(page.cards.measure_button.isVisible, what="the offer to measure")
    QTest.keyClick(page.cards.measure_button, Qt.Key.Key_Space)
    assert page.cards.measure_button.text() == "Measuring…"
    until(lambda: page.cards.measure_words.text().startswith("Writing, "), 60, "how far it is")
    until(lambda: "Other programs kept the processor busy: " in page.notice.text, 60, "what is not kept")
    assert "tokens a second · " in page.notice.text
    until(page.cards.measure_button.isEnabled, what="the offer to measure again")
    monkeypatch.setattr(memory_and_cores, "busy_seconds", lambda: 0.0)  # as on a computer that does nothing else
    QTest.mouseClick(page.cards.measure_button, Qt.MouseButton.LeftButton)
    until(lambda: not page.cards.measure_button.isVisible(), 60, "the measurement")
    said = [card.accessibleName() for card in page.cards.findChildren(QFrame) if card.isVisible()]
    assert any(
        re.fullmatch(r"measured here today: [\d.,]+ tokens a second · [\d.,]+ times real time", name) for name in said
    )


def test_an_error_stays_in_its_row_and_is_told_where_the_person_is(
    with_door: Application, keeper: Keeper, show: Show
) -> None:
    desk = enter(show(with_door))
    page = models_of(desk)
    row = row_of(page, WHISPER)
    row.do_button.click()
    row.go_button.click()
    until(lambda: keeper.requests, what="the request")
    desk.show_page(CALLS)
    error = Offline()
    keeper.tell(type="failed", model=WHISPER, kind="Offline", title=error.title, advice=error.advice)
    until(lambda: desk.notice.text, what="the notice")
    assert desk.notice.text == f"{error.title} {error.advice}"
    next(b for b in desk.notice.findChildren(QPushButton) if b.text() == "Models").click()
    assert page.isVisible()
    assert row.said.plain_text() == f"{error.title} {error.advice}"
    assert row.do_button.text() == "Download"
    assert desk.calls.work.all() == [], "it is no work on a call"


def test_a_download_goes_on_while_tacit_is_locked_and_the_fresh_window_shows_it(
    with_door: Application, keeper: Keeper, show: Show, tmp_path: Path
) -> None:
    window = show(with_door)
    desk = enter(window)
    row = row_of(models_of(desk), QWEN)
    row.do_button.click()
    row.go_button.click()
    until(lambda: keeper.requests, what="the request")
    close(window)
    assert keeper.requests == [{"pull": QWEN}], "a lock cancels nothing"
    fresh = Keeper()  # the launcher gives each window its own pipes, and goes on telling what comes
    fresh.advance(QWEN, 2_000_000_000, row_size := 2_497_281_120)
    window = show(product(tmp_path, door=fresh.ends))
    lock = window.unlock_page
    assert lock is not None
    until(lambda: lock.download.isVisible(), what="the word on the lock screen")
    desk = enter(window)
    until(lambda: fresh.requests == [{"pull": QWEN}], what="joining in")
    fresh.advance(QWEN, 2_100_000_000, row_size)
    row = row_of(models_of(desk), QWEN)
    until(lambda: row.said.plain_text().startswith("2.1 GB loaded"), what="the progress")
    assert network(desk).startswith("Online for one download")
    row.do_button.click()
    until(lambda: {"cancel": QWEN} in fresh.requests, what="the pause")
    fresh.close()


def test_a_file_of_ones_own_is_dropped_tried_checked_packed_and_removed(
    tacit: Application, show: Show, tmp_path: Path
) -> None:
    desk = enter(show(tacit))
    page = models_of(desk)
    bad = tmp_path / "letter.gguf"
    bad.write_bytes(b"Dear all, this is no model.")
    drop(desk, bad)
    until(lambda: page.notice.text, what="the refusal")
    assert page.notice.text.startswith("This is no model that Tacit can use. It was left as it is;")
    hollow = tmp_path / "hollow.gguf"
    hollow.write_bytes(b"GGUF" + b"\0" * 4096)
    drop(desk, hollow)
    until(lambda: "damaged" in page.notice.text, 60, "the worker's refusal")
    good = tmp_path / "Our Model.Q8_0.gguf"
    good.write_bytes(demo(ModelKind.LANGUAGE).path.read_bytes())
    desk.show_page(CALLS)
    drop(desk, good)
    until(lambda: page.isVisible(), what="the page of models")
    row = row_of(page, "our-model.q8_0")
    assert (row.offer.type, row.chip.text(), row.do_button.text()) == ("Q8_0", "in use", "Options")
    wishes = {action.text(): action for action in row.menu.actions()}
    assert list(wishes) == ["Look inside", "Check its files", "Write a model pack…", "Remove…"]
    wishes["Check its files"].trigger()
    until(lambda: "is as it came" in page.notice.text, 30, "the check")
    page.write_pack(row.offer, tmp_path / "pack.zip")
    until(lambda: "pack is written" in page.notice.text, 30, "the pack")
    assert (tmp_path / "pack.zip").stat().st_size > good.stat().st_size
    wishes["Remove…"].trigger()
    page_of(page, ConfirmDialog).yes_button.click()
    until(lambda: page.row("our-model.q8_0") is None, what="the removal")
    assert row_of(page, "demo-language").chip.text() == "in use"


def test_models_and_recordings_that_are_dropped_together_go_their_own_ways(
    tacit: Application, show: Show, tmp_path: Path
) -> None:
    desk = enter(show(tacit))
    model = tmp_path / "Monday.wav"  # whatever it is called
    model.write_bytes(demo(ModelKind.LANGUAGE).path.read_bytes())
    letter = tmp_path / "letter.dat"
    letter.write_bytes(b"\0\1 Dear all")
    drop(desk, model, resources.demo_call())
    until(lambda: desk.page(MODELS).list.row("monday"), 60, "the model")
    assert desk.is_shown(MODELS)
    assert "recordings among these are imported too" in desk.notice.text
    until(lambda: desk.calls.work.all() or desk.calls.list.rows.rows, what="the import")
    drop(desk, letter)
    page = desk.page(MODELS).list
    assert page is not None
    until(lambda: "no model that Tacit can use" in page.notice.text, what="the refusal, where the person is")
    drop(desk, resources.demo_call())
    until(lambda: desk.stack.currentWidget() is desk.calls, what="the calls")
    drop(desk, letter)
    until(lambda: "This file holds no sound" in desk.calls.notice.text, what="the refusal as a recording")


def test_the_first_start_proposes_two_models_and_they_come_one_after_the_other(
    with_door: Application, keeper: Keeper, show: Show
) -> None:
    window, page = proposal(with_door, show)
    assert not page.pull_button.isEnabled()
    until(lambda: page.offers, what="the proposal")
    said = " ".join(label.text() for label in page.findChildren(QLabel))
    assert all(offer.name in said for offer in page.offers)
    assert page.pull_button.text().startswith("Download both, ")
    assert keeper.requests == []
    QTest.keyClick(page.pull_button, Qt.Key.Key_Space)
    desk = desk_of(window)
    first, second = page.offers
    until(lambda: keeper.requests == [{"pull": first.id}], what="the first request")
    row = row_of(desk.page(MODELS).list, second.id)
    assert row.said.plain_text() == "Waiting for its turn"
    keeper.tell(type="stopped", model=first.id)
    until(lambda: {"pull": second.id} in keeper.requests, what="the second request")


def test_later_leaves_the_demo_models_in_use_and_the_step_does_not_come_again(tacit: Application, show: Show) -> None:
    window = show(tacit)
    desk = enter(window)  # which leaves the models for later
    until(lambda: "Demo speech model" in desk.side_bar.models.plain_text(), what="the names")
    desk.calls.take_in([resources.demo_call()])
    until(lambda: desk.calls.work.all(), what="the demo call at hand")
    close(window)
    window = show(tacit)
    enter(window)
    assert not window.findChildren(FirstModelsPage)


def test_without_a_door_the_page_says_what_to_do(tacit: Application, show: Show) -> None:
    page = models_of(enter(show(tacit)))
    row = row_of(page, QWEN)
    row.do_button.click()
    row.go_button.click()
    until(lambda: row.said.plain_text().startswith("This process was not started"), what="the refusal")


def test_everything_on_the_page_is_named_and_reached_by_keys_and_escape_leaves(tacit: Application, show: Show) -> None:
    window = show(tacit)
    desk = enter(window)
    desk.show_page(CHATS)
    page = models_of(desk)
    for section in page.sections.values():
        section.all_button.click()
    assert page.row("qwen3-0.6b") is not None
    seen = everything(page)
    nameless = [type(widget).__name__ for widget in seen if not widget.accessibleName()]
    assert nameless == []
    buttons = [widget for widget in seen if isinstance(widget, QPushButton)]
    assert all(button.focusPolicy() & Qt.FocusPolicy.TabFocus for button in buttons)
    assert len({button.accessibleName() for button in buttons}) == len(buttons), "no two are called the same"
    reached: set[QWidget] = set()
    page.pane.setFocus()
    for _ in range(len(buttons) + 40):
        QTest.keyClick(window.focusWidget(), Qt.Key.Key_Tab)
        reached.add(window.focusWidget())
    assert [button.accessibleName() for button in buttons if button not in reached] == []
    QTest.keySequence(desk, "Escape")
    assert desk.stack.currentWidget() is desk.chats


def test_a_speed_is_that_of_the_last_seconds() -> None:
    clock = iter([0.0, 0.5, *map(float, range(1, 40))])
    pace = DownloadRate(lambda: next(clock))
    for done in (0.0, 50.0):
        pace.take(done)
    assert pace.bytes_per_second is None
    for second in range(1, 21):
        pace.take(100.0 * second)
    assert pace.bytes_per_second == pytest.approx(100.0)
    assert pace.seconds(1000.0) == pytest.approx(10.0)
    for _ in range(21, 40):
        pace.take(2000.0)
    assert [pace.bytes_per_second, pace.seconds(1000.0)] == [0.0, None]
