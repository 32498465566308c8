"""Tests of app.storage.keys."""
