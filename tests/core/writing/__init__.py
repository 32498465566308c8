"""Tests of app.core.writing."""
