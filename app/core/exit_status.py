"""The exit statuses by which processes of ours tell each other something."""

LOCKED = 75
"""The window has locked itself: the launcher starts a new one, at the lock screen."""

RESTORING = 76
"""A backup is to be restored where the window may not write: the launcher starts a window that does that alone."""
