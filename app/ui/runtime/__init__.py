"""What the window runs on: threads, the clipboard, garbage collection and unexpected errors."""
