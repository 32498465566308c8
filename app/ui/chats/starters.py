"""What an empty chat shows: a greeting, and what one could begin with, as it fits what is there."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from app.core.call import Call, CallState
from app.core.conversation import EVERYTHING, NOTHING, Sources
from app.ui.conversation.source_cards import TwoLineCard
from app.ui.style.phrases import day
from app.ui.style.theme import Theme
from app.ui.widgets.rich_text import RichText
from app.ui.widgets.scroll_panes import ScrollPane

_COLUMNS = 2
_SIZE = 260, 62  # design pixels
_WITHOUT_WORDS = (CallState.IMPORTED, CallState.TRANSCRIBING, CallState.SILENT)


@dataclass(frozen=True, slots=True)
class Starter:
    """A beginning: the text that is put into the field, to be gone on with, and what the chat may use."""

    title: str
    detail: str
    text: str
    sources: Sources = NOTHING


_LETTER = Starter("Write a letter", "To whom, and what about? Tone as you like.", "Write a letter to ")
_SHORTEN = Starter("Shorten a text", "Paste it.", "Shorten this text, and keep what matters:\n\n")
_EXPLAIN = Starter("Explain something", "In simple words, with an example.", "Explain in simple words: ")
_TRANSLATE = Starter("Translate a text", "Say into which language, and paste it.", "Translate into English:\n\n")


def starters(calls: Sequence[Call]) -> list[Starter]:
    """Four beginnings; `calls` are there, newest first."""
    written = [call for call in calls if call.state not in _WITHOUT_WORDS]
    if not written:
        return [_LETTER, _SHORTEN, _EXPLAIN, _TRANSLATE]
    latest = written[0]
    about = Starter(latest.title, f"Ask about the call {_when(latest)}", "", Sources((latest.id,)))
    mine = Starter(
        "What was agreed in my calls?", _counted(len(written)), "What was agreed, and with whom?", EVERYTHING
    )
    return [_LETTER, mine, about, _SHORTEN]


def _when(call: Call) -> str:
    found = day(call.date)
    return f"of {found}" if not found.startswith("on ") else f"of {found.removeprefix('on ')}"


def _counted(count: int) -> str:
    return "Searches your call" if count == 1 else f"Searches your {count} calls"


class Starters(QWidget):
    """The greeting, and a card for each beginning."""

    chosen = Signal(object)  # the `Starter` of the clicked card

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName("Beginnings")
        self._theme = theme
        content = QWidget(self)
        content.setAccessibleName("Beginnings")
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(ScrollPane(self, content, "Beginnings"))
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, theme.px(16))
        column.setSpacing(theme.px(4))
        column.addStretch(1)
        greeting = RichText(theme, content, size=24, line=32, weight=700)
        greeting.set_text("What shall we work on?")
        promise = RichText(theme, content, size=13, line=19, role="second")
        promise.set_text("Nothing you write leaves this computer.")
        column.addWidget(greeting)
        column.addWidget(promise)
        column.addSpacing(theme.px(10))
        self._grid = QGridLayout()
        self._grid.setSpacing(theme.px(10))
        column.addLayout(self._grid)
        self._shown: list[Starter] = []
        self.show_starters(starters(()))

    def show_starters(self, wanted: list[Starter]) -> None:
        """Replace the cards."""
        if wanted == self._shown:
            return
        self._shown = wanted
        while (item := self._grid.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        for n, starter in enumerate(wanted):
            card = TwoLineCard(self._theme, starter.title, starter.detail, self, _SIZE)
            card.clicked.connect(lambda _=False, starter=starter: self.chosen.emit(starter))
            self._grid.addWidget(card, n // _COLUMNS, n % _COLUMNS)
