"""Documents, read by the real worker."""
