"""F8 goes from one doubtful word to the next, and says how many are left."""

import time

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.ui.calls.call_page import CallPage
from app.ui.calls.doubtful_words import DoubtfulWords
from app.ui.calls.transcript_view import TranscriptView
from app.ui.style.theme import Theme
from app.ui.widgets.notice_bar import NoticeBar
from tests.ui.calls.edited_call import settled
from tests.ui.doubles import SessionDouble
from tests.ui.example_calls import transcript
from tests.ui.stage import settle

SHIFT = Qt.KeyboardModifier.ShiftModifier


def press(page: CallPage, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> tuple[int, str]:
    """The line and the word that F8 goes to."""
    QTest.keyClick(page.window(), Qt.Key.Key_F8, modifier)
    view, chosen = page.transcript, page.transcript.marks.chosen
    assert chosen is not None
    said = view.lines.utterance(view.currentIndex().row())
    assert said.id == chosen[0]
    return view.currentIndex().row(), said.text[chosen[1] : chosen[2]]


def test_it_goes_on_and_back_and_round_and_counts(page: CallPage, session: SessionDouble) -> None:
    seen = [(*press(page), page.line_notice.text.partition(")")[0]) for _ in range(3)]
    assert seen == [
        (0, "price", "Doubtful word 1 of 6 (5 left"),
        (1, "And", "Doubtful word 2 of 6 (4 left"),
        (2, "offered", "Doubtful word 3 of 6 (3 left"),
    ]
    assert page.player.position == pytest.approx(20.6), "where Space plays it"
    assert not session.player.is_playing
    assert press(page, SHIFT) == (1, "And")
    assert [press(page)[0] for _ in range(5)] == [2, 3, 4, 5, 0]
    assert press(page, SHIFT)[0] == 5


def test_it_begins_at_the_line_that_was_chosen(page: CallPage) -> None:
    page.transcript.setCurrentIndex(page.transcript.lines.index(3))
    assert press(page)[0] == 3
    page.transcript.setCurrentIndex(page.transcript.lines.index(3))
    page.transcript.setCurrentIndex(page.transcript.lines.index(2))
    assert page.transcript.marks.chosen is None
    assert press(page, SHIFT)[0] == 1


def test_a_word_that_is_corrected_is_doubtful_no_more(page: CallPage, session: SessionDouble) -> None:
    press(page)
    page.transcript.begin_correction()
    words = page.transcript.words
    assert words is not None
    words.setPlainText(words.toPlainText().replace("price", "rent"))
    QTest.keyClick(words, Qt.Key.Key_F8)
    assert page.transcript.currentIndex().row() == 1, "also while it is typed"
    assert page.line_notice.text.startswith("Doubtful word 1 of 5 (4 left)")
    assert "the rent went" in settled(page, session)[0]
    assert press(page)[0] == 2


def test_without_any_it_says_so(page: CallPage) -> None:
    known = transcript()
    sure = tuple(
        msgspec.structs.replace(said, words=tuple(msgspec.structs.replace(one, probability=0.9) for one in said.words))
        for said in known.utterances
    )
    page.transcript.lines.show_transcript(msgspec.structs.replace(known, utterances=sure))
    QTest.keyClick(page.window(), Qt.Key.Key_F8)
    assert page.line_notice.text.startswith("There is no doubtful word.")


@pytest.mark.alone
def test_ten_thousand_lines_with_one_each_are_walked_without_a_stall(theme: Theme, screen: QApplication) -> None:
    view = TranscriptView(theme, None)  # type: ignore[arg-type]
    view.lines.show_transcript(transcript(10_000))
    view.show()
    settle(0.3)
    words = DoubtfulWords(view, NoticeBar(theme, view))
    steps = []
    for _ in range(5):
        began = time.thread_time()
        words.go()
        steps.append(time.thread_time() - began)
    assert view.currentIndex().row() == 4
    assert max(steps) < 0.1
    view.close()
