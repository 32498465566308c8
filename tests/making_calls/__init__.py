"""Makes recorded calls whose facts are known: what is said, by whom, when, and what follows from it."""
