"""The pages before a vault is open."""
