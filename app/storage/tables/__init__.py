"""The rows of the vault, one file per noun."""
