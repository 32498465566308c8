"""The vault's files on disk: their layout, locking, sealing and archiving."""
