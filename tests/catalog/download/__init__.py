"""Tests of app.catalog.download."""
