"""What the window runs on: threads, clipboard, garbage collection, unexpected errors."""
