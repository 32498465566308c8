"""How the window's transcript marks what is spoken in another language than the call's, or not surely in it."""

from collections.abc import Callable

import msgspec
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics

from app.services.application import Application
from app.ui.calls.transcript_view import TranscriptView
from app.ui.main_window import MainWindow
from tests.ui.doubles import SessionDouble, as_tacit
from tests.ui.example_calls import call
from tests.ui.stage import enter, until


def opened(show: Callable[[Application], MainWindow], name: str = "Priya") -> TranscriptView:
    """The transcript of a call in English, whose second line is in German and whose third is perhaps in French."""
    session = SessionDouble()
    made = session.library.add(call("Two languages"))
    who = tuple(msgspec.structs.replace(one, name=name) for one in made.speakers)
    session.library.kept[made.id] = msgspec.structs.replace(made, speakers=who)
    plain = session.library.transcripts[made.id]
    languages = [("en", False), ("de", False), ("fr", True)]
    lines = tuple(
        msgspec.structs.replace(line, language=code, is_language_doubtful=is_doubtful)
        for line, (code, is_doubtful) in zip(plain.utterances, languages, strict=False)
    )
    session.library.transcripts[made.id] = msgspec.structs.replace(plain, language="en", utterances=lines)
    calls = enter(show(as_tacit(session))).calls
    until(lambda: calls.list.rows.rows)
    calls.open(made.id)
    until(lambda: calls.call.transcript.lines.rowCount() == len(lines))
    return calls.call.transcript


def test_each_line_says_its_language_where_it_is_another(show: Callable[[Application], MainWindow]) -> None:
    lines = opened(show).lines
    assert [lines.heading(row) for row in range(3)] == ["Priya", "Priya · German", "Priya · French?"]
    heard = [lines.data(lines.index(row), Qt.ItemDataRole.AccessibleTextRole) for row in range(3)]
    assert "German" not in heard[0]
    assert "Priya · German: " in heard[1]
    assert "Priya · French?: " in lines.as_text([2])


def test_a_long_name_never_cuts_off_the_mark(show: Callable[[Application], MainWindow]) -> None:
    view = opened(show, "Priya " * 30)
    delegate = view.itemDelegate()
    shown = delegate.heading(1, 200)  # type: ignore[attr-defined]
    assert shown.endswith("… · German")
    assert QFontMetrics(delegate._strong).horizontalAdvance(shown) <= 200  # type: ignore[attr-defined]
    assert delegate.heading(0, 200).endswith("…")  # type: ignore[attr-defined]
    assert delegate.heading(1, 10).endswith("German")  # type: ignore[attr-defined]
