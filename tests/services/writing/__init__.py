"""Tests of app.services.writing."""
