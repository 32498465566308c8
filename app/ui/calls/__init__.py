"""The pages and views of calls."""
