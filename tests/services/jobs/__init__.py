"""Tests of app.services.jobs."""
