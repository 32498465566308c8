"""Tests of app.services.hardware."""
