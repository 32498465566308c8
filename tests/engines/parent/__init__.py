"""Tests of app.engines.parent."""
