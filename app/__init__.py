"""Tacit: a private assistant for calls, on this computer alone."""

__version__ = "0.1.0"
