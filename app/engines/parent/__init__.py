"""The parent's side of engines: worker processes, the requests sent to them, and why they ended."""
