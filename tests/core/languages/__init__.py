"""Tests of app.core.languages."""
