"""The settings chosen from a list: the theme, what a click plays, when Tacit locks, when the clipboard is cleared."""

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.core.settings import Settings
from app.ui.style.theme import Theme
from app.ui.widgets.form_rows import ChoiceButton, Section

_THEMES = (("As the system", "system"), ("Light", "light"), ("Dark", "dark"))
_MINUTES = (
    ("1 minute", 1), ("5 minutes", 5), ("15 minutes", 15), ("30 minutes", 30), ("1 hour", 60), ("Never", 0),
)  # fmt: skip
_SECONDS = (
    ("10 seconds", 10), ("30 seconds", 30), ("1 minute", 60), ("2 minutes", 120), ("5 minutes", 300), ("Never", 0),
)  # fmt: skip
_YES_OR_NO = (("Yes", True), ("No", False))


class AppearanceSettings(Section):
    """The appearance section; `theme_chosen` carries the theme."""

    theme_chosen = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, parent, "Appearance")
        row = self.add_row("Theme", "Light, dark, or as the rest of the system is.")
        self.theme_button = ChoiceButton(row, "Theme", _THEMES, theme.choice)
        self.theme_button.chosen.connect(lambda choice: self.theme_chosen.emit(choice))
        theme.changed.connect(lambda: self.theme_button.show_value(theme.choice))
        row.add_control(self.theme_button)


class PlayingSettings(Section):
    """The section on playing; `chosen` carries whether a click on a line plays it, once that is saved."""

    chosen = Signal(bool)

    def __init__(self, theme: Theme, parent: QWidget, current: Settings, keep: Callable[..., None]) -> None:
        super().__init__(theme, parent, "Transcript")
        row = self.add_row(
            "Play a line by a click",
            "A click on a word of a transcript plays from it, beside words from the start of the line. Either way a "
            "click on the time plays the line, and a double click selects words.",
        )
        self.by_click = ChoiceButton(row, "Play a line by a click", _YES_OR_NO, current.plays_on_click)
        self.by_click.chosen.connect(lambda value: keep(plays_on_click=value))
        self.by_click.chosen.connect(lambda value: self.chosen.emit(bool(value)))
        row.add_control(self.by_click)


class LockSettings(Section):
    """The locking section; `keep` saves a choice under the name of its setting."""

    def __init__(self, theme: Theme, parent: QWidget, current: Settings, keep: Callable[..., None]) -> None:
        super().__init__(theme, parent, "Locking")
        row = self.add_row(
            "Lock when nobody is here",
            "After this time without a key or a mouse. Locking ends the window's process, so that nothing of your "
            "calls stays in memory.",
        )
        self.minutes = ChoiceButton(row, "Lock after", _MINUTES, current.lock_after_minutes)
        self.minutes.chosen.connect(lambda value: keep(lock_after_minutes=value))
        row.add_control(self.minutes)
        row = self.add_row("Lock with the screen", "Also when the computer goes to sleep, where the system tells.")
        self.with_screen = ChoiceButton(row, "Lock with the screen", _YES_OR_NO, current.locks_with_screen)
        self.with_screen.chosen.connect(lambda value: keep(locks_with_screen=value))
        row.add_control(self.with_screen)
        row = self.add_row(
            "Clear the clipboard",
            "What you copy from a call or a chat leaves the clipboard after this time, unless something else was "
            "copied since.",
        )
        self.seconds = ChoiceButton(row, "Clear the clipboard after", _SECONDS, current.clipboard_seconds)
        self.seconds.chosen.connect(lambda value: keep(clipboard_seconds=value))
        row.add_control(self.seconds)
