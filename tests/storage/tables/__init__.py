"""Tests of app.storage.tables."""
