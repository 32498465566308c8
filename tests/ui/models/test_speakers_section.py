"""The section for models that tell voices apart, through its widgets, with the real workers."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QLabel

from app.core.model import ModelKind
from app.services.application import Application
from app.ui.main_window import MainWindow
from app.ui.models.page import PAGE as MODELS
from tests.making_models.voice_prints import make
from tests.ui.models.test_models_page import drop, models_of, row_of
from tests.ui.stage import enter, until

Show = Callable[[Application], MainWindow]
PROPOSED = "3dspeaker-campplus-en"


def test_the_section_says_what_such_a_model_is_for_and_offers_one(tacit: Application, show: Show) -> None:
    page = models_of(enter(show(tacit)))
    until(lambda: page.row(PROPOSED), what="the rows")
    section = page.sections[ModelKind.DIARIZATION]
    assert section.accessibleName() == "Speakers"
    assert section.purpose.plain_text() == (
        "Optional: tells the voices on one microphone apart, so that each speaker has lines of their own."
    )
    assert page.sections[ModelKind.SPEECH].purpose.isHidden()
    row = section.rows[PROPOSED]
    assert row.do_button.text() == "Download"
    assert "pyannote-segmentation-3.0" not in {row.offer.id for row in section.rows.values()}
    until(lambda: row.offer.forecast, 30, "the forecast")
    assert row.offer.forecast is not None
    assert row.offer.forecast.need == 3 * row.offer.size + 150_000_000
    assert list(page.sections)[-1] is ModelKind.DIARIZATION, "after the kinds that are needed"


def test_a_file_is_dropped_used_and_looked_into_and_one_that_is_none_is_refused(
    tacit: Application, show: Show, tmp_path: Path
) -> None:
    desk = enter(show(tacit))
    page = models_of(desk)
    picture = tmp_path / "picture.onnx"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 500)
    drop(desk, picture)
    until(lambda: page.notice.text, 30, "the refusal")
    assert page.notice.text.startswith("This ONNX file is no voice print model")
    drop(desk, make(tmp_path / "voices.onnx"))
    until(lambda: page.row("voices"), 30, "the row")
    row = row_of(page, "voices")
    assert (row.offer.type, row.chip.text(), row.do_button.text()) == ("ONNX", "in use", "Options")
    next(action for action in row.menu.actions() if action.text() == "Look inside").trigger()
    inside = desk.page(MODELS).model_pages["voices"]
    until(lambda: inside.weights.map.tiles, 30, "what is inside")
    said = " ".join(label.text() for label in inside.cards.findChildren(QLabel) if label.isVisibleTo(inside.cards))
    assert "voice print architecture" in said
    assert "vocabulary" not in said
    assert not inside.speed.isVisible()
    assert not inside.quantize.isVisible()
    inside.leave()
