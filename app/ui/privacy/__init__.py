"""The page on privacy."""
