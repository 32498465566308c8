"""The page of one model through its widgets, with the real workers on the demo models."""

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from app.core.figures import speech_speed
from app.core.job import Lane
from app.core.model import ModelKind
from app.services.application import Application
from app.services.hardware import memory_and_cores
from app.ui.calls.page import PAGE as CALLS
from app.ui.main_window import MainWindow
from app.ui.models.model_page import ModelPage
from app.ui.models.page import PAGE as MODELS
from app.ui.models.weights_map import ROLES, squarified_treemap, tint
from app.ui.shell.workspace import Workspace
from app.ui.style.theme import Theme
from tests.ui.models.download_broker import demo, laid_out
from tests.ui.stage import enter, everything, settle, until
from tests.ui.style.test_theme import contrast

Show = Callable[[Application], MainWindow]


@pytest.fixture
def own(tacit: Application) -> Application:
    """The product with a language model of one's own, in eight bits, which is in use."""
    laid_out(tacit.models.folder, demo(ModelKind.LANGUAGE), "our-model", "Our model")
    return tacit


def inside(desk: Workspace, model: str) -> ModelPage:
    """The page of a model, reached as a person does: by its menu, or its button."""
    QTest.keySequence(desk, "Ctrl+M")
    models = desk.page(MODELS).list
    assert models is not None
    until(lambda: models.row(model), what="the row")
    row = models.row(model)
    assert row is not None
    look = next((action for action in row.menu.actions() if action.text() == "Look inside"), None)
    assert look is not None
    look.trigger()
    page = desk.page(MODELS).model_pages[model]
    assert page.isVisible()
    return page


def said(widget: QWidget) -> str:
    return " ".join(label.text() for label in widget.findChildren(QLabel) if label.isVisibleTo(widget))


def test_a_look_inside_shows_what_it_is_and_where_its_bytes_are(own: Application, show: Show) -> None:
    window = show(own)
    desk = enter(window)
    page = inside(desk, "our-model")
    until(lambda: said(page.weights) and page.quantize.isVisible(), what="what is inside")
    facts = said(page.cards)
    for fact in ("4.5 million parameters", "llama architecture", "2,048 tokens context", "1,795 tokens vocabulary"):
        assert fact in facts
    tiles = page.weights.map.tiles
    whole = sum(portion.size for _, portion in tiles)
    room = page.weights.map.width() * page.weights.map.height()
    for place, portion in tiles:
        assert place.width() * place.height() / room == pytest.approx(portion.size / whole, rel=0.01)
        assert QRectF(page.weights.map.rect()).adjusted(-0.01, -0.01, 0.01, 0.01).contains(place)
    assert "feed forward: 2.9 MB in 15 tensors of Q8_0" in page.weights.map.accessibleDescription()
    assert "Q8_0 4.8 MB 100 % 36 tensors" in said(page.weights)

    seen = everything(page)
    assert [type(widget).__name__ for widget in seen if not widget.accessibleName()] == []
    buttons = [widget for widget in seen if isinstance(widget, QPushButton)]
    reached: set[QWidget] = set()
    for _ in range(len(buttons) + 20):
        QTest.keyClick(window.focusWidget(), Qt.Key.Key_Tab)
        reached.add(window.focusWidget())
    assert [button.accessibleName() for button in buttons if button not in reached] == []

    QTest.keyClick(page.template.fold_button, Qt.Key.Key_Space)
    until(page.template.view.isVisible, what="the template")
    assert page.template.view.toPlainText().startswith("{% for message in messages %}")
    QTest.keySequence(desk, "Escape")
    assert not page.template.is_open
    assert page.isVisible(), "Escape closes what is open first"
    QTest.keySequence(desk, "Escape")
    assert desk.page(MODELS).list.isVisible()
    row = desk.page(MODELS).list.row("our-model")
    assert row is not None
    assert window.focusWidget() is row.do_button
    desk.page(MODELS).show_model(row.offer).back_button.click()
    assert desk.page(MODELS).list.isVisible()


def test_what_is_measured_beside_busy_programs_is_told_and_not_kept(
    own: Application, show: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory_and_cores, "busy_seconds", lambda: time.monotonic() * (os.cpu_count() or 1))
    desk = enter(show(own))
    page = inside(desk, "demo-speech")
    QTest.mouseClick(page.speed.measure_button, Qt.MouseButton.LeftButton)
    until(lambda: "Other programs kept the processor busy: " in page.notice.text, 60, "what was measured")
    assert "times real time just now." in page.notice.text
    assert "was not kept" in page.notice.text
    assert own.benchmark.history() == []
    assert page.speed.measure_button.isEnabled()


