"""The pages shown before a vault is open."""
