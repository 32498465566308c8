"""The proof that Tacit is offline, and the ledger of what was downloaded."""
