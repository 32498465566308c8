"""The use cases, one a module; they know engines as protocols and the vault as itself."""
