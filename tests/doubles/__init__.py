"""Small honest classes that obey the same behaviour suites as the real ones."""
