"""Tests of app.engines.audio_output."""
