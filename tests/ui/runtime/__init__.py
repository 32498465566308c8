"""Tests of app.ui.runtime."""
