"""The commands on the window itself."""

from app.ui.navigation.command import Command

LOCK = Command("lock", "Lock now", lambda frame: frame.lock_wanted.emit(), "Ctrl+L")
ESCAPE = Command("escape", "Back", lambda frame: frame.escape(), "Esc")
SHORTCUTS = Command("shortcuts", "Keyboard shortcuts", lambda frame: frame.shortcuts_wanted.emit(), "F1")
COMMANDS = (LOCK, ESCAPE, SHORTCUTS)
