"""Entering and keeping passphrases and recovery keys."""
