"""The vault's files on disk: their places, locks, seals and archives."""
