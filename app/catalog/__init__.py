"""Which models exist, and which are installed."""
