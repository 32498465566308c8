"""The parent's side of engines: worker processes, what is asked of them, and how they ended."""
