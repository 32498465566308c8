"""Tests of app.ui.notes."""
