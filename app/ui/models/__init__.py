"""The pages and views of models."""
