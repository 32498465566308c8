"""The proof that nothing connects, and the ledger of what did."""
