"""Widgets shared by every conversation: messages, source cards, the question field and its drafts."""
