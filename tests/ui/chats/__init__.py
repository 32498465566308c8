"""Tests of app.ui.chats."""
