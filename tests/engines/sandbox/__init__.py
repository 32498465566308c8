"""Tests of app.engines.sandbox."""
