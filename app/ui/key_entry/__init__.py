"""Entering passphrases, and showing and saving recovery keys."""
