"""Tests of app.ui.writing."""
