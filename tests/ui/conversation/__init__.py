"""Tests of app.ui.conversation."""
