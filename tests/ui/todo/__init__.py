"""Tests of app.ui.todo."""
