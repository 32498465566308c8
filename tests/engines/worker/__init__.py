"""Tests of app.engines.worker."""
