"""The row of chips that says what a chat may use, and takes each away again."""

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QWidget

from app.core.conversation import EVERYTHING, NOTHING, Sources
from app.core.ids import CallId
from app.ui.style.theme import Theme
from app.ui.widgets.basics import button, plain_tool_tip
from app.ui.widgets.flow import Flow
from app.ui.widgets.long_text import one_line

_LONGEST = 32  # characters of a title in a chip


class SourceChips(Flow):
    """A chip for each call that may be used, or one for all of them; and what adds them."""

    chosen = Signal(object)  # the new `Sources`, after a click

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent, "What the chat may use", theme.px(6))
        self._theme = theme
        self.sources = NOTHING
        self._titles: Mapping[CallId, str] = {}
        self._chips: list[QPushButton] = []
        self.all_button = button("+ Use my calls", self, "link", self.toggle_everything, "Use my calls")
        self.add(self.all_button)
        self.show_sources(NOTHING)

    def take_titles(self, titles: Mapping[CallId, str]) -> None:
        """Know what the calls are called."""
        if titles != self._titles:
            self._titles = titles
            self.show_sources(self.sources)

    def show_sources(self, sources: Sources) -> None:
        """Show what may be used."""
        self.sources = sources
        for old in self._chips:
            self.remove(old)
            old.hide()
            old.deleteLater()
        self._chips = []
        for call in sources.calls:
            title = one_line(self._titles.get(call, "A call"))
            self._add_chip(f"@ {_shortened(title)}", title, Sources(tuple(c for c in sources.calls if c != call)))
        if sources.is_everything:
            self._add_chip("All my calls", "All my calls", NOTHING)
        self.all_button.setVisible(not sources.is_everything)
        self.lay_out_again()

    def add_call(self, call: CallId) -> None:
        """Have a call used beside those that are."""
        self._choose(Sources((*(one for one in self.sources.calls if one != call), call)))

    def toggle_everything(self) -> None:
        """Have all calls used, or none."""
        self._choose(NOTHING if self.sources.is_everything else EVERYTHING)

    def _add_chip(self, text: str, title: str, without: Sources) -> None:
        chip = button(f"{text} ×", self, "chip", lambda: self._choose(without), f"Don't use: {title}")
        chip.setFixedHeight(self._theme.px(24))
        chip.setToolTip(plain_tool_tip(f"{title}\nA click takes it away."))
        self._chips.append(chip)
        self.add(chip, len(self._chips) - 1)
        chip.show()

    def _choose(self, sources: Sources) -> None:
        self.show_sources(sources)
        self.chosen.emit(sources)


def _shortened(title: str) -> str:
    return title if len(title) <= _LONGEST else f"{title[: _LONGEST - 1].rstrip()}…"
