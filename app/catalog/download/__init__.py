"""Fetching a model: the one code that connects, its process, and who asks it."""
