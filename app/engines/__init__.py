"""What computes: the engines, and the worker processes they run in."""
