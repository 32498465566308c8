"""Tests of app.engines."""