def test_a_measurement_can_be_stopped_and_each_one_is_kept_and_drawn(
    own: Application, show: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory_and_cores, "busy_seconds", lambda: 0.0)  # as on a computer that does nothing else
    window = show(own)
    desk = enter(window)
    page = inside(desk, "our-model")
    until(lambda: page.speed.speed_row.words.plain_text(), what="the words of the empty state")
    assert page.speed.speed_row.words.plain_text().startswith("Not measured yet.")
    QTest.keyClick(page.speed.measure_button, Qt.Key.Key_Space)
    until(lambda: page.speed.line.said.text().startswith("Writing, "), 60, "the progress")
    page.speed.line.stop_button.click()
    until(lambda: page.speed.line.isHidden(), what="the stop")
    assert page.speed.measure_button.isEnabled()
    assert page.notice.text == ""
    assert own.benchmark.history() == []
    assert not own.settings.sibling_path("engines.json").exists(), "a model is not to blame for what was stopped"

    page = inside(desk, "demo-speech")
    until(lambda: page.weights.isVisible(), what="what is inside")
    assert page.quantize.isHidden(), "only language models can be written in another type"
    assert page.template.isHidden()
    for count in (1, 2):
        page.speed.measure_button.click()
        if count == 2:
            desk.show_page(CALLS)  # it goes on, and is told where the person is
        until(lambda: page.speed.line.isHidden(), 60, "the measurement")
        assert len(own.benchmark.history()) == count
    assert desk.notice.text.startswith("demo-speech is measured: ")
    page = inside(desk, "demo-speech")
    until(page.speed.chart.isVisible, what="the chart")
    newest = own.benchmark.history()[-1]
    assert newest.realtime > 0  # how fast a busy computer is, is nobody's fault
    assert f"{speech_speed(newest.realtime)} transcribed" in said(page.speed.cards)
    assert page.speed.chart.accessibleDescription().startswith("2 measurements in times real time, from ")


def test_a_smaller_copy_is_told_before_written_and_stands_on_the_shelf(
    own: Application, show: Show, tmp_path: Path
) -> None:
    desk = enter(show(own))
    page = inside(desk, "our-model")
    until(lambda: page.quantize.chosen, what="the types")
    assert page.quantize.choice is not None
    offered = [action.data() for action in page.quantize.choice.menu().actions()]
    assert offered[0] == "Q6_K"
    assert not {"F16", "Q8_0"} & set(offered), "a copy that is no smaller makes no sense"
    page.quantize.choice.choose("Q4_0")
    chosen = page.quantize.chosen
    assert chosen is not None
    assert "Q4_0 takes about 2.7 MB instead of 4.8 MB" in page.quantize.copy_row.words.plain_text()

    turn = threading.Event()
    window = page.window()
    assert isinstance(window, MainWindow)
    window.bridge.run_job(lambda _: turn.wait(30), lane=Lane.BACKGROUND)
    page.quantize.write_button.click()
    assert page.quantize.line.said.text() == "Waiting for its turn"
    page.quantize.line.stop_button.click()
    turn.set()
    until(lambda: page.quantize.line.isHidden(), what="the stop")
    assert [model.name for model in own.models.here() if not model.is_demo] == ["our-model"]

    page.quantize.write_button.click()
    until(lambda: page.notice.text, 60, "the copy")
    assert page.notice.text.startswith("Our model is here in Q4_0: 2.7 MB instead of 4.8 MB.")
    written = own.models.folder / "our-model-q4_0" / "our-model-Q4_0.gguf"
    assert written.stat().st_size == pytest.approx(chosen.size, rel=0.02)
    until(lambda: page.quantize.chosen and page.quantize.chosen.type_name != "Q4_0", what="the other types")
    copy = inside(desk, "our-model-q4_0")
    assert (copy.title.plain_text(), copy.words.plain_text()) == ("Our model", "Written here anew.")
    until(lambda: "Q4_0" in said(copy.weights), what="what is inside the copy")
    in_use = own.models.in_use(ModelKind.LANGUAGE)
    assert in_use is not None
    assert in_use.name == "our-model", "a copy is not taken into use by itself"


def test_a_model_that_lies_about_itself_is_refused_in_words(own: Application, show: Show) -> None:
    whole = demo(ModelKind.LANGUAGE).path.read_bytes()
    (own.models.folder / "cut.gguf").write_bytes(whole[: len(whole) // 2])
    page = inside(enter(show(own)), "cut")
    until(lambda: page.notice.text, what="the refusal")
    assert "damaged" in page.notice.text
    assert page.inspection_status.plain_text() == "Nothing of it can be shown."
    settle(0.3)
    assert page.quantize.isHidden()


def test_words_on_every_colour_of_the_picture_can_be_read(theme: Theme) -> None:
    for choice in ("light", "dark"):
        theme.choose(choice)
        assert min(contrast(theme.color("text").name(), tint(theme, role).name()) for role in ROLES) >= 4.5


def test_areas_are_as_large_as_what_they_stand_for_and_near_to_squares() -> None:
    sizes = [6.0, 6.0, 4.0, 3.0, 2.0, 2.0, 1.0]
    places = squarified_treemap(sizes, QRectF(10, 20, 600, 400))
    assert [place.width() * place.height() / 10_000 for place in places] == pytest.approx(sizes)
    assert all(1 / 3 < place.width() / place.height() < 3 for place in places)
    assert not any(a.adjusted(0.1, 0.1, -0.1, -0.1).intersects(b) for a in places for b in places if a is not b)
    assert squarified_treemap([], QRectF(0, 0, 1, 1)) == []
