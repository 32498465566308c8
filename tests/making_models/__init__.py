"""Models of random weights, made for tests: shapes and sizes are real, what they say is noise."""
