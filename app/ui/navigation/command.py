"""A command: something a person can have done, with its title, its keys and when it can be done."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QKeyCombination, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence

if TYPE_CHECKING:
    from app.ui.navigation.page_frame import PageFrame


def _always(_: "PageFrame") -> bool:
    return True


@dataclass(frozen=True)
class Command:
    """One command. Shortcuts, menus and hints are made from it, so that its keys stand in one place.

    Attributes:
        id: what it is called in code, such as `call.rename`; never shown.
        title: what it is called in a menu; it ends with `…` if it asks before it acts.
        does: carries it out.
        keys: its shortcut in Qt's portable form, such as `Ctrl+K`; empty if it has none.
        is_enabled: whether it can be carried out now.
        yields_to_text: whether its key also types or edits text, or presses a button, as Space and Del do. Such a key
            is the command's only if the focused widget has no use for it.
    """

    id: str
    title: str
    does: Callable[["PageFrame"], object]
    keys: str = ""
    is_enabled: Callable[["PageFrame"], bool] = _always
    yields_to_text: bool = False

    @property
    def hint(self) -> str:
        """Its keys as a person reads them, such as `Ctrl K`; empty if it has none."""
        return QKeySequence(self.keys).toString(QKeySequence.SequenceFormat.NativeText).replace("+", " ")

    def with_hint(self, words: str) -> str:
        """Some words followed by its keys, such as `Lock now (Ctrl L)`."""
        return f"{words} ({self.hint})" if self.keys else words

    def has_key(self, event: QKeyEvent) -> bool:
        """Whether this key press is its shortcut."""
        without_keypad = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier  # which macOS sets for arrow keys
        pressed = QKeySequence(QKeyCombination(without_keypad, Qt.Key(event.key())))
        return bool(self.keys) and pressed == QKeySequence(self.keys)


class CommandRunner(Protocol):
    """What a widget needs to offer commands; the frame is one."""

    def run(self, command: Command) -> None:
        """Carry out a command, if that can be done now."""

    def can_run(self, command: Command) -> bool:
        """Whether a command can be carried out now."""


def command_for_key(commands: Iterable[Command], event: QKeyEvent) -> Command | None:
    """The command whose shortcut this key press is."""
    return next((command for command in commands if command.has_key(event)), None)
