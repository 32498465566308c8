"""Downloading a model: the only code that connects, its process, and the client that asks for it."""
