"""Tests of app.ui.privacy."""
