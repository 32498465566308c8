"""The models that are on this disk: found, verified, brought in, packed."""
