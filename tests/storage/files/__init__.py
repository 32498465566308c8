"""Tests of app.storage.files."""
