"""Tests of app.storage.database."""
