"""Colours, type and words."""
