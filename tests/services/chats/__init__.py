"""Tests of app.services.chats."""
