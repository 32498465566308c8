"""The card with what came of an action on a text: its changes to be taken one by one, or the new text."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Literal

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QPushButton, QVBoxLayout, QWidget

from app.core.writing.action import TextAction
from app.core.writing.difference import Difference
from app.core.writing.written import Written
from app.ui.style.theme import Theme
from app.ui.widgets.basics import button, label, restyle, set_label_text
from app.ui.widgets.flow import Flow
from app.ui.widgets.rich_text import RichText
from app.ui.writing.difference_view import DifferenceView

Place = Literal["replace", "insert", "copy"]
_NAMES: dict[Place, str] = {"replace": "Replace", "insert": "Insert below", "copy": "Copy"}
_NO_CHANGES = "Nothing to correct was found."


class ResultCard(QFrame):
    """Shows what an action is writing, and then what came of it.

    `places` are what can be done with a new text where this card stands, the first of them most likely; a text that is
    proofread is offered as changes, and goes to the first of them.
    """

    taken = Signal(str, str)  # the text, and what is to be done with it
    left = Signal()  # the person wants none of it
    stop_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget, places: Sequence[Place]) -> None:
        super().__init__(parent)
        self.setProperty("part", "fact")
        self.setAccessibleName("Result")
        self._places = tuple(places)
        self._written: Written | None = None
        self._withheld: set[Place] = set()  # what can't be done with this result
        px = theme.px
        column = QVBoxLayout(self)
        column.setContentsMargins(px(14), px(12), px(14), px(12))
        column.setSpacing(px(8))
        self.heading = label("", "head", self)
        self.words = RichText(theme, self)
        self.changes = DifferenceView(theme, self)
        self.status = label("", "second", self)
        self.notes = RichText(theme, self, size=13, line=19, role="second")
        self.buttons = Flow(self, "What to do with it", px(6))
        for part in (self.heading, self.words, self.changes, self.notes, self.status, self.buttons):
            column.addWidget(part)
        self.stop_button = self._button("Stop", self.stop_wanted.emit)
        self.accept_button = self._button("Accept all", self._accept_all, "main")
        self.each_button = self._button("One by one", self.changes.begin)
        self.take_button = self._button("Take", lambda: self._choose(is_taken=True), name="Take this change")
        self.skip_button = self._button("Leave", lambda: self._choose(is_taken=False), name="Leave this change")
        self.finish_button = self._button("Done", self._finish, "main", "Use the changes that were taken")
        self.place_buttons = {
            place: self._button(_NAMES[place], partial(self._take, place), "plain" if n else "main")
            for n, place in enumerate(self._places)
        }
        self.switch_button = self._button("Show changes", self._switch)
        self.leave_button = self._button("Leave it", self.left.emit)
        self.changes.chosen.connect(self._show_buttons)
        self._shows_changes = False
        self.hide()

    def _button(self, text: str, does: Callable[[], object], kind: str = "plain", name: str = "") -> QPushButton:
        made = button(text, self.buttons, kind, does, name)
        if kind == "main":
            made.setProperty("size", "small")
        self.buttons.add(made)
        return made

    @property
    def written(self) -> Written | None:
        """The result that is shown; None while there is none."""
        return self._written

    def begin(self, action: TextAction) -> None:
        """Show that an action is under way."""
        self._written, self._shows_changes, self._withheld = None, False, set()
        set_label_text(self.heading, f"{action.facts.title}…")
        self.words.set_text("")
        self.changes.choices = []
        self.notes.set_text("")
        self.say("")
        self.show()
        self._show_buttons()

    def say(self, how_far: str) -> None:
        """Show how far the action is."""
        set_label_text(self.status, how_far)
        self.status.setVisible(bool(how_far))

    def show_text(self, text: str) -> None:
        """Show what is there of the result while it is being written."""
        self.words.set_text(text.strip("\n"))

    def show_written(self, written: Written) -> None:
        """Show what came of it."""
        self._written = written
        self._shows_changes = written.action is TextAction.PROOFREAD
        is_rewriting = written.action.facts.is_rewriting
        self._withheld = set() if is_rewriting else {"replace"}
        self.changes.show_difference(written.difference if is_rewriting else Difference(()))
        count = len(self.changes.choices)
        title = written.action.facts.result
        if written.action is TextAction.PROOFREAD:
            title = f"{title}: {'1 change' if count == 1 else f'{count} changes'}"
        set_label_text(self.heading, title)
        self.words.set_text(written.new.strip("\n"))
        notes = [*written.notes, *([_NO_CHANGES] if self._shows_changes and not count else [])]
        self.notes.set_text("\n".join(notes))
        self.say("")
        self._show_buttons()
        self.setAccessibleName(f"{title}. {' '.join(notes)}")
        shown = [self.accept_button, self.leave_button] if self._shows_changes else [*self.place_buttons.values()]
        next((one for one in shown if one.isVisibleTo(self)), self.leave_button).setFocus(
            Qt.FocusReason.OtherFocusReason
        )

    def offer_without(self, place: Place, text: str, why: str) -> None:
        """Offer a text for all but a place, which it can't go to; `why` is a sentence."""
        if self._written is None:
            return
        self._written, self._shows_changes = replace(self._written, new=text), False
        self._withheld.add(place)
        self.changes.show_difference(Difference(()))
        self.words.set_text(text.strip("\n"))
        self.notes.set_text("\n".join([why, *self._written.notes]))
        self.say("")
        self._show_buttons()
        self.setAccessibleName(f"{self.heading.text()}. {why}")
        offered = [one for name, one in self.place_buttons.items() if name not in self._withheld]
        offered[0].setFocus(Qt.FocusReason.OtherFocusReason)

    def _choose(self, *, is_taken: bool) -> None:
        self.changes.choose("taken" if is_taken else "left")

    def _accept_all(self) -> None:
        self.changes.take_rest()
        self._finish()

    def _finish(self) -> None:
        self.taken.emit(self.changes.text, self._places[0])

    def _take(self, place: Place) -> None:
        if self._written is not None:
            self.taken.emit(self._written.new, place)

    def _switch(self) -> None:
        self._shows_changes = not self._shows_changes
        self._show_buttons()

    def _show_buttons(self) -> None:
        """Show what can be done now."""
        written, view = self._written, self.changes
        is_rewriting = written is not None and written.action.facts.is_rewriting
        has_changes = self._shows_changes and bool(view.choices)
        is_begun = has_changes and (view.current >= 0 or len(view.open_changes) < len(view.choices))
        is_on_one = has_changes and view.current >= 0
        shown = {
            self.stop_button: written is None,
            self.accept_button: has_changes and not is_begun,
            self.each_button: has_changes and not is_begun,
            self.take_button: is_on_one,
            self.skip_button: is_on_one,
            self.finish_button: is_begun,
            self.switch_button: is_rewriting
            and not self._withheld
            and written is not None
            and written.action is not TextAction.PROOFREAD,
            self.leave_button: written is not None and not is_begun,
            **{
                one: written is not None and not self._shows_changes and place not in self._withheld
                for place, one in self.place_buttons.items()
            },
        }
        for made, is_shown in shown.items():
            made.setVisible(is_shown)
        self.switch_button.setText("Show the text" if self._shows_changes else "Show changes")
        self.switch_button.setAccessibleName(self.switch_button.text())
        self.words.setVisible(not has_changes and bool(self.words.plain_text()))
        if self._shows_changes and not view.choices:
            self.words.hide()
        view.setVisible(has_changes)
        self.notes.setVisible(bool(self.notes.plain_text()))
        if is_on_one:
            self.say(f"Change {view.current + 1} of {len(view.choices)}. Enter takes it, Backspace leaves it.")
        elif is_begun:
            count = view.choices.count("taken")
            self.say(f"{count} of {len(view.choices)} taken.")
            if not view.open_changes and view.hasFocus():
                self.finish_button.setFocus(Qt.FocusReason.OtherFocusReason)
        restyle(self.accept_button)
        self.buttons.lay_out_again()
