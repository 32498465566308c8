"""Words of a transcript: the one that plays is marked, a click plays from one, and doubtful ones say why they are."""

import time

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QHelpEvent, QImage, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QStyleOptionViewItem, QToolTip

from app.core.transcript import Word, spoken
from app.core.word_places import word_places
from app.ui.calls.call_page import CallPage
from app.ui.calls.transcript_delegate import TranscriptDelegate
from app.ui.calls.transcript_view import TranscriptView
from app.ui.calls.word_marks import WordMarks
from app.ui.style.theme import Theme
from tests.ui.doubles import SessionDouble
from tests.ui.example_calls import transcript
from tests.ui.stage import settle, until


def point_of(view: TranscriptView, row: int, number: int) -> QPoint:
    """The middle of a word of a line."""
    delegate, said = view._delegate, view.lines.utterance(row)
    place = word_places(said)[number]
    rect = delegate.words_rect(row, view.visualRect(view.lines.index(row)))
    layout = delegate._wrapping.layout(said.text, delegate._text_width())
    line = layout.lineForTextPosition(place.first)
    edges = [line.cursorToX(offset)[0] for offset in (place.first, place.last)]  # type: ignore[index]
    return rect.topLeft() + QPoint(round(sum(edges) / 2), round(line.y() + line.height() / 2))


def shown(theme: Theme, lines: int) -> TranscriptView:
    view = TranscriptView(theme, None)  # type: ignore[arg-type]
    view.resize(380, 600)
    view.lines.show_transcript(transcript(lines))
    view.show()
    settle(0.2)
    return view


def test_a_click_on_a_word_plays_from_it_and_beside_words_from_the_line(page: CallPage, session: SessionDouble) -> None:
    view, heard = page.transcript, list[float]()
    view.seek_wanted.connect(heard.append)
    last = len(word_places(view.lines.utterance(2))) - 1
    for number in (0, 4, last):
        QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=point_of(view, 2, number))
        until(lambda number=number: heard and heard[-1] == pytest.approx(20.0 + 0.3 * number), 5)  # type: ignore[misc]
    assert session.player.is_playing
    rect = view.visualRect(view.lines.index(2))
    name = QPoint(view._delegate.text_left + 8, rect.top() + 12)
    behind = QPoint(rect.right() - 3, point_of(view, 2, 4).y())
    for beside in (name, behind):
        heard.clear()
        QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=beside)
        until(lambda: heard, 5)
        assert heard == [20.0]


def test_switched_off_a_click_on_a_word_plays_nothing(page: CallPage, session: SessionDouble) -> None:
    page.transcript.set_plays_on_click(False)
    QTest.mouseClick(page.transcript.viewport(), Qt.MouseButton.LeftButton, pos=point_of(page.transcript, 2, 4))
    settle(0.6)
    assert not session.player.is_playing


def test_the_word_that_plays_follows_the_sound(page: CallPage, session: SessionDouble) -> None:
    view, seen = page.transcript, list[tuple[int, str]]()
    for seconds in (20.1, 20.7, 21.2, 24.9, 30.4):
        page.player.seek(seconds)
        word = view.marks.playing
        text = view.lines.utterance(view.marked_row).text
        seen.append((view.marked_row, "" if word is None else text[word.first : word.last]))
    assert seen == [(2, "Right."), (2, "offered"), (2, "five"), (2, ""), (3, "we")]


def test_it_is_painted_on_its_own_ground_in_both_themes(theme: Theme, screen: QApplication) -> None:
    view = shown(theme, 6)
    for choice in ("light", "dark"):
        theme.choose(choice)
        view.mark(2, follows=False)
        view.mark_word(24.9)
        plain = view.grab().toImage()
        view.mark_word(20.7)
        marked = view.grab().toImage()
        at = point_of(view, 2, 2) - QPoint(0, 7)  # above the letters
        assert plain.pixelColor(at) == theme.color("playing")
        assert marked.pixelColor(at) != theme.color("playing")
        ground = marked.pixelColor(at)
        assert contrast(theme.color("text"), ground) >= 4.5
    view.close()


