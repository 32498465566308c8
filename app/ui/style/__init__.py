"""Colours, fonts and wording."""
