"""The commands on the window itself."""

from app.ui.navigation.command import Command

LOCK = Command("lock", "Lock now", lambda frame: frame.lock_wanted.emit(), "Ctrl+L")
ESCAPE = Command("escape", "Back", lambda frame: frame.escape(), "Esc")
COMMANDS = (LOCK, ESCAPE)
