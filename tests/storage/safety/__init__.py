"""Tests of app.storage.safety."""
