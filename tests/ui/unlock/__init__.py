"""Tests of app.ui.unlock."""
