"""The rows of a transcript never lie on each other, not for a moment after a resize either."""

import msgspec
import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.core.transcript import Speaker
from app.ui.calls.transcript_delegate import TranscriptDelegate
from app.ui.calls.transcript_view import TranscriptView
from app.ui.style.theme import Theme
from tests.ui.example_calls import transcript
from tests.ui.stage import settle


def overlapping(shown: TranscriptView) -> list[int]:
    """The rows whose words reach into the row below, as they would be painted now."""
    delegate = shown.itemDelegate()
    assert isinstance(delegate, TranscriptDelegate)
    rects = [shown.visualRect(shown.lines.index(row)) for row in range(shown.lines.rowCount())]
    ends = [delegate.words_rect(row, rect).bottom() for row, rect in enumerate(rects)]
    return [row for row, below in enumerate(rects[1:]) if ends[row] >= below.top()]


@pytest.mark.parametrize("width", [260, 380, 700])
def test_rows_do_not_overlap_right_after_a_resize(theme: Theme, screen: QApplication, width: int) -> None:
    shown = TranscriptView(theme, None)  # type: ignore[arg-type]
    shown.resize(560, 700)
    shown.lines.show_transcript(transcript(40))
    shown.show()
    settle(0.2)
    tall = shown.visualRect(shown.lines.index(0)).height()
    shown.resize(width, 700)
    assert overlapping(shown) == []
    shown.lines.show_transcript(transcript(44))
    assert overlapping(shown) == [], "nor where lines come at that moment"
    settle(0.2)
    assert overlapping(shown) == []
    settled = shown.visualRect(shown.lines.index(0)).height()
    assert (settled > tall) is (width < 400), "and then they are laid out for the new width"
    shown.close()


def test_a_last_line_that_goes_on_moves_nothing_else(theme: Theme, screen: QApplication) -> None:
    shown = TranscriptView(theme, None)  # type: ignore[arg-type]
    shown.resize(380, 300)
    known = transcript(40)
    shown.lines.show_transcript(known)
    shown.show()
    shown.reveal(30)
    settle(0.1)
    shown.setCurrentIndex(shown.lines.index(30))
    place, height = shown.verticalScrollBar().value(), shown.visualRect(shown.lines.index(39)).height()
    longer = msgspec.structs.replace(known.utterances[-1], text=known.utterances[-1].text * 4)
    shown.lines.show_transcript(msgspec.structs.replace(known, utterances=(*known.utterances[:-1], longer)))
    settle(0.1)
    assert (shown.verticalScrollBar().value(), shown.currentIndex().row()) == (place, 30)
    assert shown.visualRect(shown.lines.index(39)).height() > height
    assert overlapping(shown) == []
    more = (*known.utterances[:-1], longer, *transcript(43).utterances[40:])
    shown.lines.show_transcript(msgspec.structs.replace(known, utterances=more))
    settle(0.1)
    assert (shown.verticalScrollBar().value(), shown.currentIndex().row()) == (place, 30)
    assert shown.lines.rowCount() == 43
    assert overlapping(shown) == []
    shown.close()


def test_a_speaker_who_is_alone_is_on_no_line(theme: Theme, screen: QApplication) -> None:
    shown = TranscriptView(theme, None)  # type: ignore[arg-type]
    shown.resize(560, 700)
    known = transcript(4)
    shown.lines.show_transcript(known)
    shown.show()
    settle(0.1)
    named = shown.visualRect(shown.lines.index(1)).height()
    lines = tuple(msgspec.structs.replace(one, speaker=known.speakers[0].id) for one in known.utterances)
    alone = (Speaker(known.speakers[0].id, "Speaker"),)
    shown.lines.show_transcript(msgspec.structs.replace(known, utterances=lines, speakers=alone))
    settle(0.1)
    assert shown.lines.heading(1) == ""
    assert shown.lines.as_text([1]) == f"0:10 {known.utterances[1].text}"
    assert shown.visualRect(shown.lines.index(1)).height() < named
    assert overlapping(shown) == []
    shown.close()


def test_chosen_lines_are_copied_with_who_says_them_when(theme: Theme, screen: QApplication) -> None:
    shown = TranscriptView(theme, None)  # type: ignore[arg-type]
    known = transcript(4)
    first, second = known.utterances[:2]
    names = [known.name(said) for said in (first, second)]
    shown.lines.show_transcript(known)
    shown.show()
    for row in (1, 0):
        shown.selectionModel().select(shown.lines.index(row), QItemSelectionModel.SelectionFlag.Select)
    QTest.keyClick(shown, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    lines = [f"{names[0]} 0:00  {first.text}", f"{names[1]} 0:10  {second.text}"]
    assert QApplication.clipboard().text().split("\n") == lines
    shown.copy_words()
    assert QApplication.clipboard().text().split("\n") == [f"{names[0]}: {first.text}", f"{names[1]}: {second.text}"]
    shown.clearSelection()
    shown.setCurrentIndex(shown.lines.index(1))
    shown.copy_words()
    assert QApplication.clipboard().text() == second.text
    untimed = tuple(msgspec.structs.replace(said, start=0.0, end=0.0) for said in known.utterances)
    shown.lines.show_transcript(msgspec.structs.replace(known, utterances=untimed, duration=0.0))
    assert shown.lines.as_copied([1]) == f"{names[1]}: {second.text}"
    shown.close()
