"""Tests of app.ui.style."""
