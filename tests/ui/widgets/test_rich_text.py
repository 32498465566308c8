"""Text in the window: painted as it is, wrapped, and with chips where the markers were."""

import time
from datetime import UTC, datetime

import msgspec
import pytest
from PySide6.QtCore import QLocale, QPoint, Qt
from PySide6.QtGui import QGuiApplication, QTextDocument
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QToolTip, QWidget
from pytestqt.qtbot import QtBot

from app.core.figures import progress_line
from app.core.job import Progress
from app.ui.calls.transcript_model import TranscriptModel
from app.ui.calls.transcript_view import TranscriptView
from app.ui.style import phrases
from app.ui.style.theme import Theme
from app.ui.widgets.rich_text import Chip, RichText
from tests.ui.example_calls import call, transcript
from tests.ui.stage import settle


@pytest.fixture
def parent(theme: Theme, qtbot: QtBot) -> QWidget:
    """A window to put parts into."""
    made = QWidget()
    qtbot.addWidget(made)
    return made


HOSTILE = '<img src="file:///etc/passwd"><b>bold</b> <a href="x">y</a>'


def test_markup_in_text_is_shown_and_not_obeyed(theme: Theme, parent: QWidget) -> None:
    prose = RichText(theme, parent)
    prose.set_text(HOSTILE)
    assert prose.plain_text() == HOSTILE
    assert not prose.findChildren(QLabel)


def test_a_chip_hands_on_what_it_stands_for(theme: Theme, parent: QWidget, qtbot: QtBot) -> None:
    prose = RichText(theme, parent)
    prose.set_pieces(["Move the launch. ", Chip("0:17", "Play at 0:17", 17.5)])
    with qtbot.waitSignal(prose.activated) as told:
        prose.chips()[0].click()
    assert told.args == [17.5]
    assert prose.plain_text() == "Move the launch."
    assert prose.chips()[0].accessibleName() == "Play at 0:17"


def test_what_a_chip_tells_is_no_markup(theme: Theme, parent: QWidget, qtbot: QtBot) -> None:
    parent.show()
    prose = RichText(theme, parent)
    prose.set_pieces([Chip("why", HOSTILE)])
    (chip,) = prose.chips()
    chip.click()
    for tip in (chip.toolTip(), QToolTip.text()):
        read_back = QTextDocument()
        read_back.setHtml(tip)
        assert read_back.toPlainText() == HOSTILE
    QToolTip.hideText()


def test_a_narrow_block_is_taller_than_a_wide_one(theme: Theme, parent: QWidget) -> None:
    prose = RichText(theme, parent)
    prose.set_text("word " * 60)
    assert prose.heightForWidth(200) > prose.heightForWidth(600) > 0


@pytest.mark.alone
def test_a_transcript_of_four_thousand_lines_opens_at_once(theme: Theme, parent: QWidget) -> None:
    known = transcript(4_000)
    lines = tuple(msgspec.structs.replace(line, text=f"{line.line} {line.text}") for line in known.utterances)
    long = msgspec.structs.replace(known, utterances=lines)  # no two lines alike
    view = TranscriptView(theme, parent)
    parent.resize(440, 700)
    view.resize(440, 700)
    parent.show()
    settle(0.1)
    began = time.process_time()  # its own work: a busy neighbour on the machine is not our slowness
    view.lines.show_transcript(long)
    view.reveal(3_900)
    view.viewport().repaint()
    assert time.process_time() - began < 0.3
    assert view.lines.rowCount() == 4_000
    assert view.indexAt(QPoint(100, 350)).row() > 3_800


def test_lines_that_come_in_later_leave_the_others_where_they_are(parent: QWidget) -> None:
    model = TranscriptModel(parent)
    resets: list[bool] = []
    model.modelReset.connect(lambda: resets.append(True))
    model.show_transcript(transcript(3))
    model.show_transcript(transcript(5))
    assert len(resets) == 1
    assert model.rowCount() == 5
    assert [model.row_at(s) for s in (-1.0, 0.0, 9.9, 10.0, 999.0)] == [-1, 0, 0, 1, 4]


def test_a_click_on_a_time_goes_there_and_selected_lines_can_be_copied(
    theme: Theme, parent: QWidget, qtbot: QtBot
) -> None:
    view = TranscriptView(theme, parent)
    parent.resize(500, 500)
    view.resize(500, 500)
    parent.show()
    view.lines.show_transcript(transcript(4))
    settle(0.2)
    line = view.visualRect(view.lines.index(1))
    with qtbot.waitSignal(view.seek_wanted) as told:
        QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=line.topLeft() + QPoint(30, 14))
    assert told.args == [10.0]
    view.selectAll()
    QTest.keySequence(view, "Ctrl+C")
    copied = QGuiApplication.clipboard().text().splitlines()
    assert copied[1] == "Leo 0:10  I see. And the last delivery was late, three boxes were damaged."


def test_dates_are_worded_in_the_language_of_the_sentences() -> None:
    before = QLocale()
    QLocale.setDefault(QLocale(QLocale.Language.German))
    try:
        now = datetime(2026, 11, 21, 12, 0, tzinfo=UTC).astimezone()
        named = [phrases.short_day(datetime(2025, month, 1, 12, 0, tzinfo=UTC), now) for month in range(1, 13)]
        assert [words.split()[1] for words in named] == ("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split())
        week = [datetime(2026, 11, day, 12, 0, tzinfo=UTC) for day in range(16, 23)]
        assert [phrases.long_day(when, now).split()[0] for when in week] == (
            "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
        )
        assert phrases.long_day(week[1], now).split(",")[0] == "Tuesday 17 November"
    finally:
        QLocale.setDefault(before)


def test_days_progress_and_people_in_words() -> None:
    now = datetime(2026, 11, 21, 12, 0, tzinfo=UTC).astimezone()
    assert phrases.short_day(datetime(2026, 11, 17, 12, 0, tzinfo=UTC), now) == "Tue"
    assert phrases.short_day(datetime(2026, 11, 9, 12, 0, tzinfo=UTC), now) == "9 Nov"
    assert phrases.short_day(datetime(2024, 11, 9, 12, 0, tzinfo=UTC), now) == "9 Nov 2024"
    assert phrases.age_heading(datetime(2026, 11, 20, 12, 0, tzinfo=UTC), now) == "Yesterday"
    words = progress_line("Transcribing", Progress("Transcribing", 760, 1862, "s"), 170)
    assert words == "Transcribing, 12:40 of 31:02, about 3 min left"
    assert "Leo (you), Priya · English" in phrases.call_facts(call("Supply contract"))
