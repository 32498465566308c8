"""Tests of app.services.tasks."""