def contrast(one: QColor, other: QColor) -> float:
    """As the Web Content Accessibility Guidelines count it."""
    levels = []
    for ink in (one, other):
        values = (ink.redF(), ink.greenF(), ink.blueF())
        linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in values]
        levels.append(sum(share * value for share, value in zip((0.2126, 0.7152, 0.0722), linear, strict=True)))
    return (max(levels) + 0.05) / (min(levels) + 0.05)


class Painted(TranscriptDelegate):
    """Notes which rows it paints."""

    rows: list[int]

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: object) -> None:
        self.rows.append(index.row())  # type: ignore[attr-defined]
        super().paint(painter, option, index)  # type: ignore[arg-type]


@pytest.mark.alone
def test_a_step_from_word_to_word_repaints_one_line_of_ten_thousand_within_a_frame(
    theme: Theme, screen: QApplication
) -> None:
    view = shown(theme, 10_000)
    delegate = Painted(theme, view.lines, view)
    delegate.rows = []
    view._delegate = delegate
    view.setItemDelegate(delegate)
    view.doItemsLayout()
    view.mark(5_000, follows=True)
    settle(0.3)
    delegate.rows.clear()
    steps = []
    for number in range(40):
        began = time.thread_time()
        view.mark(view.lines.row_at(50_000.0 + 0.1 * number), follows=True)
        view.mark_word(50_000.0 + 0.1 * number)
        QApplication.processEvents()
        steps.append(time.thread_time() - began)
    assert set(delegate.rows) == {5_000}
    assert 5 <= len(delegate.rows) <= 20, "once a word"
    assert max(steps) < 1 / 60
    view.close()


def test_a_doubtful_word_says_why_and_a_corrected_one_no_longer(theme: Theme, screen: QApplication) -> None:
    view = shown(theme, 6)
    row = view.visualRect(view.lines.index(2))

    def tip(number: int) -> str:
        point, option = point_of(view, 2, number), QStyleOptionViewItem()
        option.rect = row
        event = QHelpEvent(QHelpEvent.Type.ToolTip, point, view.viewport().mapToGlobal(point))
        view._delegate.helpEvent(event, view, option, view.lines.index(2))
        settle(0.5)  # one that is there goes after a moment
        return QToolTip.text()

    assert tip(2).startswith("The speech model was only 30% sure of this word.")
    assert tip(3) == ""
    said = view.lines.utterance(2)
    before = view.grab(view.visualRect(view.lines.index(2))).toImage()
    view.lines.say(said.id, said.text.replace("offered", "proposed"))
    settle(0.1)
    assert [place.is_doubtful for place in word_places(view.lines.utterance(2))].count(True) == 0
    assert tip(2) == ""
    warning = theme.color("warning")
    after = view.grab(view.visualRect(view.lines.index(2))).toImage()
    inked = [image_has(image, warning.rgb()) for image in (before, after)]
    assert inked == [True, False]
    view.close()


def test_marks_stand_on_their_words_behind_an_emoji_too(theme: Theme) -> None:
    said = spoken(
        0,
        0.0,
        2.0,
        "👍🎉 yes no",
        (Word("👍🎉", 0.0, 0.5, 0.9), Word(" yes", 0.5, 1.0, 0.9), Word(" no", 1.0, 2.0, 0.9)),
    )
    marks = WordMarks(theme)
    marks.chosen = (said.id, said.text.index("no"), len(said.text))
    (found,) = marks.formats(said, is_playing=False)
    assert said.text.encode("utf-16-le")[2 * found.start :][: 2 * found.length].decode("utf-16-le") == "no"


def image_has(image: QImage, rgb: int) -> bool:
    """Whether a pixel below the name has this colour."""
    return any(image.pixelColor(x, y).rgb() == rgb for y in range(30, image.height()) for x in range(image.width()))
