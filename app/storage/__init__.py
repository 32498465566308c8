"""The encrypted vault on disk."""
