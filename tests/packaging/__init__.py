"""The scripts that make a checkout runnable."""
