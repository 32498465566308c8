"""A text with its changes, old words struck and new ones beside them, through which a person goes by keys."""

from collections.abc import Iterator, Sequence
from typing import Literal

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QWidget

from app.core.writing.difference import Change, Difference
from app.ui.style.theme import Role, Theme
from app.ui.widgets.rich_text import Piece, RichText, Run

Choice = Literal["open", "taken", "left"]
_AROUND = 160  # characters that are shown of what is kept, on each side of a change
_THIN = "\u2009"  # between an old and a new word, so that they are not one
_FORWARD = (Qt.Key.Key_Right, Qt.Key.Key_Down)
_BACK = (Qt.Key.Key_Left, Qt.Key.Key_Up)


class DifferenceView(RichText):
    """Shows a difference; `choices` say of each change whether it is taken, left, or open.

    With the keys' focus, arrows and Tab lead from change to change, Enter takes one and Backspace leaves it.
    """

    chosen = Signal()  # one more was taken or left, or another change is the current one

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, parent)
        self._difference = Difference(())
        self.choices: list[Choice] = []
        self.current = -1  # the number of the change that keys act on; -1 while none is

    def show_difference(self, difference: Difference) -> None:
        """Show another difference, of which nothing is chosen yet."""
        self._difference = difference
        self.choices, self.current = ["open"] * len(difference.changes), -1
        self._show_choices()

    @property
    def text(self) -> str:
        """The text with the changes that were taken, and without the others."""
        return self._difference.with_changes({n for n, choice in enumerate(self.choices) if choice == "taken"})

    @property
    def open_changes(self) -> list[int]:
        """The numbers of the changes that are neither taken nor left."""
        return [n for n, choice in enumerate(self.choices) if choice == "open"]

    def begin(self) -> None:
        """Go through the changes, from the first that is open."""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        self.go_to(next(iter(self.open_changes), -1))

    def go_to(self, number: int) -> None:
        """Make a change the current one."""
        self.current = number
        self._show_choices()
        self.chosen.emit()

    def choose(self, choice: Choice) -> None:
        """Take or leave the current change, and go to the next that is open."""
        if self.current < 0:
            return
        self.choices[self.current] = choice
        rest = self.open_changes
        self.go_to(next((n for n in rest if n > self.current), rest[0] if rest else -1))

    def take_rest(self) -> None:
        """Take every change that is open."""
        self.choices = ["taken" if choice == "open" else choice for choice in self.choices]
        self.go_to(-1)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt: go on, take or leave."""
        if self.current < 0:
            super().keyPressEvent(event)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.choose("taken")
        elif event.key() in (Qt.Key.Key_Backspace, Qt.Key.Key_Delete):
            self.choose("left")
        elif event.key() in _FORWARD:
            self._step(1)
        elif event.key() in _BACK:
            self._step(-1)
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Qt: Tab goes to the next change; behind the last one it leaves, as everywhere."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and self.current >= 0:
            step = {Qt.Key.Key_Tab: 1, Qt.Key.Key_Backtab: -1}.get(Qt.Key(event.key()), 0)
            if step and self._step(step):
                return True
        return super().event(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Qt: the current change is seen."""
        super().focusInEvent(event)
        self.update()

    def _step(self, step: int) -> bool:
        wanted = self.current + step
        if not 0 <= wanted < len(self.choices):
            return False
        self.go_to(wanted)
        return True

    def _show_choices(self) -> None:
        self.set_pieces(list(self._pieces_shown()))
        self.setAccessibleName(self._spoken_change() if self.current >= 0 else self._spoken() or " ")

    def _pieces_shown(self) -> Iterator[Piece]:
        pieces: Sequence[str | Change] = self._difference.pieces
        number = -1
        for place, piece in enumerate(pieces):
            if isinstance(piece, Change):
                number += 1
                yield from self._change_shown(piece, number)
            else:
                yield _shortened(piece, is_first=place == 0, is_last=place == len(pieces) - 1)

    def _change_shown(self, change: Change, number: int) -> Iterator[Piece]:
        choice, is_current = self.choices[number], number == self.current
        if choice != "open" and not is_current:
            yield Run(change.new, 600, "accent") if choice == "taken" else change.old
            return
        if change.old and choice != "taken":
            yield _highlighted(change.old, is_current, "on_contradicted", "contradicted", is_struck=True)
            if change.new and choice != "left":
                yield _THIN
        if change.new and choice != "left":
            yield _highlighted(_visible(change.new), is_current, "accent", "soft")

    def _spoken_change(self) -> str:
        change, choice = self._difference.changes[self.current], self.choices[self.current]
        state = {"open": "", "taken": ", taken", "left": ", left"}[choice]
        what = f"“{change.new.strip()}” in the place of “{change.old.strip()}”"
        if not change.old.strip():
            what = f"“{change.new.strip()}” added"
        elif not change.new.strip():
            what = f"“{change.old.strip()}” taken out"
        return f"Change {self.current + 1} of {len(self.choices)}: {what}{state}. Enter takes it, Backspace leaves it."


def _highlighted(text: str, is_current: bool, ink: Role, ground: Role, *, is_struck: bool = False) -> Run:
    """Words on a ground; those of the current change have the strongest one."""
    if is_current:
        ink, ground = "on_accent", "accent"
    return Run(text, 400 if is_struck else 600, ink, ground=ground, is_struck=is_struck)


def _visible(new: str) -> str:
    """White space that is new, as a sign that is seen."""
    return new if new.strip() else new.replace(" ", "␣").replace("\n", "⏎\n")


def _shortened(kept: str, *, is_first: bool, is_last: bool) -> str:
    """What is kept between two changes, without its middle if that is long."""
    behind = 0 if is_first else _AROUND
    before = 0 if is_last else _AROUND
    if len(kept) <= 2 * _AROUND:
        return kept
    return f"{kept[:behind]} … {kept[len(kept) - before :] if before else ''}"
