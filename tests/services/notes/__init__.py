"""Tests of app.services.notes."""
