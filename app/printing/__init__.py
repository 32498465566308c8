"""Drawing documents in pages, for the window and for commands: the one part beside the window that uses Qt."""
