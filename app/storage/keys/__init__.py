"""The vault's keys: header, slots, keychain and KDF cost."""
