"""Models that were damaged on purpose: each must be refused in words, or load and end, and the parent lives."""
