"""The view shows the sections that a summary has, in the order in which they are read."""

from pathlib import Path

from PySide6.QtWidgets import QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.core.ids import UtteranceId
from app.core.readable_text import NOTHING_FOUND
from app.core.summary import ActionItem, Evidence, Point, Summary
from app.core.summary_template import parse_template
from app.core.transcript import Layout, default_speakers
from app.ui.calls.summary_view import SummaryView
from app.ui.style.theme import Theme
from tests.call_summaries import call_summary

VISIT = Path(__file__).parents[2] / "fixtures" / "templates" / "visit.toml"
SPEAKERS = default_speakers(Layout.TWO_SIDED)


def shown(qtbot: QtBot, summary: Summary) -> list[str]:
    """The headings and the names of what stands below each other, from the top."""
    theme = Theme()
    theme.choose("light")
    parent = QWidget()
    qtbot.addWidget(parent)
    view = SummaryView(theme, parent)
    view.show_summary(summary, SPEAKERS)
    layout = view.layout()
    assert layout is not None
    widgets = [item.widget() for n in range(layout.count()) if (item := layout.itemAt(n)) is not None]
    return [w.text() if isinstance(w, QLabel) else w.accessibleName() for w in widgets if w is not None]


def test_a_template_of_ones_own_is_shown_with_its_sections(qtbot: QtBot) -> None:
    visit = parse_template("visit", VISIT.read_text("utf-8"))
    findings = {"findings": (Point("The knee is swollen.", (Evidence(UtteranceId("0abc"), 9.0, 12.0),)),)}
    plan = {"plan": (ActionItem("Take an X-ray", "You", "on Monday"),)}
    summary = visit.summary("The knee", "double", {"assessment": "No cause for concern."}, findings, plan)
    assert shown(qtbot, summary) == [
        "Findings", "The knee is swollen.", "Assessment", "No cause for concern.", "Plan",
        "Not found in the call (not confirmed)", "Take an X-ray", "Written by double.",
    ]  # fmt: skip


def test_the_sections_of_a_call_stand_in_their_order_and_empty_ones_are_left_out(qtbot: QtBot) -> None:
    whole = call_summary("T", "They agree.", (Point("Slow"),), (Point("Move it"),), (ActionItem("Pay", "", ""),), "m")
    assert shown(qtbot, whole) == [
        NOTHING_FOUND, "They agree.", "Decisions", "Move it", "Action items", "Pay", "Key points", "Slow",
        "Written by m.",
    ]  # fmt: skip
    assert shown(qtbot, call_summary("T", "They agree.", model="m")) == ["They agree.", "Written by m."]


def test_a_moment_without_a_time_is_told_by_its_line(qtbot: QtBot) -> None:
    point = Point("The knee is swollen.", (Evidence(UtteranceId("0abc"), 0.0, 0.0),))
    summary = call_summary("T", "They agree.", (point,), model="m")
    theme = Theme()
    theme.choose("light")
    parent = QWidget()
    qtbot.addWidget(parent)
    view = SummaryView(theme, parent)
    view.show_summary(summary, SPEAKERS, lines={UtteranceId("0abc"): 14})
    assert "line 14" in [chip.text() for chip in view.findChildren(QPushButton)]
