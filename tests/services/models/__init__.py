"""Tests of app.services.models."""
