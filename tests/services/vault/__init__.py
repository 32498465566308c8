"""Tests of app.services.vault."""
