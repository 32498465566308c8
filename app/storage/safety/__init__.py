"""Keeping the vault whole: copies, checks, repair."""
