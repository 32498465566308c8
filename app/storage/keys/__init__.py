"""The vault's keys: header, slots, keychain, cost."""
